"""A valid seed document made into a dataset, with the rules that no schema can state."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Final

from billecta_mock.domain.auth import ApiKey
from billecta_mock.domain.invoices import Invoice, InvoiceLine, InvoiceReference, InvoiceState, Party, Seller, VatRate
from billecta_mock.domain.world import Dataset
from billecta_mock.store.seed_validation import (
    InvoiceEntry,
    KeyEntry,
    LineEntry,
    PartyEntry,
    Path,
    SeedDocument,
    SeedSyntaxError,
    SellerEntry,
    json_pointer,
)

_LARGEST_LINE: Final = 100_000_000_000


def build(document: SeedDocument, operations: frozenset[str]) -> Dataset:
    """The dataset that a schema-valid document describes; `operations` are what `all` stands for.

    Raises SeedSyntaxError for what is inconsistent: repeated ids, names of things that are not there, impossible dates.
    """
    invoices = _invoices(document)
    return Dataset(_keys(document.get("keys", []), invoices, operations), invoices)


def _invoices(document: SeedDocument) -> tuple[Invoice, ...]:
    entries = document.get("invoices", [])
    if not entries:
        return ()
    if "seller" not in document:
        raise SeedSyntaxError(("invoices",), "invoices need a seller; add 'seller' beside them")
    return _InvoiceBuilder(entries, document["seller"], document.get("customers", {})).built()


def _keys(entries: list[KeyEntry], invoices: tuple[Invoice, ...], operations: frozenset[str]) -> tuple[ApiKey, ...]:
    _refuse_repeats("API key", ((("keys", index, "key"), entry["key"]) for index, entry in enumerate(entries)))
    known = frozenset(invoice.id for invoice in invoices)
    return tuple(_key(entry, ("keys", index), known, operations) for index, entry in enumerate(entries))


def _key(entry: KeyEntry, path: Path, known: frozenset[str], operations: frozenset[str]) -> ApiKey:
    allowed, visible = entry.get("operations", "all"), entry.get("invoices", "all")
    if visible != "all":
        _refuse_unknown_invoices(visible, (*path, "invoices"), known)
    return ApiKey(
        value=entry["key"],
        name=entry["name"],
        operations=operations if allowed == "all" else frozenset(allowed),
        invoices=None if visible == "all" else frozenset(visible),
    )


def _refuse_unknown_invoices(ids: Iterable[str], path: Path, known: frozenset[str]) -> None:
    for index, invoice_id in enumerate(ids):
        if invoice_id not in known:
            raise SeedSyntaxError(
                (*path, index), f"there is no invoice with the id {invoice_id!r} in this seed; name one that is"
            )


class _InvoiceBuilder:
    """Builds the invoices of one document, with the seller, customers and numbers that they share."""

    def __init__(self, entries: list[InvoiceEntry], seller: SellerEntry, customers: dict[str, PartyEntry]) -> None:
        self._entries = entries
        self._seller = _seller(seller)
        self._customers = {name: _party(entry) for name, entry in customers.items()}
        self._numbers = {entry["id"]: entry["number"] for entry in self._entries}

    def built(self) -> tuple[Invoice, ...]:
        self._refuse_repeats()
        return tuple(self._invoice(entry, ("invoices", index)) for index, entry in enumerate(self._entries))

    def _refuse_repeats(self) -> None:
        entries = self._entries
        _refuse_repeats("invoice id", ((("invoices", i, "id"), entry["id"]) for i, entry in enumerate(entries)))
        _refuse_repeats(
            "invoice number", ((("invoices", i, "number"), entry["number"]) for i, entry in enumerate(entries))
        )
        _refuse_repeats("action id", ((("invoices", i, "action"), entry["action"]) for i, entry in enumerate(entries)))

    def _invoice(self, entry: InvoiceEntry, path: Path) -> Invoice:
        issued, due = _dates(entry, path)
        return Invoice(
            id=entry["id"],
            number=entry["number"],
            action_id=entry["action"],
            seller=self._seller,
            buyer=self._buyer(entry["buyer"], (*path, "buyer")),
            issued=issued,
            due=due,
            lines=tuple(_line(line, (*path, "lines", index)) for index, line in enumerate(entry["lines"])),
            state=_state(entry, path),
            has_document=entry.get("document", True),
            credit_of=self._credited(entry, (*path, "credit_of")),
            terms=entry.get("terms", ""),
            reference=entry.get("reference", ""),
            seller_reference=entry.get("seller_reference", ""),
            note=entry.get("note", "").rstrip(),
        )

    def _buyer(self, buyer: str | PartyEntry, path: Path) -> Party:
        if isinstance(buyer, dict):
            return _party(buyer)
        if buyer not in self._customers:
            raise SeedSyntaxError(
                path, f"there is no customer {buyer!r} in this seed; add it under 'customers' or name another"
            )
        return self._customers[buyer]

    def _credited(self, entry: InvoiceEntry, path: Path) -> InvoiceReference | None:
        credited = entry.get("credit_of")
        if credited is None:
            return None
        if credited not in self._numbers or credited == entry["id"]:
            raise SeedSyntaxError(
                path, f"{credited!r} is not the id of another invoice in this seed; name the credited one"
            )
        return InvoiceReference(credited, self._numbers[credited])


def _party(entry: PartyEntry) -> Party:
    return Party(
        name=entry["name"],
        address=tuple(entry["address"]),
        organisation_number=entry.get("organisation_number", ""),
        vat_number=entry.get("vat_number", ""),
        email=entry.get("email", ""),
    )


def _seller(entry: SellerEntry) -> Seller:
    return Seller(
        name=entry["name"],
        address=tuple(entry["address"]),
        organisation_number=entry.get("organisation_number", ""),
        vat_number=entry.get("vat_number", ""),
        email=entry.get("email", ""),
        phone=entry.get("phone", ""),
        bankgiro=entry["bankgiro"],
        swish=entry.get("swish", ""),
        f_tax=entry.get("f_tax", True),
    )


def _state(entry: InvoiceEntry, path: Path) -> InvoiceState:
    is_credit_note = "credit_of" in entry
    state = InvoiceState(entry.get("state", "credited" if is_credit_note else "open"))
    if is_credit_note and state is not InvoiceState.CREDITED:
        raise SeedSyntaxError((*path, "state"), f"a credit note cannot be {state.value!r}; leave its state out")
    return state


def _dates(entry: InvoiceEntry, path: Path) -> tuple[date, date]:
    issued = _date(entry["issued"], (*path, "issued"))
    due = _date(entry["due"], (*path, "due"))
    if due < issued:
        raise SeedSyntaxError((*path, "due"), f"the due date {due} is before the issue date {issued}; give a later one")
    return issued, due


def _date(text: str, path: Path) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise SeedSyntaxError(path, f"the calendar has no {text}; write an existing date as YYYY-MM-DD") from None


def _line(entry: LineEntry, path: Path) -> InvoiceLine:
    line = InvoiceLine(
        description=entry["text"].rstrip(),
        quantity=_exact(entry["quantity"], 3, (*path, "quantity")),
        unit=entry["unit"],
        unit_price=int(_exact(entry["price"], 2, (*path, "price")).scaleb(2)),
        vat_rate=VatRate(entry["vat"]),
    )
    if abs(line.amount) > _LARGEST_LINE:
        raise SeedSyntaxError(path, "this line comes to more than 1 000 000 000 kronor; lower its quantity or price")
    return line


def _exact(number: float, decimals: int, path: Path) -> Decimal:
    """The decimal that was written; a float's shortest spelling gives it back, within the schema's bounds."""
    exact = Decimal(repr(number)).normalize()
    exponent = exact.as_tuple().exponent
    if isinstance(exponent, int) and -exponent > decimals:
        raise SeedSyntaxError(path, f"{number} has more than {decimals} decimals; round it")
    return exact


def _refuse_repeats(what: str, places: Iterable[tuple[Path, str]]) -> None:
    first: dict[str, Path] = {}
    for path, value in places:
        if value in first:
            taken = json_pointer(first[value])
            raise SeedSyntaxError(path, f"the {what} {value!r} is taken already, at {taken}; give each its own")
        first[value] = path
