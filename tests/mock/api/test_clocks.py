"""Waiting for the journal of a store: nobody waits for what is there, nor for what will never come."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from billecta_mock.domain.journal import Exchange
from billecta_mock.domain.problems import Reason
from billecta_mock.domain.world import Dataset, World
from billecta_mock.store.memory import Bounds, MemoryStore
from billecta_mock.store.protocol import Store

AT = datetime(2030, 1, 1, tzinfo=UTC)
EXCHANGE = Exchange(AT, "GET", "/one/x", {}, None, None, None, 404, 0.1, Reason("route_unknown", "there is none"))


@pytest.fixture
def store() -> Store:
    store = MemoryStore(Bounds(10, 10, 10))
    store.put_world(World("one", Dataset()))
    store.put_world(World("two", Dataset()))
    return store


def together(store: Store, act: Callable[[], object], *waits: tuple[str, int]) -> list[bool | None]:
    """What those who wait are told once `act` was done; None for those who still wait then."""

    async def run() -> list[bool | None]:
        waiting = [asyncio.create_task(_bounded(store.wait_for_exchange(*wait))) for wait in waits]
        await asyncio.sleep(0)
        act()
        return await asyncio.gather(*waiting)

    return asyncio.run(run())


async def _bounded(wait: Awaitable[bool]) -> bool | None:
    try:
        return await asyncio.wait_for(wait, 0.2)
    except TimeoutError:
        return None


def test_everyone_who_waits_for_a_world_is_told_and_nobody_else(store: Store) -> None:
    told = together(store, lambda: store.add_exchange("one", EXCHANGE), ("one", 0), ("one", 0), ("two", 0), ("one", 1))
    assert told == [True, True, None, None]


def test_what_is_there_is_not_waited_for(store: Store) -> None:
    store.add_exchange("one", EXCHANGE)
    assert together(store, lambda: None, ("one", 0)) == [True]


def test_nobody_waits_for_a_world_that_is_gone(store: Store) -> None:
    assert together(store, lambda: store.delete_world("one"), ("one", 0), ("nowhere", 0), ("two", 0)) == [
        False,
        False,
        None,
    ]


def test_nobody_waits_once_the_waits_are_ended(store: Store) -> None:
    assert together(store, store.end_waits, ("one", 0), ("two", 5)) == [False, False]
    assert together(store, lambda: None, ("one", 0)) == [False]


def test_a_journal_that_is_emptied_or_reset_is_waited_for_on(store: Store) -> None:
    def empty() -> None:
        store.clear_exchanges("one")
        store.clear_world("one")
        store.add_exchange("one", EXCHANGE)

    assert together(store, empty, ("one", 0)) == [True]
    assert [number for number, _ in store.exchanges("one")] == [1]
