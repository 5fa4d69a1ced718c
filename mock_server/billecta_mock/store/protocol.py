"""What every store can do. Whoever needs state asks for this protocol; nobody keeps any of their own."""

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from billecta_mock.domain.actions import HitCount, Quota, RuleLimits
from billecta_mock.domain.journal import Exchange
from billecta_mock.domain.payments import Payment
from billecta_mock.domain.rules import RuleKind
from billecta_mock.domain.world import World


class StoreFullError(Exception):
    """There is no room for another world."""


class Store(Protocol):
    """Worlds, and for each of them its payments and its journal; none of them grows without bound.

    A store is used from the thread of one event loop. A world is named by its database. Asking for what is not there
    gives None or nothing; adding to a world that is not there raises KeyError. Each call is whole in itself.
    """

    def databases(self) -> list[str]:
        """The names of all worlds, sorted."""
        ...

    def world(self, database: str) -> World | None:
        """The world with this name."""
        ...

    def put_world(self, world: World) -> None:
        """Set what is set about a world; a new one starts with neither payments nor journal.

        Raises StoreFullError for a new one beyond the bound.
        """
        ...

    def clear_world(self, database: str) -> None:
        """Drop a world's payments and journal."""
        ...

    def delete_world(self, database: str) -> bool:
        """Drop a world and all that is in it; False where there was none."""
        ...

    def payment(self, database: str, request_id: str) -> Payment | None:
        """The payment as it was last put, not settled."""
        ...

    def last_payment(self, database: str, phone: str) -> Payment | None:
        """The newest payment for this normalised phone number."""
        ...

    def payments(self, database: str) -> Iterator[Payment]:
        """All payments of a world, newest first."""
        ...

    def put_payment(self, database: str, payment: Payment) -> None:
        """Add a payment, or replace the one with the same id; the oldest payment goes where there are too many."""
        ...

    def record_hit(self, database: str, kind: RuleKind, name: str, limits: RuleLimits) -> int | None:
        """Count a request for a rule. Its number, from 0, if the rule matches for it."""
        ...

    def take_slot(self, database: str, quota: Quota, client: str, owner: tuple[RuleKind, str], now: datetime) -> float:
        """Count a request of a client against the quota of a rule. The seconds until it may come again; 0: it may."""
        ...

    def turns(self, database: str, kind: RuleKind, name: str) -> HitCount:
        """What a rule has seen so far."""
        ...

    def forget_turns(self, database: str, kind: RuleKind, name: str) -> None:
        """Let a rule begin again."""
        ...

    def add_exchange(self, database: str, exchange: Exchange) -> int:
        """Add to the journal and give its number there; the oldest exchange goes where the journal is full.

        Nothing is kept where there is no world; its number is 0.
        """
        ...

    def exchanges(self, database: str, after: int = 0) -> Iterator[tuple[int, Exchange]]:
        """The journal of a world, newest first: those numbered above `after`.

        Exchanges are numbered from 1, as they were added; the numbers go on when the journal is emptied.
        """
        ...

    def exchanges_after(self, database: str, after: int) -> Iterator[tuple[int, Exchange]]:
        """The same, oldest first."""
        ...

    def dropped(self, database: str, after: int) -> int:
        """How many exchanges numbered above `after` went because the journal was full, not because it was emptied."""
        ...

    def last_number(self, database: str) -> int:
        """The number of the newest exchange that the journal of a world was ever given; 0 for none."""
        ...

    async def wait_for_exchange(self, database: str, after: int) -> bool:
        """Wait until the journal of a world has an exchange numbered above `after`, and give True.

        False when none will come any more: the world is gone, or `end_waits` was called. Whoever waits is not told
        what came, so nothing is kept for a slow reader.
        """
        ...

    def end_waits(self) -> None:
        """Let everyone go who waits, and nobody wait again: the server stops."""
        ...

    def clear_exchanges(self, database: str) -> None:
        """Empty the journal of a world."""
        ...
