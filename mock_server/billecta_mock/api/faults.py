"""Faults on the wire: what a client gets instead of an answer, or of the rest of one."""

import secrets
import socket
import struct
from asyncio import Transport
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from starlette.types import Receive, Scope, Send

from billecta_mock.domain.actions import Fault, FaultKind
from billecta_mock.http import Response, until_disconnect

TRANSPORT: Final = "billecta_mock.transport"
"""Where in an ASGI scope the server puts the connection, for those who break it."""

_LINGER_NOT: Final = struct.pack("ii", 1, 0)
_GARBAGE_BYTES: Final = 512
_PROMISED_CHUNK: Final = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"


class NoConnectionError(RuntimeError):
    """The application was called without a connection, so there is none to break."""

    def __init__(self) -> None:
        super().__init__("a fault of the connection needs one: call the mock over a socket, as MockServer serves it")


@dataclass(frozen=True, slots=True)
class FaultInjector:
    """The way back to one client. `wait` waits until so much time has passed since the answer was due."""

    scope: Scope
    receive: Receive
    send: Send
    wait: Callable[[timedelta], Awaitable[None]]

    async def deliver(self, answer: Response, fault: Fault) -> None:
        """Send the answer as the fault leaves it, and end the connection where the fault does.

        Raises NoConnectionError where the application is not called over one.
        """
        if fault.kind is FaultKind.CHUNKED_DRIBBLE:
            await self._dribble(answer, fault)
        elif fault.kind is FaultKind.TRUNCATED_BODY:
            await self._truncate(answer, fault)
        else:
            _BREAKS[fault.kind](self._transport)
            await until_disconnect(self.receive)

    async def _dribble(self, answer: Response, fault: Fault) -> None:
        """The whole body, in chunks with pauses between them; its length is not said beforehand."""
        headers = [pair for pair in answer.header_lines() if pair[0] != b"content-length"]
        await self.send({"type": "http.response.start", "status": answer.status, "headers": headers})
        body = b"" if self.scope["method"] == "HEAD" else answer.body
        size = max(1, -(-len(body) // fault.chunks))
        for number, start in enumerate(range(0, len(body), size), 1):
            await self.wait(number * fault.period / fault.chunks)
            await self.send({"type": "http.response.body", "body": body[start : start + size], "more_body": True})
        await self.send({"type": "http.response.body"})

    async def _truncate(self, answer: Response, fault: Fault) -> None:
        """The full Content-Length, but only the first part of the body."""
        transport = self._transport
        await self.send({"type": "http.response.start", "status": answer.status, "headers": answer.header_lines()})
        kept = answer.body[: int(len(answer.body) * fault.kept)]
        await self.send({"type": "http.response.body", "body": kept, "more_body": True})
        transport.close()
        await until_disconnect(self.receive)

    @property
    def _transport(self) -> Transport:
        transport: Transport | None = self.scope.get(TRANSPORT)
        if transport is None:
            raise NoConnectionError
        return transport


def _reset(connection: Transport) -> None:
    """A TCP reset: a socket that is closed without lingering sends RST instead of FIN."""
    raw: socket.socket = connection.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
    connection.abort()


def _close(connection: Transport) -> None:
    connection.close()


def _send_malformed_chunk(connection: Transport) -> None:
    """A sound status and sound headers, then what is no chunk."""
    connection.write(_PROMISED_CHUNK + b"zz\r\n" + secrets.token_bytes(_GARBAGE_BYTES))
    connection.close()


def _send_garbage(connection: Transport) -> None:
    """Bytes that are no HTTP; never by chance the beginning of it."""
    connection.write(b"\x00" + secrets.token_bytes(_GARBAGE_BYTES))
    connection.close()


_BREAKS: Final[dict[FaultKind, Callable[[Transport], None]]] = {
    FaultKind.CONNECTION_RESET_BY_PEER: _reset,
    FaultKind.EMPTY_RESPONSE: _close,
    FaultKind.MALFORMED_RESPONSE_CHUNK: _send_malformed_chunk,
    FaultKind.RANDOM_DATA_THEN_CLOSE: _send_garbage,
}
