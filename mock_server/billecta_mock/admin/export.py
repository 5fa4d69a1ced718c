"""The journal as a HAR 1.2 file, and as a stream of server-sent events.

A stream keeps only the number of the request that it sent last. A slow reader therefore finds less in the journal when
it comes back, and is told how much it has missed.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from http import HTTPStatus
from importlib.metadata import version
from typing import Any, Final
from urllib.parse import quote

import orjson

from billecta_mock.admin.context import AdminCall, AdminContext, AdminHandler
from billecta_mock.admin.requests import read_after, read_filter
from billecta_mock.admin.views import show_exchange, show_time
from billecta_mock.domain.journal import Exchange
from billecta_mock.domain.problems import Problem
from billecta_mock.domain.verification.filters import ExchangeFilter
from billecta_mock.domain.world import World
from billecta_mock.http import Response, json_response
from billecta_mock.store.protocol import Store

_ORIGIN: Final = "http://localhost"
_UNKNOWN: Final = -1
_ATTACHMENT: Final = ((b"content-disposition", b'attachment; filename="requests.har"'),)


EVENT_STREAM: Final = "text/event-stream"
_NOT_CACHED: Final = ((b"cache-control", b"no-store"),)
_PING_SECONDS: Final = 15.0
_AT_ONCE: Final = 100
_GREETING: Final = b"retry: 1000\n\n"
_PING: Final = b": still here\n\n"


class ArchiveHandlers:
    """Handlers of the tag `requests` that export the journal."""

    def __init__(self, context: AdminContext) -> None:
        self._context = context

    def handlers(self) -> Mapping[str, AdminHandler]:
        """Each handler under its operation id."""
        return {"exportRequests": self._context.in_world(self.export)}

    async def export(self, call: AdminCall, world: World) -> Response | Problem:
        """Exchanges that match every filter, oldest first, as HAR wants them."""
        wanted = read_filter(self._context.store, world, call.query)
        if isinstance(wanted, Problem):
            return wanted
        page = read_after(self._context.store, world.database, wanted, call.query["after"], call.query["limit"])
        creator = {"name": "billecta-mock", "version": version("lime-billecta-contract")}
        comment = f"world {world.database}; keys and phone numbers are masked, bodies left out, times the world's"
        entries = await asyncio.to_thread(lambda: [_show_entry(*numbered) for numbered in page.found])
        log = {"version": "1.2", "creator": creator, "pages": [], "entries": entries, "comment": comment}
        return json_response(200, {"log": log}, headers=_ATTACHMENT)


def _show_entry(number: int, exchange: Exchange) -> dict[str, Any]:
    milliseconds = round(exchange.seconds * 1000, 3)
    return {
        "startedDateTime": show_time(exchange.at),
        "time": milliseconds,
        "request": _show_request(exchange),
        "response": _show_response(exchange),
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
        "comment": f"{exchange.why.code}: {exchange.why.sentence}",
        "_number": number,
        "_operation": exchange.operation,
        "_key_name": exchange.key_name,
        "_why": {"code": exchange.why.code, "sentence": exchange.why.sentence},
        "_marks": list(exchange.marks),
    }


def _show_request(exchange: Exchange) -> dict[str, Any]:
    query = [{"name": name, "value": value} for name, value in exchange.parameters.items()]
    written = "&".join(f"{quote(each['name'])}={quote(each['value'])}" for each in query)
    path = quote(exchange.path, safe="/%:@!$&'()*+,;=~-._")
    return {
        "method": exchange.method,
        "url": f"{_ORIGIN}{path}{f'?{written}' if written else ''}",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [{"name": "x-api-key", "value": exchange.key}] if exchange.key is not None else [],
        "queryString": query,
        "headersSize": _UNKNOWN,
        "bodySize": _UNKNOWN,
    }


def _show_response(exchange: Exchange) -> dict[str, Any]:
    """A connection that ended without an answer is one of status 0, as browsers export it."""
    media_type = exchange.media_type or "x-unknown"
    headers = [{"name": "content-type", "value": media_type}] if exchange.media_type else []
    if exchange.retry_after is not None:
        headers.append({"name": "retry-after", "value": f"{exchange.retry_after:g}"})
    return {
        "status": exchange.status or 0,
        "statusText": _describe_status(exchange.status),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": headers,
        "content": {"size": exchange.size, "mimeType": media_type},
        "redirectURL": "",
        "headersSize": _UNKNOWN,
        "bodySize": exchange.size,
    }


def _describe_status(status: int | None) -> str:
    try:
        return HTTPStatus(status or 0).phrase
    except ValueError:
        return ""


class StreamHandlers:
    """Handlers of the tag `requests` that follow the journal."""

    def __init__(self, context: AdminContext) -> None:
        self._context = context

    def handlers(self) -> Mapping[str, AdminHandler]:
        """Each handler under its operation id."""
        return {"streamRequests": self._context.in_world(self.stream)}

    async def stream(self, call: AdminCall, world: World) -> Response | Problem:
        """Exchanges that match every filter, as they come; with a number to go on from, first those after it."""
        wanted = read_filter(self._context.store, world, call.query)
        if isinstance(wanted, Problem):
            return wanted
        resumed = call.headers["Last-Event-ID"]
        after = call.query["after"] if resumed is None else resumed
        if after is None:
            after = self._context.store.last_number(world.database)
        events = follow(self._context.store, world.database, wanted, after, call.query["for_seconds"])
        return Response(200, EVENT_STREAM, b"", headers=_NOT_CACHED, stream=events)


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
