"""The payments of a world, seen from behind."""

from collections.abc import Sequence
from typing import Final

from billecta_mock.client.connection import Connection
from billecta_mock.client.errors import is_explained
from billecta_mock.client.forms import Decision
from billecta_mock.client.records import Payment

__tracebackhide__ = is_explained
_MOST: Final = 1000


class Payments:
    """Swish payment requests: look at them, and be the payer or the bank."""

    def __init__(self, connection: Connection, database: str) -> None:
        self._connection = connection
        self._path = ("worlds", database, "payments")

    def list(self) -> Sequence[Payment]:
        """As they are now, newest first; at most 1000."""
        document = self._connection.ask("GET", *self._path, query={"limit": _MOST})
        return [Payment.read(each) for each in document["payments"]]

    def latest(self) -> Payment:
        """The newest. Raises LookupError where there is none."""
        payments = self.list()
        if not payments:
            raise LookupError(f"no payment has been created in the world '{self._path[1]}'")
        return payments[0]

    def decide(self, requestid: str, status: Decision) -> Payment:
        """What the payer or the bank decides. Raises ControlError: 404 for no such payment, 409 where it cannot be."""
        return Payment.read(self._connection.ask("POST", *self._path, requestid, "decide", body={"status": status}))
