"""Invoices: every figure that follows from their lines, and how Swedish invoices write and check figures.

Money is in öre (`int`), quantities are exact (`Decimal`), dates are calendar dates in Sweden.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum, IntEnum
from functools import cached_property
from typing import Final

NO_BREAK_SPACE: Final = "\N{NO-BREAK SPACE}"
MINUS_SIGN: Final = "\N{MINUS SIGN}"
_SWEDISH_MARKS: Final = str.maketrans({",": NO_BREAK_SPACE, ".": ",", "-": MINUS_SIGN})
_ORE_PER_KRONA: Final = 100


def half_up(numerator: int, denominator: int) -> int:
    """The nearest whole number to a fraction, halves away from zero, so that a credit mirrors its debit.

    `denominator` is positive.
    """
    nearest = (2 * abs(numerator) + denominator) // (2 * denominator)
    return -nearest if numerator < 0 else nearest


def whole_kronor(ore: int) -> int:
    """An amount in öre rounded to whole kronor, still in öre."""
    return half_up(ore, _ORE_PER_KRONA) * _ORE_PER_KRONA


def amount(ore: int) -> str:
    """An amount in öre as people read it, `1 543,00`, with spaces at which no line breaks."""
    return _written(f"{Decimal(ore).scaleb(-2):,.2f}")


def quantity(number: Decimal) -> str:
    """A quantity as people read it, `12,375`, with no more decimals than it has."""
    return _written(f"{number.normalize():,f}")


def plain_amount(ore: int) -> str:
    """A positive amount in öre as machines read it in Sweden: `1543,00`."""
    return amount(ore).replace(NO_BREAK_SPACE, "")


def luhn_digit(digits: str) -> int:
    """The digit that makes `digits` followed by it pass the Luhn check (modulus 10)."""
    doubled = (int(digit) * factor for digit, factor in zip(reversed(digits), _two_one(len(digits)), strict=True))
    return -sum(product // 10 + product % 10 for product in doubled) % 10


def ocr_reference(number: str) -> str:
    """The OCR reference of an invoice number: its digits, a length digit, a Luhn check digit (1001 gives 100164).

    The length digit counts the whole reference, itself and the check digit included, modulus 10.
    Raises ValueError for a number without any digit, which has no reference.
    """
    digits = "".join(character for character in number if character in "0123456789")
    if not digits:
        raise ValueError(f"the invoice number {number!r} has no digit to make an OCR reference of")
    with_length = digits + str((len(digits) + 2) % 10)
    return with_length + str(luhn_digit(with_length))


def _written(english: str) -> str:
    return english.translate(_SWEDISH_MARKS)


def _two_one(length: int) -> list[int]:
    return [2 - position % 2 for position in range(length)]


class VatRate(IntEnum):
    """The rates of Swedish value added tax, in per cent."""

    STANDARD = 25
    REDUCED = 12
    LOW = 6
    ZERO = 0


class InvoiceState(Enum):
    """What has become of an invoice: only an open one can be paid."""

    OPEN = "open"
    PAID = "paid"
    CREDITED = "credited"


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A company or a person on an invoice; `address` holds the lines below the name, the country last if abroad."""

    name: str
    address: tuple[str, ...]
    organisation_number: str = ""
    vat_number: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller(Party):
    """The party that is paid, and where to; `swish` is its merchant number, empty if it takes no Swish."""

    bankgiro: str
    phone: str = ""
    swish: str = ""
    f_tax: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine:
    """One line: `quantity` of `unit` at `unit_price` öre each, VAT excluded. A discount has a negative price."""

    description: str
    quantity: Decimal
    unit: str
    unit_price: int
    vat_rate: VatRate

    @property
    def amount(self) -> int:
        """What the line costs in öre, VAT excluded."""
        numerator, denominator = self.quantity.as_integer_ratio()
        return half_up(numerator * self.unit_price, denominator)


@dataclass(frozen=True, slots=True)
class VatShare:
    """What is taxed at one rate, and the tax, both in öre."""

    rate: VatRate
    taxable: int
    vat: int


@dataclass(frozen=True, slots=True)
class InvoiceReference:
    """Another invoice, as a credit note names the one that it takes back."""

    id: str
    number: str


@dataclass(frozen=True, kw_only=True)
class Invoice:
    """One invoice of Lime CRM, and the payment action that Billecta knows it by.

    `id` is Lime's object id, `action_id` is Billecta's ActionPublicId, `number` is what people call the invoice.
    `has_document` is False while Billecta has made no PDF of it. `credit_of` names the invoice that this
    one credits; a credit note has negative quantities and is itself in the state CREDITED.
    """

    id: str
    number: str
    action_id: str
    seller: Seller
    buyer: Party
    issued: date
    due: date
    lines: tuple[InvoiceLine, ...]
    state: InvoiceState = InvoiceState.OPEN
    has_document: bool = True
    credit_of: InvoiceReference | None = None
    terms: str = ""
    reference: str = ""
    seller_reference: str = ""
    note: str = ""

    def __hash__(self) -> int:
        # The lines are left out: documents are looked up by invoice on every request, and equality still sees them.
        return hash((self.id, self.number, self.action_id, self.issued))

    @property
    def is_credit_note(self) -> bool:
        """Whether this takes back another invoice instead of asking for money."""
        return self.credit_of is not None or self.total < 0

    @property
    def vat_shares(self) -> tuple[VatShare, ...]:
        """Taxable amount and VAT for each rate in use, the highest rate first."""
        rates = sorted({line.vat_rate for line in self.lines}, reverse=True)
        return tuple(self._vat_share(rate) for rate in rates)

    @property
    def net(self) -> int:
        """The sum of the lines in öre, VAT excluded."""
        return sum(line.amount for line in self.lines)

    @property
    def vat(self) -> int:
        """The sum of the VAT in öre."""
        return sum(share.vat for share in self.vat_shares)

    @property
    def rounding(self) -> int:
        """The öre that are added (or, negative, taken away) to reach whole kronor."""
        exact = self.net + self.vat
        return whole_kronor(exact) - exact

    @cached_property
    def total(self) -> int:
        """What is to be paid in öre, always whole kronor; negative on a credit note."""
        return whole_kronor(self.net + self.vat)

    @property
    def outstanding(self) -> int:
        """What can still be paid in öre: nothing once the invoice is paid or credited, or if it asks for nothing."""
        return max(self.total, 0) if self.state is InvoiceState.OPEN else 0

    @property
    def ocr(self) -> str:
        """The OCR reference that a payment must carry."""
        return ocr_reference(self.number)

    @property
    def payment_terms(self) -> str:
        """The terms as agreed, or the days that the due date leaves."""
        return self.terms or f"{(self.due - self.issued).days} dagar netto"

    @property
    def swish_payload(self) -> str | None:
        """What the Swish QR code says (payee, amount, message; nothing editable), or None if there is none to pay."""
        if self.total <= 0 or not self.seller.swish:
            return None
        return f"C{self.seller.swish};{plain_amount(self.total)};{self.ocr};0"

    def _vat_share(self, rate: VatRate) -> VatShare:
        taxable = sum(line.amount for line in self.lines if line.vat_rate == rate)
        return VatShare(rate, taxable, half_up(taxable * rate, 100))
