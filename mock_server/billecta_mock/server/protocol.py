"""HTTP/1.1 as uvicorn speaks it, with limits on request heads, one error format, and one write for each answer."""

import asyncio
import sys
from http import HTTPStatus
from typing import Any, Final, cast

import httptools
import orjson
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from billecta_mock.api.faults import TRANSPORT
from billecta_mock.http import JSON, KEY_HEADER, KEY_SPELLING

MAX_TARGET: Final = 8 * 1024
MAX_HEADERS: Final = 32 * 1024
_LONGEST_FAREWELL_SECONDS: Final = 0.5


class BufferedTransport:
    """A transport that hands on as one write what is written within one turn of the event loop.

    All else it leaves to the transport that it stands before.
    """

    __slots__ = ("_chunks", "_loop", "_transport")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._chunks: list[bytes] = []

    def write(self, data: bytes) -> None:
        """Send these bytes at the end of this turn."""
        if not self._chunks:
            self._loop.call_soon(self._flush)
        self._chunks.append(data)

    def close(self) -> None:
        """Send what was written, then close."""
        self._flush()
        self._transport.close()

    def is_closing(self) -> bool:
        """Whether it is closed, or about to be; asked with each answer, and so not left to `__getattr__`."""
        return self._transport.is_closing()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def _flush(self) -> None:
        chunks, self._chunks = self._chunks, []
        if chunks and not self._transport.is_closing():
            self._transport.writelines(chunks)


class LimitedHttpProtocol(HttpToolsProtocol):
    """Refuses a request line or headers beyond the bounds while they arrive, before they fill any memory.

    Only a head that came with more bytes than the smaller bound is measured; all others are within both.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._unread = 0
        self._trailing = 0
        self._follows = False
        self._received = b""
        self._refused = HTTPStatus.BAD_REQUEST

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has connected."""
        coalescing = BufferedTransport(cast("asyncio.Transport", transport), self.loop)
        super().connection_made(cast("asyncio.Transport", coalescing))

    def on_message_begin(self) -> None:
        """A request begins. Whoever breaks a connection on purpose must be able to find it."""
        super().on_message_begin()
        cast("dict[str, Any]", self.scope)[TRANSPORT] = self.transport

    def data_received(self, data: bytes) -> None:
        """Bytes from the client. They are counted for as long as a head is not whole.

        Where another request ends in them, how many of them are of the next is not known: they are not counted.
        """
        self._received, self._follows = data, False
        super().data_received(data)
        self._received = b""
        if not self._is_head_whole() and not self._follows:
            self._unread += len(data)
        if self._unread > MAX_TARGET and not self.transport.is_closing():
            self._refuse_unfinished()

    def on_message_complete(self) -> None:
        """A request has come whole; what follows is another."""
        super().on_message_complete()
        self._follows = True

    def shutdown(self) -> None:
        """The server stops. A client that keeps an idle connection, and says nothing to its end, is not waited for."""
        super().shutdown()
        self.loop.call_later(_LONGEST_FAREWELL_SECONDS, self._abandon)

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header. ASGI gives names in lower case; how that of the key was spelled is kept for defects (AUTH-3)."""
        if self._is_head_whole():
            self._pass_over_trailer(name, value)
            return
        super().on_header(name, value)
        if len(name) == len(KEY_HEADER) and name != KEY_HEADER and name.lower() == KEY_HEADER:
            scope: Any = self.scope
            scope[KEY_SPELLING] = name

    def on_headers_complete(self) -> None:
        """The head is whole: the last moment before the application is called."""
        if self._unread + len(self._received) > MAX_TARGET:
            self._refused = self._measure()
            if self._refused is not HTTPStatus.BAD_REQUEST:
                raise ValueError(self._refused.phrase)  # the parser stops, and uvicorn calls `send_400_response`
        self._unread = self._trailing = 0
        super().on_headers_complete()

    def _should_upgrade(self) -> bool:
        """Whether the client offers another protocol; uvicorn asks, and then leaves the request to the method below."""
        return any(name == b"upgrade" for name, _ in self.headers)

    def handle_websocket_upgrade(self) -> None:
        """Take the request as if no other protocol had been offered, as a server may (RFC 9110, 7.8).

        Java's client offers HTTP/2 so with each request. The parser ends at such a head and would lose the body, so
        the head is read again without the offer, by a new one.
        """
        read: int = cast("httptools.HttpParserUpgrade", sys.exception()).args[0]
        spelling = cast("dict[str, Any]", self.scope).get(KEY_SPELLING, KEY_HEADER)
        version = self.parser.get_http_version().encode()
        head = [self.parser.get_method(), b" ", self.url, b" HTTP/", version, b"\r\n"]
        for name, value in self.headers:
            if name != b"upgrade":
                head += [spelling if name == KEY_HEADER else name, b": ", value, b"\r\n"]
        self.parser = httptools.HttpRequestParser(self)
        self._unread = 0
        self.data_received(b"".join([*head, b"\r\n", self._received[read:]]))

    def send_400_response(self, msg: str) -> None:
        """The answer to what is not HTTP, or beyond the bounds; the connection ends with it."""
        status = self._refused
        message = msg if status is HTTPStatus.BAD_REQUEST else _EXPLANATIONS[status]
        body = orjson.dumps({"error": status.phrase, "message": message})
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: {JSON}\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()

    def _is_head_whole(self) -> bool:
        scope: Any = self.scope  # None before the first request
        return scope is not None and "method" in scope

    def _pass_over_trailer(self, name: bytes, value: bytes) -> None:
        """A header after a chunked body: nobody asks for it, and there must be an end to it."""
        self._trailing += len(name) + len(value)
        if self._trailing > MAX_HEADERS:
            self.transport.close()

    def _abandon(self) -> None:
        """End the connection, unless it still has a request under way."""
        if self.cycle is None or self.cycle.response_complete:
            self.transport.abort()

    def _refuse_unfinished(self) -> None:
        status = self._measure()
        if status is HTTPStatus.BAD_REQUEST and self._unread > MAX_TARGET + MAX_HEADERS:
            status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
        if status is not HTTPStatus.BAD_REQUEST:
            self._refused = status
            self.send_400_response("")

    def _measure(self) -> HTTPStatus:
        """Which bound the head breaks, as far as it has come; BAD_REQUEST for none."""
        if len(self.url or b"") > MAX_TARGET:
            return HTTPStatus.REQUEST_URI_TOO_LONG
        if sum(len(name) + len(value) for name, value in self.headers or ()) > MAX_HEADERS:
            return HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
        return HTTPStatus.BAD_REQUEST


_EXPLANATIONS: Final = {
    HTTPStatus.REQUEST_URI_TOO_LONG: f"The request target is longer than {MAX_TARGET} bytes",
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: f"The request headers are larger than {MAX_HEADERS} bytes",
}
