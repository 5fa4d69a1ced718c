"""How Swedish invoices write and check their figures: rounding, amounts, Luhn digits, OCR references."""

from decimal import Decimal
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
