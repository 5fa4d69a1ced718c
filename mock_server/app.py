"""The composition root: every part is made here, and given to those that need it."""

import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from random import Random
from typing import Any, Final

from starlette.types import ASGIApp, Receive, Scope, Send

import spec
from mock_server.admin.api import AdminApi
from mock_server.admin.document import load_admin_openapi
from mock_server.documents.library import DocumentLibrary, filename
from mock_server.domain.dataset import Dataset
from mock_server.domain.world import World
from mock_server.emulation.api import BASE_PATH, EmulatedApi, Surroundings
from mock_server.operations.invoices import InvoiceOperations
from mock_server.operations.payments import PaymentOperations
from mock_server.pages import create_pages
from mock_server.seeds.loader import default_seed, load_seed
from mock_server.settings import Settings
from mock_server.store.memory import Bounds, MemoryStore

FIRST_WORLD: Final = "database"
DOCS_PATH: Final = "/docs"
ADMIN_PATH: Final = "/__admin"
_MEGABYTE: Final = 1024 * 1024


def load_dataset(settings: Settings) -> Dataset:
    """What the first world is seeded with. Raises SeedError for a seed file that cannot be used."""
    return load_seed(settings.seed_file) if settings.seed_file else default_seed()


def create_app(settings: Settings, dataset: Dataset) -> ASGIApp:
    """The whole mock server as one ASGI application, with the world `database` in it, seeded with `dataset`.

    Raises UnsupportedSpecError for a contract that cannot be compiled.
    """
    store = MemoryStore(Bounds(settings.max_worlds, settings.payments_size, settings.journal_size))
    store.put_world(World(FIRST_WORLD, dataset, settings.world_settings()))
    wall_clock = partial(datetime.now, UTC)

    library = DocumentLibrary(settings.document_cache_mb * _MEGABYTE)
    handlers = {
        **InvoiceOperations(library.document, filename).handlers(),
        **PaymentOperations(store, _request_ids(settings.random_seed)).handlers(),
    }
    contract = spec.load_openapi()
    emulated = EmulatedApi(contract, handlers, Surroundings(store, wall_clock, settings.world_settings()))
    admin_document = load_admin_openapi()
    admin = AdminApi(admin_document, ADMIN_PATH, store, wall_clock, settings.world_settings())
    pages = create_pages({DOCS_PATH: _served_here(contract), f"{DOCS_PATH}{ADMIN_PATH}": admin_document})
    return _FirstSegment(emulated, {ADMIN_PATH.encode(): admin, DOCS_PATH.encode(): pages, b"/": pages}, library.close)


class _FirstSegment:
    """Sends what the mock serves itself its own way; every other first path segment is a world's name."""

    def __init__(self, worlds: ASGIApp, own: Mapping[bytes, ASGIApp], close: Callable[[], None]) -> None:
        self._worlds = worlds
        self._own = own
        self._close = close

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        raw: bytes = scope["raw_path"]
        end = raw.find(b"/", 1)
        app = self._own.get(raw if end < 0 else raw[:end], self._worlds)
        await app(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        """The lifespan protocol: nothing is left to do at start."""
        while (message := await receive())["type"] != "lifespan.shutdown":
            await send({"type": f"{message['type']}.complete"})
        self._close()
        await send({"type": "lifespan.shutdown.complete"})


def _request_ids(seed: int | None) -> Callable[[], str]:
    """Ids of 32 upper-case hex digits: unguessable, or the same in every run with the same seed (SWISH-2)."""
    if seed is None:
        return lambda: secrets.token_hex(16).upper()
    random = Random(seed)  # noqa: S311 — asked for: ids that repeat from run to run
    return lambda: f"{random.getrandbits(128):032X}"


def _served_here(document: Mapping[str, Any]) -> dict[str, Any]:
    """The contract with this server in the place of Lime Cloud, so that the page can try it out."""
    database = {"default": FIRST_WORLD, "description": "The world of the mock to talk to."}
    server = {"url": f"/{{database}}{BASE_PATH}", "variables": {"database": database}}
    return {**document, "servers": [server]}
