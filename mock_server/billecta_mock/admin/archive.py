"""The journal as a HAR 1.2 file, for the viewers that there are: what was asked and answered, with no secret in it."""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus
from importlib.metadata import version
from typing import Any, Final
from urllib.parse import quote

from billecta_mock.admin.desk import AdminCall, AdminHandler, Desk
from billecta_mock.admin.search import read_after, read_filter
from billecta_mock.admin.views import show_time
from billecta_mock.domain.journal import Exchange
from billecta_mock.domain.problems import Refusal
from billecta_mock.domain.world import World
from billecta_mock.http import Answer, json_answer

_ORIGIN: Final = "http://localhost"
_UNKNOWN: Final = -1
_HEADERS: Final = ((b"content-disposition", b'attachment; filename="requests.har"'),)


class ArchiveHandlers:
    """Handlers of the tag `requests` that export the journal."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def handlers(self) -> Mapping[str, AdminHandler]:
        """Each handler under its operation id."""
        return {"exportRequests": self._desk.in_world(self.export)}

    async def export(self, call: AdminCall, world: World) -> Answer | Refusal:
        """Exchanges that match every filter, oldest first, as HAR wants them."""
        wanted = read_filter(self._desk.store, world, call.query)
        if isinstance(wanted, Refusal):
            return wanted
        page = read_after(self._desk.store, world.database, wanted, call.query["after"], call.query["limit"])
        creator = {"name": "billecta-mock", "version": version("lime-billecta-contract")}
        comment = f"world {world.database}; keys and phone numbers are masked, bodies left out, times the world's"
        entries = await asyncio.to_thread(lambda: [_show_entry(*numbered) for numbered in page.found])
        log = {"version": "1.2", "creator": creator, "pages": [], "entries": entries, "comment": comment}
        return json_answer(200, {"log": log}, headers=_HEADERS)


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
