"""What a defect may look at: a request as it came in, and what its world knows about it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlencode

from billecta_mock.domain.auth import ApiKey
from billecta_mock.domain.journal import Exchange
from billecta_mock.domain.payments import Payment
from billecta_mock.domain.world import World
from billecta_mock.http import KEY_HEADER, Headers

INVOICES: Final = "/fetch-invoice-pdf/"
PAYMENTS: Final = "/payments/swish/"
READING: Final = frozenset({"GET", "HEAD"})

_SPARE_PHONES: Final = 80


class RequestView(NamedTuple):
    """A request as it came in: `path` raw, without the world's name and the package's; header names in lower case.

    `key_name` is the name of the key's header as its sender wrote it.
    """

    method: str
    path: str
    query: bytes
    headers: Headers
    key_name: bytes = KEY_HEADER

    def header(self, name: bytes) -> str:
        """The value of the first such header; empty where there is none."""
        return next((value.decode(errors="surrogateescape") for each, value in self.headers if each == name), "")

    @property
    def has_key(self) -> bool:
        """Whether a key was sent at all, be it an empty one."""
        return any(name == KEY_HEADER for name, _ in self.headers)

    @property
    def key(self) -> str:
        """The key that was presented; empty where there was none."""
        return self.header(KEY_HEADER)

    @property
    def is_for_invoice(self) -> bool:
        """Whether the path is that of an invoice."""
        return self.path.startswith(INVOICES)

    @property
    def is_for_payment(self) -> bool:
        """Whether the path is that of an action or a payment request."""
        return self.path.startswith(PAYMENTS)

    @property
    def is_create(self) -> bool:
        """Whether a payment request is asked for."""
        return self.is_for_payment and self.method == "POST"

    @property
    def is_read(self) -> bool:
        """Whether the status of a payment request is asked for."""
        return self.is_for_payment and self.method in READING

    @property
    def resource(self) -> str | None:
        """The id in the path, decoded; None for a path that has none."""
        place = self._place
        if place is None:
            return None
        return unquote(self.path.removeprefix(place).removesuffix("/"), errors="surrogateescape")

    @property
    def segment(self) -> str:
        """The id in the path, raw; empty for a path that has none."""
        return self.path.removeprefix(self._place or self.path).removesuffix("/")

    @property
    def _place(self) -> str | None:
        return next((place for place in (INVOICES, PAYMENTS) if self.path.startswith(place)), None)

    @property
    def parameters(self) -> dict[str, str]:
        """The query parameters as text; of a repeated one the last."""
        return dict(parse_qsl(self.query.decode("latin-1"), keep_blank_values=True, errors="replace"))

    def with_key(self, key: str) -> "RequestView":
        """The same request under another key."""
        return self._replace(headers=(*self.without_key().headers, (KEY_HEADER, key.encode())))

    def without_key(self) -> "RequestView":
        """The same request under no key."""
        return self._replace(headers=tuple(pair for pair in self.headers if pair[0] != KEY_HEADER))

    def with_resource(self, resource: str) -> "RequestView":
        """The same request for another id; a request without one stays as it is."""
        place = self._place
        if place is None:
            return self
        return self._replace(path=f"{place}{quote(resource, safe='')}{'/' if place == INVOICES else ''}")

    def with_parameters(self, parameters: Mapping[str, str]) -> "RequestView":
        """The same request with these query parameters."""
        return self._replace(query=urlencode(parameters, quote_via=quote).encode())


@dataclass(frozen=True, slots=True)
class DefectContext:
    """What a defect may know: the request as it came in, where it leads, and what happened in its world before.

    `operation` is None for a route that the contract does not have, and on the way in, where nothing is known yet but
    what was asked. `key` is the key whose user the server took the caller for; None on the way in, and for a caller
    whom it did not let in. `now` is by the world's clock. `number` is that of this exchange in the journal. `earlier`
    gives the exchanges before it, `payments` all payments of the world, both newest first; `neighbours` the other
    worlds of the server.
    """

    world: World
    request: RequestView
    operation: str | None
    key: ApiKey | None
    now: datetime
    number: int
    earlier: Callable[[], Iterator[Exchange]]
    payments: Callable[[], Iterator[Payment]]
    neighbours: Callable[[], Iterator[World]]

    @property
    def holder(self) -> ApiKey | None:
        """The key of this world that was presented, to the letter."""
        presented = self.request.key
        return next((key for key in self.world.dataset.keys if key.value == presented), None)

    @property
    def strongest_key(self) -> ApiKey | None:
        """The key that may do most: whoever slips past the lock is taken for its user."""
        keys = self.world.dataset.keys
        return max(keys, key=lambda key: (len(key.operations), key.invoices is None), default=None)

    @property
    def names_invoice(self) -> bool:
        """Whether the path is that of an invoice of this world."""
        return self.request.is_for_invoice and self.world.dataset.invoice(self.request.resource or "") is not None

    @property
    def names_action(self) -> bool:
        """Whether the path is that of an invoice action of this world."""
        return (
            self.request.is_for_payment
            and self.world.dataset.invoice_of_action(self.request.resource or "") is not None
        )

    @property
    def names_payment(self) -> bool:
        """Whether the path is that of a payment request of this world."""
        return self.payment is not None

    @property
    def payment(self) -> Payment | None:
        """The payment request that the path names."""
        if not self.request.is_for_payment:
            return None
        resource = self.request.resource
        return next((payment for payment in self.payments() if payment.request_id == resource), None)

    @property
    def is_hidden(self) -> bool:
        """Whether the path is that of an invoice that object access hides from the caller."""
        return self.key is not None and self.names_invoice and not self.key.may_see(self.request.resource or "")

    @property
    def spare_phone(self) -> str:
        """A phone number in the range for fiction that is unlikely to have a live request."""
        return f"467017406{20 + self.number % _SPARE_PHONES}"
