"""The shape of a seed document once the schema has passed it; `seed.schema.json` tells what each member means."""

from typing import Literal, NotRequired, TypedDict


class KeyEntry(TypedDict):
    """An API key and what its user may do."""

    key: str
    name: str
    operations: NotRequired[Literal["all"] | list[str]]
    invoices: NotRequired[Literal["all"] | list[str]]


class PartyEntry(TypedDict):
    """A customer."""

    name: str
    address: list[str]
    organisation_number: NotRequired[str]
    vat_number: NotRequired[str]
    email: NotRequired[str]


class SellerEntry(PartyEntry):
    """The company that sends the invoices."""

    bankgiro: str
    phone: NotRequired[str]
    swish: NotRequired[str]
    f_tax: NotRequired[bool]


class LineEntry(TypedDict):
    """An invoice line; its price is in kronor."""

    text: str
    quantity: float
    unit: str
    price: float
    vat: int


class InvoiceEntry(TypedDict):
    """An invoice or, with `credit_of`, a credit note."""

    id: str
    number: str
    action: str
    state: NotRequired[Literal["open", "paid", "credited"]]
    document: NotRequired[bool]
    buyer: str | PartyEntry
    issued: str
    due: str
    credit_of: NotRequired[str]
    terms: NotRequired[str]
    reference: NotRequired[str]
    seller_reference: NotRequired[str]
    note: NotRequired[str]
    lines: list[LineEntry]


class SeedDocument(TypedDict):
    """The whole document."""

    keys: NotRequired[list[KeyEntry]]
    seller: NotRequired[SellerEntry]
    customers: NotRequired[dict[str, PartyEntry]]
    invoices: NotRequired[list[InvoiceEntry]]
