"""The mock server as a thing to start and stop: in the foreground for the command, in a thread for tests."""

import asyncio
import errno
import logging
import signal
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from types import FrameType, TracebackType
from typing import Final, Self
from urllib.parse import quote

import uvicorn

from billecta_mock.api.asgi import BASE_PATH
from billecta_mock.config import Settings
from billecta_mock.server.app import create_app, load_dataset
from billecta_mock.server.logs import LIFE
from billecta_mock.server.protocol import LimitedHttpProtocol
from billecta_mock.server.reload import WatchedFile, watch
from billecta_mock.server.tls import load_tls

_BACKLOG: Final = 2048
_KEEP_ALIVE_SECONDS: Final = 75
_LONGEST_STOP_SECONDS: Final = 10
_READY_CHECK_SECONDS: Final = 0.1
_LOOPBACK_OF: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 — to be recognised, not to listen on
_life = logging.getLogger(LIFE)


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

        Raises AddressError, SeedError, SpecFileError, TlsError or UnsupportedSpecError.
        """
        self.settings = settings or Settings(port=0)
        self._tls = load_tls(self.settings)
        watched = self._watched_files()
        self.dataset = load_dataset(self.settings)
        self._app = create_app(self.settings, self.dataset, self._find_obstacle)
        self._socket = _bind(self.settings.host, self.settings.port)
        context = self._tls.context if self._tls else None
        self._server = _AnnouncingServer(
            uvicorn.Config(
                self._app,
                interface="asgi3",
                ssl_context_factory=(lambda _config, _default: context) if context else None,
                http=LimitedHttpProtocol,
                ws="none",
                access_log=False,
                log_config=None,
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=_KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=_LONGEST_STOP_SECONDS,
                backlog=_BACKLOG,
            ),
            watched,
            self._app.end_waits,
        )
        self._ready = Event()
        self._thread = Thread(target=self.serve, args=[self._ready.set], name="billecta-mock", daemon=True)

    @property
    def origin(self) -> str:
        """Scheme, host and port, such as `http://127.0.0.1:8080`, by which this machine reaches it."""
        host = self._socket.getsockname()[0]
        return self._spell(_LOOPBACK_OF.get(host, host))

    @property
    def public_origin(self) -> str:
        """The same by the first name that was given for the certificate, where one was."""
        return self._spell(self.settings.tls_name[0]) if self.settings.tls_name else self.origin

    @property
    def other_origin(self) -> str | None:
        """How other machines may reach it, where it listens on all addresses: by the name that this machine has."""
        listens_everywhere = self._socket.getsockname()[0] in _LOOPBACK_OF
        return self._spell(socket.gethostname()) if listens_everywhere and not self.settings.tls_name else None

    @property
    def ca_file(self) -> Path | None:
        """What a client must trust, where the mock made its own certificate."""
        return self._tls.ca if self._tls else None

    @property
    def client_file(self) -> Path | None:
        """A certificate, with its key, that a client may show, where the mock made one that it lets in."""
        return self._tls.client if self._tls else None

    @property
    def admin_token(self) -> str | None:
        """What the admin API asks for, if it asks for any."""
        return self._app.admin_token

    def url(self, database: str) -> str:
        """The base URL of the API in one world."""
        return f"{self.origin}/{quote(database)}{BASE_PATH}"

    def serve(self, when_ready: Callable[[], None] = lambda: None) -> None:
        """Serve until told to stop; `when_ready` is called once connections are accepted."""
        self._server.when_ready = lambda: self._begin(when_ready)
        self._server.run(sockets=[self._socket])
        _life.info("stopped")

    def stop(self) -> None:
        """Let running answers finish, then end."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join()
        with suppress(OSError):
            self._socket.close()

    def _begin(self, when_ready: Callable[[], None]) -> None:
        _life.info("listening on %s", self.public_origin)
        when_ready()

    def _spell(self, host: str) -> str:
        scheme, port = "https" if self._tls else "http", self._socket.getsockname()[1]
        return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"

    def _find_obstacle(self) -> str | None:
        if self._server.should_exit:
            return "the server has been told to stop"
        return None if self._server.started else "the server has not begun to serve"

    def _watched_files(self) -> Sequence[WatchedFile]:
        """Made before the files are read, so that no change between is missed."""
        if not self.settings.watch:
            return ()
        reloads = ((self.settings.seed_file, self._reload_seed), (self.settings.spec_file, self._reload_spec))
        return [WatchedFile(path, reload) for path, reload in reloads if path is not None]

    async def _reload_seed(self) -> None:
        dataset = await asyncio.to_thread(load_dataset, self.settings)
        self._app.replace_dataset(dataset)
        self.dataset = dataset

    async def _reload_spec(self) -> None:
        await asyncio.to_thread(self._app.load_contract)

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
    """Uvicorn, which says when it accepts connections, watches files, and ends at once when told to stop twice."""

    when_ready: Callable[[], None]

    def __init__(
        self, config: uvicorn.Config, watched: Sequence[WatchedFile], when_stopping: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._when_stopping = when_stopping
        self._watched = watched
        self._end_of_watch = asyncio.Event()
        self._watch: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.started:
            return
        if self._watched:
            self._watch = asyncio.create_task(watch(self._watched, self._end_of_watch))
        self.when_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        _life.info("stopping")
        self._end_of_watch.set()
        self._when_stopping()
        await super().shutdown(sockets)
        if self._watch:
            await self._watch

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """The first signal lets running answers finish, and the process ends with 0; the second is the system's."""
        del frame
        if self.should_exit:
            signal.signal(sig, signal.SIG_DFL)
            signal.raise_signal(sig)
        self.should_exit = True


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
