"""A mock server, a world of it, and a project of its users in a folder of its own."""

from collections.abc import Iterator

import pytest
import requests

from billecta_mock.client import MockClient, WorldClient
from billecta_mock.server.runner import MockServer

PHONE = "46701740605"
TIMEOUT = 10  # seconds for an answer of the mock
SECONDS = 60  # for a run of pytest


@pytest.fixture(scope="session")
def mock() -> Iterator[MockServer]:
    with MockServer() as server:
        yield server


@pytest.fixture
def world(mock: MockServer) -> Iterator[WorldClient]:
    with MockClient(mock.origin).new_world() as world:
        world.clock.freeze()
        yield world


def create(world: WorldClient, phone: str = PHONE, message: str = "Hej") -> requests.Response:
    return requests.post(
        f"{world.base_url}/payments/swish/action123",
        params={"phone": phone, "message": message},
        headers={"x-api-key": world.api_key},
        timeout=TIMEOUT,
    )


def look(world: WorldClient, requestid: str) -> requests.Response:
    url = f"{world.base_url}/payments/swish/{requestid}"
    return requests.get(url, headers={"x-api-key": world.api_key}, timeout=TIMEOUT)


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A project whose settings are its own, with warnings as errors."""
    for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "BILLECTA_MOCK_ADMIN_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    pytester.makepyprojecttoml(
        """
        [tool.pytest.ini_options]
        addopts = ["-p", "no:schemathesis", "-p", "no:hypothesispytest", "-p", "no:cacheprovider"]
        filterwarnings = ["error"]
        """
    )
    return pytester
