"""What a run remembers of its exchanges, within a bound."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from hashlib import sha256
from io import BytesIO
from time import time
from typing import Final

import requests
import urllib3

from billecta_verify.transport.exchange import Exchange, Purpose, Request

ROOM_FOR_BODIES: Final = 64 * 1024 * 1024
_SMALL: Final = 65536
"""Smaller bodies are kept as they come: a run has not so many requests that they would matter."""
_ACCEPTED: Final = range(200, 300)


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A request to which no answer came: why, when that was known in seconds since 1970, and behind which exchange."""

    request: Request
    purpose: Purpose
    reason: str
    ended: float
    position: int


@dataclass(slots=True)
class Recorder:
    """Every exchange of the run, in order, and what is worth telling the user about them.

    `circuit_breaker` holds why the last requests got no answer; it is empty again as soon as one does.
    """

    exchanges: list[Exchange] = field(default_factory=list)
    rate_limited: int = 0
    circuit_breaker: list[str] = field(default_factory=list)
    words: set[str] = field(default_factory=set, repr=False)
    unanswered: list[Unanswered] = field(default_factory=list)
    _bodies: dict[bytes, bytes] = field(default_factory=dict, repr=False)
    _taken: int = 0

    def keep(self, exchange: Exchange) -> Exchange:
        """Remember an exchange, and return it as the check that asked may use it, with its body.

        The same large body is held once; one for which there is no room is not held at all.
        """
        shared = self._shared(exchange)
        self.exchanges.append(shared if shared.is_kept else without_body(shared))
        self.note_words(exchange)
        return shared

    def note_unanswered(self, request: Request, purpose: Purpose, reason: str) -> None:
        """Remember a request that was sent in vain."""
        self.unanswered.append(Unanswered(request, purpose, reason, time(), len(self.exchanges)))

    def _shared(self, exchange: Exchange) -> Exchange:
        if len(exchange.body) + len(exchange.wire) < _SMALL:
            return exchange
        body, wire = self._only_one(exchange.body), self._only_one(exchange.wire)
        if body is None or wire is None:
            return replace(exchange, is_kept=False)
        _hold(exchange.response, body)
        return replace(exchange, body=body, wire=wire)

    def _only_one(self, content: bytes) -> bytes | None:
        digest = sha256(content).digest()
        if digest not in self._bodies:
            if self._taken + len(content) > ROOM_FOR_BODIES:
                return None
            self._taken += len(content)
            self._bodies[digest] = content
        return self._bodies[digest]

    def note_words(self, exchange: Exchange) -> None:
        """Remember the messages that were sent and the ids that came back: an answer may echo them."""
        self.words.update(text.sent for name, text in exchange.request.query if name == "message")
        document = exchange.json() if exchange.request.method == "POST" and exchange.status in _ACCEPTED else None
        if isinstance(document, dict):
            self.words.update(str(value) for value in document.values() if isinstance(value, str | int))


def _hold(response: requests.Response | None, body: bytes) -> None:
    """Let a response that has been read hold this very body, and no copy of it as sent."""
    if response is not None:
        raw = response.raw
        response._content = body  # noqa: SLF001 — there is no other way to say what has been read
        response.raw = urllib3.HTTPResponse(
            BytesIO(), headers=raw.headers, status=raw.status, version=raw.version, reason=raw.reason
        )


def without_body(exchange: Exchange) -> Exchange:
    """What is left of an exchange for which there is no room."""
    return replace(exchange, body=b"", wire=b"", response=None, is_kept=False)
