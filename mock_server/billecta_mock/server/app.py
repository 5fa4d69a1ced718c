"""The composition root: every part is made here, and given to those that need it."""

import os
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, Final

from starlette.types import ASGIApp, Receive, Scope, Send

from billecta_mock.admin.auth import Guard, is_loopback
from billecta_mock.admin.context import AccessPolicy, AdminContext, ServerStatus
from billecta_mock.api.asgi import BASE_PATH, ApiDependencies, EmulatedApi, Observe
from billecta_mock.api.clocks import WorldClocks
from billecta_mock.api.operations import InvoiceOperations, PaymentOperations
from billecta_mock.config import Settings
from billecta_mock.domain.journal import Entry
from billecta_mock.domain.world import DEFAULT_BEHAVIOUR, Behaviour, Dataset, World
from billecta_mock.http import Response
from billecta_mock.openapi.compiler import Operation
from billecta_mock.openapi.document import as_complaint_of, load_contract
from billecta_mock.pdf.library import DocumentLibrary, filename
from billecta_mock.server import metrics
from billecta_mock.server.logs import AccessLog, ControlLog
from billecta_mock.store.memory import Bounds, MemoryStore
from billecta_mock.store.protocol import Store
from billecta_mock.store.seed import default_seed, load_seed

DEFAULT_WORLD: Final = "database"
DOCS_PATH: Final = "/docs"
ADMIN_PATH: Final = "/__admin"
_MEGABYTE: Final = 1024 * 1024


class LazyApp:
    """An ASGI application that is made for its first request, which waits for that.

    To be asked from one event loop.
    """

    def __init__(self, make: Callable[[], ASGIApp]) -> None:
        self._make = make
        self._app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on."""
        if self._app is None:
            self._app = self._make()
        await self._app(scope, receive, send)


def load_dataset(settings: Settings) -> Dataset:
    """What the first world is seeded with. Raises SeedError for a seed file that cannot be used."""
    return load_seed(settings.seed_file) if settings.seed_file else default_seed()


def create_app(
    settings: Settings, dataset: Dataset, find_obstacle: Callable[[], str | None] = lambda: None
) -> "MockApp":
    """The whole mock server as one ASGI application, with the world `database` in it, seeded with `dataset`.

    `find_obstacle` says why the server around it takes no requests now, or None. Raises SpecFileError for a spec file
    that cannot be served, UnsupportedSpecError for a document of the mock's own that cannot be compiled, and
    UnknownDefectError for a defect that is none.
    """
    store = MemoryStore(Bounds(settings.max_worlds, settings.payments_size, settings.journal_size))
    behaviour = _script_with(settings.defect)
    store.put_world(World(DEFAULT_WORLD, dataset, settings.world_settings(), behaviour=behaviour))
    wall_clock = partial(datetime.now, UTC)

    library = DocumentLibrary(settings.document_cache_mb * _MEGABYTE)
    invoices = InvoiceOperations(library.document, filename)
    handlers = {
        **invoices.handlers(),
        **PaymentOperations(store, _request_ids(settings.random_seed)).handlers(),
    }
    counters = metrics.Metrics(lambda: len(store.databases()))
    clocks = WorldClocks(store, wall_clock)
    surroundings = ApiDependencies(
        store,
        clocks,
        settings.world_settings(),
        partial(_send_sample, invoices),
        _observer(settings, store, counters),
        expose=settings.expose,
    )
    token = settings.admin_token or (None if is_loopback(settings.host) else secrets.token_urlsafe(24))
    defaults = settings.world_settings()
    context = AdminContext(store, clocks, wall_clock, defaults, lambda: app.operations, settings.max_rules, behaviour)
    admission = AccessPolicy(Guard(token), ControlLog(with_changes=settings.access_log).observe)
    condition = ServerStatus(find_obstacle, metrics.MEDIA_TYPE, counters.render)
    admin = LazyApp(lambda: _make_admin(context, admission, condition))

    def compile_contract(contract: Mapping[str, Any]) -> Served:
        emulated = EmulatedApi(contract, handlers, surroundings)
        pages = LazyApp(lambda: _make_pages(contract))
        own: dict[bytes, ASGIApp] = {ADMIN_PATH.encode(): admin, DOCS_PATH.encode(): pages, b"/": pages}
        return Served(emulated, own, emulated.operations)

    app = MockApp(settings.spec_file, compile_contract, context, token, library.close)
    return app


@dataclass(frozen=True, slots=True)
class Served:
    """What is served now: all worlds, the mock's own pages by first path segment, the operations of the contract."""

    worlds: ASGIApp
    own: Mapping[bytes, ASGIApp]
    operations: Mapping[str, Operation]


class MockApp:
    """The mock server as an ASGI application, of which the contract and the first world's data can be replaced.

    What the mock serves itself goes its own way; every other first path segment is a world's name. Requests under way
    finish with what they began with. `admin_token` is what the admin API asks for, if it asks for any.
    """

    def __init__(
        self,
        spec_file: Path | None,
        compile_contract: Callable[[Mapping[str, Any]], Served],
        context: AdminContext,
        admin_token: str | None,
        close: Callable[[], None],
    ) -> None:
        self.admin_token = admin_token
        self._spec_file = spec_file
        self._compile = compile_contract
        self._context = context
        self._close = close
        self.load_contract()

    def load_contract(self) -> None:
        """Read the contract and serve it from the next request on; any thread may call this.

        Raises SpecFileError, and changes nothing, for a file that cannot be served.
        """
        contract = load_contract(self._spec_file)
        with as_complaint_of(self._spec_file):
            self._served = self._compile(contract)

    @property
    def operations(self) -> Mapping[str, Operation]:
        """The operations of the contract as it is served now."""
        return self._served.operations

    def replace_dataset(self, dataset: Dataset) -> None:
        """Give the first world, if it is still there, other keys and invoices; all else in it stays."""
        world = self._context.store.world(DEFAULT_WORLD)
        if world is not None:
            self._context.store.put_world(replace(world, dataset=dataset))

    def end_waits(self) -> None:
        """End what waits for something to happen, as the server stops: streams, long polls, answers held back."""
        self._context.store.end_waits()
        self._context.clocks.end()

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Serve one request, or the life of the server: what is chosen here the server awaits itself."""
        if scope["type"] == "lifespan":
            return self._live(receive, send)
        raw: bytes = scope["raw_path"]
        end = raw.find(b"/", 1)
        served = self._served
        app = served.own.get(raw if end < 0 else raw[:end], served.worlds)
        return app(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        """The lifespan protocol: nothing is left to do at start."""
        while (message := await receive())["type"] != "lifespan.shutdown":
            await send({"type": f"{message['type']}.complete"})
        self._close()
        await send({"type": "lifespan.shutdown.complete"})


def _observer(settings: Settings, store: Store, counters: metrics.Metrics) -> Observe:
    """What is told of every exchange."""
    if not settings.access_log:
        return counters.observe
    access_log = AccessLog(store.world, lambda database, request_id: store.payment(database, request_id) is not None)

    def observe(entry: Entry) -> None:
        counters.observe(entry)
        access_log.observe(entry)

    return observe


async def _send_sample(invoices: InvoiceOperations) -> Response:
    """A document of the sample data, for whoever asks for any."""
    return await invoices.send(next(invoice for invoice in default_seed().invoices if invoice.has_document))


def _request_ids(seed: int | None) -> Callable[[], str]:
    """Ids of 32 upper-case hex digits: unguessable, or the same in every run with the same seed (SWISH-2)."""
    if seed is None:
        return lambda: os.urandom(16).hex().upper()
    random = Random(seed)  # noqa: S311 — asked for: ids that repeat from run to run
    return lambda: f"{random.getrandbits(128):032X}"


def _script_with(names: Sequence[str]) -> Behaviour:
    if not names:
        return DEFAULT_BEHAVIOUR
    from billecta_mock.defects.catalogue import check_names  # noqa: PLC0415 — hundreds, and most servers have none

    return Behaviour(defects=check_names(names))


def _make_admin(context: AdminContext, admission: AccessPolicy, condition: ServerStatus) -> ASGIApp:
    """The admin API. Its document is the larger one, and most servers answer first what they emulate."""
    from billecta_mock.admin.api import AdminApi, load_admin_openapi  # noqa: PLC0415

    return AdminApi(load_admin_openapi(), ADMIN_PATH, context, admission, condition)


def _make_pages(contract: Mapping[str, Any]) -> ASGIApp:
    from billecta_mock.admin.api import load_admin_openapi  # noqa: PLC0415 — deferred, as above
    from billecta_mock.server.docs import create_pages  # noqa: PLC0415

    return create_pages({DOCS_PATH: _served_here(contract), f"{DOCS_PATH}{ADMIN_PATH}": load_admin_openapi()})


def _served_here(document: Mapping[str, Any]) -> dict[str, Any]:
    """The contract with this server instead of Lime Cloud, so that the page can try it out."""
    database = {"default": DEFAULT_WORLD, "description": "The world of the mock to talk to."}
    server = {"url": f"/{{database}}{BASE_PATH}", "variables": {"database": database}}
    return {**document, "servers": [server]}
