"""State in the memory of one process."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import count, islice
from typing import Final

from billecta_mock.domain.actions import HitCount, Quota, RuleLimits
from billecta_mock.domain.journal import Exchange
from billecta_mock.domain.payments import Payment
from billecta_mock.domain.rules import RuleKind
from billecta_mock.domain.world import World
from billecta_mock.store.protocol import StoreFullError

_MOST_CLIENTS: Final = 10_000


class RuleCounters:
    """Counts for each rule of a world. Of too many clients of quotas it forgets those that were silent for longest."""

    def __init__(self) -> None:
        self._turns: dict[tuple[RuleKind, str], HitCount] = {}
        self._windows: dict[tuple[tuple[RuleKind, str], str], tuple[datetime, int]] = {}

    def turns(self, kind: RuleKind, name: str) -> HitCount:
        """What this rule has seen."""
        return self._turns.get((kind, name), HitCount())

    def record_hit(self, kind: RuleKind, name: str, limits: RuleLimits) -> int | None:
        """Count a request for a rule. Its number, from 0, if the rule matches for it."""
        turns = self.turns(kind, name)
        fires = limits.fires(turns)
        self._turns[kind, name] = HitCount(turns.seen + 1, turns.fired + fires)
        return turns.seen if fires else None

    def take_slot(self, quota: Quota, client: str, owner: tuple[RuleKind, str], now: datetime) -> float:
        """Count a request of a client against the quota of a rule. The seconds until it may come again; 0: it may."""
        started, used = self._windows.pop((owner, client), (now, 0))
        if now >= started + quota.period:
            started, used = now, 0
        is_over = used >= quota.requests
        self._windows[owner, client] = (started, used + (not is_over))
        if len(self._windows) > _MOST_CLIENTS:
            del self._windows[next(iter(self._windows))]
        return (started + quota.period - now).total_seconds() if is_over else 0

    def forget(self, kind: RuleKind, name: str) -> None:
        """Begin again for this rule."""
        self._turns.pop((kind, name), None)
        for window in [window for window in self._windows if window[0] == (kind, name)]:
            del self._windows[window]


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
        self._ended = False

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
        self._shelves[database].clear()

    def delete_world(self, database: str) -> bool:
        """Drop a world and all that is in it; False where there was none."""
        shelf = self._shelves.pop(database, None)
        if shelf is None:
            return False
        shelf.wake(more=False)
        return True

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

    def record_hit(self, database: str, kind: RuleKind, name: str, limits: RuleLimits) -> int | None:
        """Count a request for a rule. Its number, from 0, if the rule matches for it."""
        shelf = self._shelves.get(database)
        return shelf.counters.record_hit(kind, name, limits) if shelf else None

    def take_slot(self, database: str, quota: Quota, client: str, owner: tuple[RuleKind, str], now: datetime) -> float:
        """Count a request of a client against the quota of a rule. The seconds until it may come again; 0: it may."""
        shelf = self._shelves.get(database)
        return shelf.counters.take_slot(quota, client, owner, now) if shelf else 0

    def turns(self, database: str, kind: RuleKind, name: str) -> HitCount:
        """What a rule has seen so far."""
        return self._shelves[database].counters.turns(kind, name)

    def forget_turns(self, database: str, kind: RuleKind, name: str) -> None:
        """Let a rule begin again."""
        self._shelves[database].counters.forget(kind, name)

    def add_exchange(self, database: str, exchange: Exchange) -> int:
        """Add to the journal and give its number there; the oldest exchange goes where the journal is full.

        Nothing is kept where there is no world; its number is 0.
        """
        shelf = self._shelves.get(database)
        if shelf is None:
            return 0
        shelf.journal.append(exchange)
        shelf.exchanges_added += 1
        if shelf.waiting:
            shelf.wake(more=True)
        return shelf.exchanges_added

    def exchanges(self, database: str, after: int = 0) -> Iterator[tuple[int, Exchange]]:
        """The journal of a world, newest first: those numbered above `after`.

        Exchanges are numbered from 1, as they were added; the numbers go on when the journal is emptied.
        """
        shelf = self._shelves.get(database)
        if shelf is None:
            return iter(())
        last = shelf.exchanges_added
        return islice(zip(count(last, -1), reversed(shelf.journal), strict=False), max(last - after, 0))

    def exchanges_after(self, database: str, after: int) -> Iterator[tuple[int, Exchange]]:
        """The same, oldest first."""
        shelf = self._shelves.get(database)
        if shelf is None:
            return iter(())
        first = shelf.exchanges_added - len(shelf.journal) + 1
        return islice(zip(count(first), shelf.journal, strict=False), max(after + 1 - first, 0), None)

    def dropped(self, database: str, after: int) -> int:
        """How many exchanges numbered above `after` went because the journal was full, not because it was emptied."""
        shelf = self._shelves.get(database)
        return 0 if shelf is None else shelf.count_dropped(after)

    def last_number(self, database: str) -> int:
        """The number of the newest exchange that the journal of a world was ever given; 0 for none."""
        shelf = self._shelves.get(database)
        return shelf.exchanges_added if shelf else 0

    async def wait_for_exchange(self, database: str, after: int) -> bool:
        """Wait until the journal of a world has an exchange numbered above `after`, and give True.

        False when none will come any more: the world is gone, or `end_waits` was called. Whoever waits is not told
        what came, so nothing is kept for a slow reader.
        """
        shelf = self._shelves.get(database)
        if shelf is None or self._ended:
            return False
        while shelf.exchanges_added <= after:
            if not await shelf.wait():
                return False
        return True

    def end_waits(self) -> None:
        """Let everyone go who waits, and nobody wait again: the server stops."""
        self._ended = True
        for shelf in self._shelves.values():
            shelf.wake(more=False)

    def clear_exchanges(self, database: str) -> None:
        """Empty the journal of a world."""
        self._shelves[database].empty_journal()


class _Shelf:
    """One world and what grew in it."""

    __slots__ = (
        "counters",
        "emptied_at",
        "exchanges_added",
        "journal",
        "payments",
        "request_of_phone",
        "waiting",
        "world",
    )

    def __init__(self, world: World, journal_size: int) -> None:
        self.world = world
        # Of a plain dictionary the first entry is found ever more slowly, the more were taken away before it.
        self.payments: OrderedDict[str, Payment] = OrderedDict()
        self.request_of_phone: dict[str, str] = {}
        self.journal: deque[Exchange] = deque(maxlen=journal_size)
        self.exchanges_added = 0
        self.emptied_at = 0
        self.counters = RuleCounters()
        self.waiting: set[asyncio.Future[bool]] = set()

    def clear(self) -> None:
        """No payments and no journal. Exchanges are numbered on, so that whoever follows the journal misses none."""
        self.payments.clear()
        self.request_of_phone.clear()
        self.empty_journal()
        self.counters = RuleCounters()

    def empty_journal(self) -> None:
        self.journal.clear()
        self.emptied_at = self.exchanges_added

    def count_dropped(self, after: int) -> int:
        return max(self.exchanges_added - len(self.journal) - max(after, self.emptied_at), 0)

    async def wait(self) -> bool:
        """Wait for the next `wake`, and give what it says."""
        woken: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.waiting.add(woken)
        try:
            return await woken
        finally:
            self.waiting.discard(woken)

    def wake(self, *, more: bool) -> None:
        """Let all go who wait. `more` says whether the journal goes on."""
        for woken in self.waiting:
            if not woken.done():
                woken.set_result(more)

    def drop_oldest_payment(self) -> None:
        _, oldest = self.payments.popitem(last=False)
        if self.request_of_phone[oldest.phone] == oldest.request_id:
            del self.request_of_phone[oldest.phone]
