"""The mock server as a thing to start and stop: in the foreground for the command, in a thread for tests."""

import errno
import socket
from collections.abc import Callable
from contextlib import suppress
from threading import Event, Thread
from types import TracebackType
from typing import Final, Self
from urllib.parse import quote

import uvicorn

from mock_server.app import create_app, load_dataset
from mock_server.bounds import BoundedProtocol
from mock_server.emulation.api import BASE_PATH
from mock_server.settings import Settings

_BACKLOG: Final = 2048
_KEEP_ALIVE_SECONDS: Final = 75
_LONGEST_STOP_SECONDS: Final = 10
_READY_CHECK_SECONDS: Final = 0.1


class AddressError(OSError):
    """The server cannot listen where it was told to. The text says why, and how to mend it."""


class MockServer:
    """A mock server on a port of its own.

    As a context manager it serves in a thread and is ready when the block begins:

        with MockServer() as server:
            requests.get(server.url("database") + "/fetch-invoice-pdf/1001/", headers={"x-api-key": "ABC123"})
    """

    def __init__(self, settings: Settings | None = None) -> None:
        """Bind the port at once: port 0, the default here, takes a free one.

        Raises AddressError, SeedError or UnsupportedSpecError.
        """
        self.settings = settings or Settings(port=0)
        self.dataset = load_dataset(self.settings)
        app = create_app(self.settings, self.dataset)
        self._socket = _bind(self.settings.host, self.settings.port)
        self._server = _AnnouncingServer(
            uvicorn.Config(
                app,
                http=BoundedProtocol,
                ws="none",
                access_log=False,
                log_config=None,
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=_KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=_LONGEST_STOP_SECONDS,
                backlog=_BACKLOG,
            )
        )
        self._ready = Event()
        self._thread = Thread(target=self.serve, args=[self._ready.set], name="billecta-mock", daemon=True)

    @property
    def origin(self) -> str:
        """Scheme, host and port, such as `http://127.0.0.1:8080`."""
        host, port = self._socket.getsockname()[:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def url(self, database: str) -> str:
        """The base URL of the API in one world."""
        return f"{self.origin}/{quote(database)}{BASE_PATH}"

    def serve(self, when_ready: Callable[[], None] = lambda: None) -> None:
        """Serve until told to stop; `when_ready` is called once connections are accepted."""
        self._server.when_ready = when_ready
        self._server.run(sockets=[self._socket])

    def stop(self) -> None:
        """Let running answers finish, then end."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join()
        with suppress(OSError):
            self._socket.close()

    def __enter__(self) -> Self:
        self._thread.start()
        while not self._ready.wait(_READY_CHECK_SECONDS):
            if not self._thread.is_alive():
                raise AddressError(f"the mock server on {self.origin} ended before it was ready; see its log")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()


class _AnnouncingServer(uvicorn.Server):
    """Uvicorn, which says when it accepts connections."""

    when_ready: Callable[[], None]

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.when_ready()


def _bind(host: str, port: int) -> socket.socket:
    """A bound socket. It is bound here, not by uvicorn, so that a port in use is said in a sentence."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (socket.gaierror, UnicodeError):
        raise AddressError(f"'{host}' is no address of this machine; --host takes one such as 127.0.0.1") from None
    bound = socket.socket(family, kind, protocol)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind(address)
        bound.listen(_BACKLOG)
    except OSError as error:
        bound.close()
        raise AddressError(_explain(error, host, port)) from None
    return bound


def _explain(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} on {host} is in use; stop what listens there, or take another with --port (0: a free one)"
    if error.errno == errno.EACCES:
        return f"port {port} needs privileges; take one above 1023 with --port"
    return f"cannot listen on {host}, port {port}: {error.strerror}"
