"""State in the memory of one process."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from mock_server.domain.journal import Exchange
from mock_server.domain.swish import Payment
from mock_server.domain.world import World
from mock_server.store.protocol import StoreFullError


@dataclass(frozen=True, slots=True)
class Bounds:
    """The most that is kept: worlds, and in each of them payments and exchanges of the journal."""

    worlds: int
    payments: int
    exchanges: int


class MemoryStore:
    """A Store that ends with its process and is not shared between processes."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._shelves: dict[str, _Shelf] = {}

    def databases(self) -> list[str]:
        """The names of all worlds, sorted."""
        return sorted(self._shelves)

    def world(self, database: str) -> World | None:
        """The world with this name."""
        shelf = self._shelves.get(database)
        return shelf.world if shelf else None

    def put_world(self, world: World) -> None:
        """Set what is set about a world; a new one starts with neither payments nor journal.

        Raises StoreFullError for a new one beyond the bound.
        """
        shelf = self._shelves.get(world.database)
        if shelf:
            shelf.world = world
            return
        if len(self._shelves) >= self._bounds.worlds:
            raise StoreFullError(f"there are {self._bounds.worlds} worlds already")
        self._shelves[world.database] = _Shelf(world, self._bounds.exchanges)

    def clear_world(self, database: str) -> None:
        """Drop a world's payments and journal."""
        shelf = self._shelves[database]
        self._shelves[database] = _Shelf(shelf.world, self._bounds.exchanges)

    def delete_world(self, database: str) -> bool:
        """Drop a world and all that is in it; False where there was none."""
        return self._shelves.pop(database, None) is not None

    def payment(self, database: str, request_id: str) -> Payment | None:
        """The payment as it was last put, not settled."""
        shelf = self._shelves.get(database)
        return shelf.payments.get(request_id) if shelf else None

    def last_payment(self, database: str, phone: str) -> Payment | None:
        """The newest payment for this normalised phone number."""
        shelf = self._shelves[database]
        request_id = shelf.request_of_phone.get(phone)
        return shelf.payments[request_id] if request_id else None

    def payments(self, database: str) -> Iterator[Payment]:
        """All payments of a world, newest first."""
        return iter(list(reversed(self._shelves[database].payments.values())))

    def put_payment(self, database: str, payment: Payment) -> None:
        """Add a payment, or replace the one with the same id; the oldest payment goes where there are too many."""
        shelf = self._shelves[database]
        if payment.request_id not in shelf.payments:
            shelf.request_of_phone[payment.phone] = payment.request_id
        shelf.payments[payment.request_id] = payment
        if len(shelf.payments) > self._bounds.payments:
            shelf.drop_oldest_payment()

    def add_exchange(self, database: str, exchange: Exchange) -> int:
        """Add to the journal and give its number there; the oldest exchange goes where the journal is full.

        Nothing is kept where there is no world; its number is 0.
        """
        shelf = self._shelves.get(database)
        if shelf is None:
            return 0
        shelf.journal.append(exchange)
        shelf.exchanges_added += 1
        return shelf.exchanges_added

    def exchanges(self, database: str) -> Iterator[tuple[int, Exchange]]:
        """The journal of a world, newest first. Exchanges are numbered from 1, as they were added."""
        shelf = self._shelves[database]
        return zip(count(shelf.exchanges_added, -1), list(reversed(shelf.journal)), strict=False)

    def clear_exchanges(self, database: str) -> None:
        """Empty the journal of a world."""
        self._shelves[database].journal.clear()


class _Shelf:
    """One world and what grew in it."""

    __slots__ = ("exchanges_added", "journal", "payments", "request_of_phone", "world")

    def __init__(self, world: World, journal_size: int) -> None:
        self.world = world
        self.payments: dict[str, Payment] = {}
        self.request_of_phone: dict[str, str] = {}
        self.journal: deque[Exchange] = deque(maxlen=journal_size)
        self.exchanges_added = 0

    def drop_oldest_payment(self) -> None:
        oldest = self.payments.pop(next(iter(self.payments)))
        if self.request_of_phone[oldest.phone] == oldest.request_id:
            del self.request_of_phone[oldest.phone]
