"""The mock server as an ASGI application, called without a socket."""

import asyncio
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from billecta_mock.config import Settings
from billecta_mock.server.app import create_app, load_dataset

KEY = "ABC123"
PHONE = "46701740605"
NUMBERS = itertools.count(1)


class World:
    """One world of an application in this process, its clock frozen so that a test decides when time passes."""

    def __init__(self, app: Any, database: str = "database") -> None:
        self._app = app
        self.database = database
        self.control("PUT", "/clock", json={"mode": "frozen"})

    @property
    def path(self) -> str:
        """Where the API of this world begins."""
        return f"/{self.database}/limepkg-billecta-integration"

    def send(self, method: str, path: str, key: str | None = KEY, **options: Any) -> httpx.Response:
        """A request to the API of this world; `path` may hold escapes, which are sent as they are."""
        headers = {"x-api-key": key} if key is not None else {}
        headers.update(options.pop("headers", {}))
        return self.request(method, self.path + path, headers=headers, **options)

    def invoice(self, invoice_id: str = "1001", key: str | None = KEY, **options: Any) -> httpx.Response:
        return self.send(options.pop("method", "GET"), f"/fetch-invoice-pdf/{invoice_id}/", key, **options)

    def create(
        self, phone: str = PHONE, message: str = "Invoice 123", action: str = "action123", key: str | None = KEY
    ) -> httpx.Response:
        return self.send("POST", f"/payments/swish/{action}", key, params={"phone": phone, "message": message})

    def created(self, **options: str) -> str:
        response = self.create(**options)
        assert response.status_code == 201, response.text
        return str(response.json()["requestid"])

    def status(self, request_id: str, key: str | None = KEY) -> httpx.Response:
        return self.send("GET", f"/payments/swish/{request_id}", key)

    def read(self, request_id: str) -> str:
        response = self.status(request_id)
        assert response.status_code == 200, response.text
        return str(response.json()["requeststatus"])

    def control(self, method: str, path: str = "", **options: Any) -> httpx.Response:
        return self.request(method, f"/__admin/worlds/{self.database}{path}", **options)

    def advance(self, seconds: float) -> None:
        assert self.control("POST", "/clock/advance", json={"seconds": seconds}).status_code == 200

    def set(self, **settings: Any) -> None:
        assert self.control("PATCH", "/settings", json=settings).status_code == 200

    def last_exchange(self) -> dict[str, Any]:
        exchange: dict[str, Any] = self.control("GET", "/requests", params={"limit": 1}).json()["requests"][0]
        return exchange

    def why(self) -> str:
        return str(self.last_exchange()["why"]["code"])

    def other(self, database: str) -> "World":
        """Another world on the same server."""
        self.request("PUT", f"/__admin/worlds/{database}")
        return World(self._app, database)

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """A request to any path of the server."""

        return asyncio.run(self.request_async(method, path, **options))

    async def request_async(self, method: str, path: str, **options: Any) -> httpx.Response:
        """The same, within a running event loop."""
        transport = httpx.ASGITransport(self._app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.request(method, path, **options)


def control(world: World, method: str, path: str, **options: Any) -> httpx.Response:
    """A request to the admin API, outside of this world."""
    return world.request(method, f"/__admin{path}", **options)


def complaint(response: httpx.Response, status: int) -> str:
    """What the admin API says in an error with this status."""
    assert response.status_code == status, response.text
    assert set(response.json()) == {"error", "message"}
    return str(response.json()["message"])


@pytest.fixture(scope="session")
def start() -> Callable[..., World]:
    """Start an application with these settings and give its first world."""

    def start(**chosen: Any) -> World:
        settings = Settings(**chosen)
        return World(create_app(settings, load_dataset(settings)))

    return start


@pytest.fixture(scope="session")
def first_world(start: Callable[..., World]) -> World:
    """The world that is there from the start, of an application that all tests without settings of their own share."""
    return start()


@pytest.fixture
def world(first_world: World) -> Iterator[World]:
    """A world for one test, in the shared application."""
    world = first_world.other(f"test-{next(NUMBERS)}")
    yield world
    world.control("DELETE")
