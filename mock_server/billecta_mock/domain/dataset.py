"""What a world is seeded with: its keys and its invoices, found by id in constant time."""

from dataclasses import dataclass
from functools import cached_property

from billecta_mock.domain.access import ApiKey, KeyRing
from billecta_mock.domain.invoices import Invoice
from billecta_mock.domain.near_keys import NearKeys


@dataclass(frozen=True)
class Dataset:
    """The keys and invoices of one world. Ids, action ids and key values are unique; nothing here ever changes."""

    keys: tuple[ApiKey, ...] = ()
    invoices: tuple[Invoice, ...] = ()

    def invoice(self, invoice_id: str) -> Invoice | None:
        """The invoice with this id of Lime CRM."""
        return self._by_id.get(invoice_id)

    def invoice_of_action(self, action_id: str) -> Invoice | None:
        """The invoice with this ActionPublicId of Billecta."""
        return self._by_action.get(action_id)

    @cached_property
    def key_ring(self) -> KeyRing:
        """The keys, ready to be looked up."""
        return KeyRing(self.keys)

    @cached_property
    def near_keys(self) -> NearKeys:
        """The keys, ready to be compared with one that is none of them."""
        return NearKeys(self.keys)

    @cached_property
    def key_values(self) -> frozenset[str]:
        """What the keys are, to be looked for where no key belongs."""
        return frozenset(key.value for key in self.keys)

    @cached_property
    def _by_id(self) -> dict[str, Invoice]:
        return {invoice.id: invoice for invoice in self.invoices}

    @cached_property
    def _by_action(self) -> dict[str, Invoice]:
        return {invoice.action_id: invoice for invoice in self.invoices}
