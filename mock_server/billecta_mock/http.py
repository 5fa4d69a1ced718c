"""The HTTP messages: a request as handlers see it, an answer, and how an answer is sent."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Generic, NamedTuple, TypeVar

import orjson
from starlette.types import Receive, Scope, Send

from billecta_mock.domain.problems import Problem, Reason, ReasonCode

ACCEPTED: Final = Reason(ReasonCode.OK, "done as asked")
JSON: Final = "application/json"
TEXT: Final = "text/plain; charset=utf-8"

KEY_HEADER: Final = b"x-api-key"
KEY_SPELLING: Final = "billecta_mock.key_spelling"
"""Where a scope has the name of the key's header as it was sent, if that was not in lower case."""

Headers = tuple[tuple[bytes, bytes], ...]
PrincipalT = TypeVar("PrincipalT")

_NO_CONTENT: Final = 204
_JSON_LINE: Final = (b"content-type", JSON.encode())


class Response(NamedTuple):
    """A response: its body as bytes, and for JSON also as the object that the contract is checked against.

    A `stream` takes the place of the body where that comes bit by bit, for as long as its caller listens.
    """

    # A tuple: one is made for each request, and a frozen dataclass takes twice as long to make.

    status: int
    media_type: str | None
    body: bytes
    document: Any = None
    headers: Headers = ()
    why: Reason = ACCEPTED
    stream: AsyncIterator[bytes] | None = None

    def with_reason(self, why: Reason) -> "Response":
        """The same answer for another reason."""
        return Response(self.status, self.media_type, self.body, self.document, self.headers, why, self.stream)

    def with_header(self, name: bytes, value: str) -> "Response":
        """The same answer with one more header."""
        return self._replace(headers=(*self.headers, (name, value.encode())))

    def header_lines(self) -> list[tuple[bytes, bytes]]:
        """All headers, in the form that ASGI wants."""
        lines = list(self.headers)
        if self.media_type == JSON:
            lines.append(_JSON_LINE)
        elif self.media_type is not None:
            lines.append((b"content-type", self.media_type.encode()))
        if self.status != _NO_CONTENT and self.stream is None:
            lines.append((b"content-length", str(len(self.body)).encode()))
        return lines


@dataclass(slots=True)
class ParsedRequest(Generic[PrincipalT]):
    """One request that was routed, let in and parsed.

    `path` and `query` hold the declared parameters only, decoded by their schemas; `body` is the JSON document of a
    request body, None where there was none. `headers` holds the declared headers, by the names of the document.
    `accept` is what the caller wants to read and `origin` the address under which it was asked, such as
    `http://127.0.0.1:8080`: both are known only where the document has several media types to choose from.
    """

    method: str
    principal: PrincipalT
    path: Mapping[str, Any]
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    headers: Mapping[str, Any] = field(default_factory=dict)
    accept: str = ""
    origin: str = ""


ANY_RESPONSE: Final = Response(200, None, b"")
"""Stands for an answer that will be put in its place before anything is sent."""

Handler = Callable[[ParsedRequest[PrincipalT]], Awaitable[Response | Problem]]
"""What serves one operation: parse, ask the domain, answer."""


def json_response(status: int, document: Any, *, headers: Headers = ()) -> Response:
    """An answer with a JSON body."""
    return Response(status, JSON, orjson.dumps(document), document, headers)


def error_response(status: int, error: str, message: str, why: Reason = ACCEPTED, *, headers: Headers = ()) -> Response:
    """An answer with the one envelope of all errors (SWISH-8)."""
    document = {"error": error, "message": message}
    return Response(status, JSON, orjson.dumps(document), document, headers, why)


def text_response(status: int, text: str) -> Response:
    """An answer to be read by people."""
    return Response(status, TEXT, text.encode())


def empty_response() -> Response:
    """204: done, and nothing to say."""
    return Response(_NO_CONTENT, None, b"")


async def send_response(answer: Response, scope: Scope, send: Send) -> None:
    """Send all of an answer; to HEAD, all but its body."""
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.header_lines()})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else answer.body})


async def until_disconnect(receive: Receive) -> None:
    """Wait until the caller has closed the connection, or it was closed."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def send_stream(answer: Response, stream: AsyncIterator[bytes], receive: Receive, send: Send) -> None:
    """Send an answer whose body is a stream, until the stream ends or its caller has gone."""
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.header_lines()})
    sending = asyncio.create_task(_send_all(stream, send))
    leaving = asyncio.create_task(until_disconnect(receive))
    try:
        await asyncio.wait((sending, leaving), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (sending, leaving):
            task.cancel()
        outcomes = await asyncio.gather(sending, leaving, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            raise outcome


async def _send_all(stream: AsyncIterator[bytes], send: Send) -> None:
    async for chunk in stream:
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
