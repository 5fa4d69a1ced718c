"""A bound for the whole of an exchange, whatever the other side does.

A time limit on each read does not end an answer that comes byte by byte, header by header, or in interim answers
without end. So a timer shuts the connection down when the time of the exchange is over, and whoever reads from it then
finds its end.
"""

from __future__ import annotations

import re
import socket
from contextlib import suppress
from contextvars import ContextVar
from http.client import HTTPResponse, parse_headers
from threading import Timer
from types import TracebackType
from typing import Any, Final, Self

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

_INTERIM: Final = range(102, 200)
"""Interim answers come before the one that counts. 100 is skipped by http.client itself, and 101 is final."""


class Deadline:
    """Bounds what is exchanged while the block runs, on every connection that is used in it."""

    def __init__(self, seconds: float) -> None:
        self.has_passed = False
        self._connections: list[_Watched] = []
        self._timer = Timer(seconds, self._end)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._token = _CURRENT.set(self)
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._timer.cancel()
        self._timer.join()
        _CURRENT.reset(self._token)
        for connection in self._connections:
            connection.let_go()

    def watch(self, connection: _Watched) -> None:
        """End this connection, too, when the time is over."""
        if connection not in self._connections:
            self._connections.append(connection)
        if self.has_passed:
            connection.shut()

    def _end(self) -> None:
        self.has_passed = True
        for connection in list(self._connections):
            connection.shut()


_CURRENT: Final[ContextVar[Deadline | None]] = ContextVar("deadline", default=None)
_LITERAL_TARGET: Final[ContextVar[str | None]] = ContextVar("literal target", default=None)
_STRAY_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")


class _Watched:
    """A connection with a second handle on its socket: TLS takes the first one away, and an answer may outlive it."""

    _handle: socket.socket | None = None

    def _new_conn(self) -> socket.socket:
        connected: socket.socket = super()._new_conn()  # type: ignore[misc]
        self._drop_handle()
        self._handle = connected.dup()
        self._report()
        return connected

    def request(self, *args: Any, **options: Any) -> None:
        """Send a request, under the deadline of now."""
        self._report()
        super().request(*args, **options)  # type: ignore[misc]

    def putrequest(self, method: str, url: str, *args: Any, **options: Any) -> None:
        """Begin a request for the target as it was meant: urllib3 would mend a stray per cent sign."""
        super().putrequest(method, _LITERAL_TARGET.get() or url, *args, **options)  # type: ignore[misc]

    def close(self) -> None:
        """Close the connection. While an answer is still being read, its handle is kept."""
        super().close()  # type: ignore[misc]
        self._report()
        if _CURRENT.get() is None:
            self._drop_handle()

    def shut(self) -> None:
        """Let every read and write on the connection end at once."""
        if self._handle is not None:
            with suppress(OSError):
                self._handle.shutdown(socket.SHUT_RDWR)

    def let_go(self) -> None:
        """An exchange is over: a connection that is closed needs its handle no more."""
        if getattr(self, "sock", None) is None:
            self._drop_handle()

    def _report(self) -> None:
        deadline = _CURRENT.get()
        if deadline is not None:
            deadline.watch(self)

    def _drop_handle(self) -> None:
        if self._handle is not None:
            self._handle.close()
            self._handle = None


class _FinalResponse(HTTPResponse):
    """The answer that counts: interim ones before it, such as 103 Early Hints, are passed over."""

    def _read_status(self) -> tuple[str, int, str]:
        while True:
            version, status, reason = super()._read_status()  # type: ignore[misc]
            if status not in _INTERIM:
                return version, status, reason
            parse_headers(self.fp)

    def read(self, amt: int | None = None) -> bytes:
        """At most so many bytes: those that have arrived, so that what came before a cut is not lost with it."""
        return super().read() if amt is None else self.read1(amt)


class _PlainConnection(_Watched, HTTPConnection):
    response_class = _FinalResponse


class _SecureConnection(_Watched, HTTPSConnection):
    response_class = _FinalResponse


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class WatchedAdapter(HTTPAdapter):
    """The network, through connections that heed a deadline."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Use our connections in place of the usual ones."""
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}

    def send(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        """Send a request, to the letter even where its query is malformed."""
        url = request.url or ""
        token = _LITERAL_TARGET.set(request.path_url if _STRAY_PERCENT.search(url) else None)
        try:
            return super().send(request, *args, **options)
        finally:
            _LITERAL_TARGET.reset(token)
