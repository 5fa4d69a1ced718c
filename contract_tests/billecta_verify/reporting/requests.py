"""What went over the wire, as a report may show it: every request and answer without secrets and without content."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

from billecta_verify.transport.exchange import Exchange, Purpose, Request, Text
from billecta_verify.transport.recorder import Recorder

MASKED: Final = "(masked)"
"""Stands for the value of a header that may be content."""

_NO_SECRET: Final = (
    "accept-ranges", "age", "allow", "cache-control", "connection", "content-encoding", "content-language",
    "content-length", "content-type", "date", "expires", "keep-alive", "last-modified", "pragma", "retry-after",
    "strict-transport-security", "transfer-encoding", "vary", "www-authenticate", "x-content-type-options",
    "x-frame-options",
)  # fmt: skip
"""Headers that a report names. A server may put anything into the name of another, or into its value."""
_WORDS: Final = frozenset(
    [
        "accept",
        "accept-encoding",
        "accept-language",
        "allow",
        "authorization",
        "basic",
        "bearer",
        "br",
        "bytes",
        "chunked",
        "close",
        "cookie",
        "delete",
        "deny",
        "deflate",
        "en",
        "get",
        "gzip",
        "head",
        "identity",
        "immutable",
        "includesubdomains",
        "keep-alive",
        "max",
        "max-age",
        "must-revalidate",
        "must-understand",
        "no-cache",
        "no-store",
        "no-transform",
        "none",
        "nosniff",
        "options",
        "origin",
        "patch",
        "post",
        "preload",
        "private",
        "proxy-revalidate",
        "public",
        "put",
        "realm",
        "s-maxage",
        "sameorigin",
        "stale-if-error",
        "stale-while-revalidate",
        "sv",
        "timeout",
        "trace",
        "user-agent",
        "x-api-key",
        "zstd",
    ]
)
"""What the values of these headers are made of; one that holds another word is masked."""
_WORD: Final = re.compile(r"[A-Za-z][A-Za-z-]*")
_DATE: Final = re.compile(r"[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT")
_LONGEST_VALUE: Final = 200
_LONGEST_NUMBER: Final = re.compile(r"\d{9}")
"""Numbers of this length may be telephones or ids; no length, age or delay is so large."""
_IN_A_URL: Final = "/%:@!$&'()*+,;=~-._?"


@dataclass(frozen=True, slots=True)
class SentRequest:
    """One exchange as a report may show it: no key, phone, id or message, and nothing of any content.

    `url` has variables for secrets, `started` is an ISO 8601 time in UTC, `seconds` lasts from the first byte sent to
    the last byte read. `status` is 0 where no answer came, and `comment` then says why.
    """

    check: str
    clause: str
    method: str
    url: str
    query: tuple[tuple[str, str], ...]
    request_headers: tuple[tuple[str, str], ...]
    request_size: int
    started: str
    seconds: float
    status: int = 0
    response_headers: tuple[tuple[str, str], ...] = ()
    media_type: str = ""
    wire_size: int = 0
    size: int = 0
    comment: str = ""


def sent_requests(recorder: Recorder, base_url: str, scrub: Callable[[str], str]) -> tuple[SentRequest, ...]:
    """Every exchange, and every request without an answer where it was sent. `scrub` takes secrets out of a text."""
    return tuple(_in_order(recorder, base_url, scrub))


def _in_order(recorder: Recorder, base_url: str, scrub: Callable[[str], str]) -> Iterator[SentRequest]:
    waiting = list(reversed(recorder.unanswered))
    for position, exchange in enumerate([*recorder.exchanges, None]):
        while waiting and waiting[-1].position <= position:
            lost = waiting.pop()
            asked = _asked(lost.request, lost.purpose, base_url, scrub)
            yield SentRequest(**asked, started=_iso(lost.ended), seconds=0.0, comment=lost.reason)
        if exchange is not None:
            yield _answered(exchange, base_url, scrub)


def _answered(exchange: Exchange, base_url: str, scrub: Callable[[str], str]) -> SentRequest:
    return SentRequest(
        **_asked(exchange.request, exchange.purpose, base_url, scrub),
        started=_iso(exchange.ended - exchange.elapsed),
        seconds=exchange.elapsed,
        status=exchange.status,
        response_headers=_shown_headers(exchange, scrub),
        media_type=scrub(exchange.shown_media_type) if exchange.media_type else "",
        wire_size=len(exchange.wire),
        size=len(exchange.body),
        comment=exchange.broken or "",
    )


def _asked(request: Request, purpose: Purpose, base_url: str, scrub: Callable[[str], str]) -> dict[str, Any]:
    return {
        "check": purpose.check,
        "clause": purpose.clause,
        "method": request.method,
        "url": f"{base_url}/{quote(scrub(request.shown_suffix), safe=_IN_A_URL)}",
        "query": tuple((scrub(name), scrub(text.shown)) for name, text in _parameters(request)),
        "request_headers": tuple((scrub(name), scrub(value)) for name, value in request.all_headers(shown=True)),
        "request_size": len(request.body or b""),
    }


def _parameters(request: Request) -> tuple[tuple[str, Text], ...]:
    return request.query + request.credential.parameters()


def _shown_headers(exchange: Exchange, scrub: Callable[[str], str]) -> tuple[tuple[str, str], ...]:
    shown = [(name.lower(), value) for name, value in exchange.headers if name.lower() in _NO_SECRET]
    return tuple((name, _shown_value(exchange, name, value, scrub)) for name, value in shown)


def _shown_value(exchange: Exchange, name: str, value: str, scrub: Callable[[str], str]) -> str:
    if name == "content-type":
        return scrub(exchange.shown_media_type)
    words = {word.lower() for word in _WORD.findall(value)}
    sanitize = words <= _WORDS and not _LONGEST_NUMBER.search(value) and value.isascii() and value.isprintable()
    is_plain = _DATE.fullmatch(value) or (sanitize and len(value) <= _LONGEST_VALUE)
    return value if is_plain and scrub(value) == value else MASKED


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
