"""The journal as it grows: server-sent events, one for each new exchange.

A stream keeps nothing but the number of the exchange that it sent last. A slow reader therefore finds less in the
journal when it comes back, and is told how much it has missed.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

import orjson

from billecta_mock.admin.desk import AdminCall, AdminHandler, Desk
from billecta_mock.admin.search import read_after, read_filter
from billecta_mock.admin.views import show_exchange
from billecta_mock.domain.problems import Refusal
from billecta_mock.domain.verification.filters import ExchangeFilter
from billecta_mock.domain.world import World
from billecta_mock.http import Answer
from billecta_mock.store.protocol import Store

EVENT_STREAM: Final = "text/event-stream"
_HEADERS: Final = ((b"cache-control", b"no-store"),)
_PING_SECONDS: Final = 15.0
_AT_ONCE: Final = 100
_GREETING: Final = b"retry: 1000\n\n"
_PING: Final = b": still here\n\n"


class StreamHandlers:
    """Handlers of the tag `requests` that follow the journal."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def handlers(self) -> Mapping[str, AdminHandler]:
        """Each handler under its operation id."""
        return {"streamRequests": self._desk.in_world(self.stream)}

    async def stream(self, call: AdminCall, world: World) -> Answer | Refusal:
        """Exchanges that match every filter, as they come; with a number to go on from, first those after it."""
        wanted = read_filter(self._desk.store, world, call.query)
        if isinstance(wanted, Refusal):
            return wanted
        resumed = call.headers["Last-Event-ID"]
        after = call.query["after"] if resumed is None else resumed
        if after is None:
            after = self._desk.store.last_number(world.database)
        events = follow(self._desk.store, world.database, wanted, after, call.query["for_seconds"])
        return Answer(200, EVENT_STREAM, b"", headers=_HEADERS, stream=events)


async def follow(
    store: Store, database: str, wanted: ExchangeFilter, after: int, seconds: float
) -> AsyncIterator[bytes]:
    """Events for so many seconds, or until the world is gone or the server stops."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    yield _GREETING
    while True:
        page = read_after(store, database, wanted, after, _AT_ONCE)
        if page.dropped:
            yield _encode("dropped", {"dropped": page.dropped})
        for number, exchange in page.found:
            yield b"id: %d\n" % number + _encode("exchange", show_exchange(number, exchange))
        after = page.last
        left = end - loop.time()
        if left <= 0:
            return
        try:
            if not await asyncio.wait_for(store.wait_for_exchange(database, after), min(left, _PING_SECONDS)):
                return
        except TimeoutError:
            yield _PING


def _encode(event: str, document: Any) -> bytes:
    """One event, as the HTML standard has it; JSON in one line needs no further care."""
    return b"event: %s\ndata: %s\n\n" % (event.encode(), orjson.dumps(document))
