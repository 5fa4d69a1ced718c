"""The pytest plugin that comes with the package: the fixtures `billecta_mock` and `billecta_world`.

pytest reads this module in every project that has the package installed, so it imports nothing that takes time: the
server and its client are loaded by the first test that asks for them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from billecta_mock.client import MockClient, WorldClient
    from billecta_mock.config import Settings

_URL: Final = "billecta_mock_url"
_CA_FILE: Final = "billecta_mock_ca_file"
_CLIENT_FILE: Final = "billecta_mock_client_file"
_TOKEN_VARIABLE: Final = "BILLECTA_MOCK_ADMIN_TOKEN"  # noqa: S105 — the name of a variable
_LONGEST_PREFIX: Final = 48
_BAD_REQUEST: Final = 400
_WORLD: Final = pytest.StashKey["WorldClient"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where the mock is, if one runs already."""
    group = parser.getgroup("billecta-mock", "the mock of limepkg-billecta-integration")
    for name, metavar, text in (
        (_URL, "URL", "use the mock server that runs there, instead of starting one"),
        (
            _CA_FILE,
            "FILE",
            "certificate authority to trust, where that mock serves https with a certificate of its own",
        ),
        (_CLIENT_FILE, "FILE", "certificate to show, with its key in the same file, where that mock asks for one"),
    ):
        group.addoption(f"--{name.replace('_', '-')}", dest=name, metavar=metavar, default=None, help=text)
        parser.addini(name, text)


@pytest.fixture(scope="session")
def billecta_mock_settings() -> Settings | None:
    """Settings of the mock server that is started: override it in a conftest.py to have others than the usual."""
    return None


@pytest.fixture(scope="session")
def billecta_mock(pytestconfig: pytest.Config, billecta_mock_settings: Settings | None) -> Iterator[MockClient]:
    """A mock server for the whole session: one of its own for each worker of pytest-xdist.

    With `--billecta-mock-url` it is one that runs already. Its token is in BILLECTA_MOCK_ADMIN_TOKEN.
    """
    url = _read(pytestconfig, _URL)
    with _connect(pytestconfig, url) if url else _start(billecta_mock_settings) as mock:
        yield mock


@pytest.fixture
def billecta_seed() -> Mapping[str, Any] | None:
    """What the world of a test is made of: override it to have your own keys and invoices in place of the sample."""
    return None


@pytest.fixture
def billecta_world(
    billecta_mock: MockClient, billecta_seed: Mapping[str, Any] | None, request: pytest.FixtureRequest
) -> Iterator[WorldClient]:
    """A world for this test alone, dropped when it ends. A test that fails shows what happened in it."""
    prefix = re.sub(r"[^A-Za-z0-9_]+", "-", request.node.name)[:_LONGEST_PREFIX].strip("-_") or "test"
    world = billecta_mock.new_world(seed=billecta_seed, prefix=prefix)
    if wrong := _create(world):
        pytest.fail(wrong, pytrace=False)
    request.node.stash[_WORLD] = world
    yield world
    del request.node.stash[_WORLD]
    world.drop()


def _create(world: WorldClient) -> str:
    """Why the world of a test cannot be made, if it cannot."""
    from billecta_mock.client import ControlError, UnreachableError  # noqa: PLC0415 — see the head of the module

    try:
        world.create()
    except ControlError as error:
        return f"billecta_seed: {error.message}" if error.status == _BAD_REQUEST else f"billecta_world: {error}"
    except UnreachableError as error:
        return f"billecta_world: {error}"
    return ""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show with a failure what happened in the world of the test, with the true reasons."""
    report = yield
    if report.failed and _WORLD in item.stash:
        world = item.stash[_WORLD]
        report.sections.append((f"Billecta mock, world {world.database}", _describe(world, call)))
    return report


def _describe(world: WorldClient, call: pytest.CallInfo[None]) -> str:
    from billecta_mock.client import ControlError, UnreachableError  # noqa: PLC0415 — see the head of the module

    try:
        return world.describe(known=str(call.excinfo.value) if call.excinfo else "")
    except (ControlError, UnreachableError) as error:
        return f"what happened there cannot be told: {error}"


@contextmanager
def _start(settings: Settings | None) -> Iterator[MockClient]:
    from billecta_mock.client import MockClient  # noqa: PLC0415 — see the head of the module
    from billecta_mock.server.runner import MockServer  # noqa: PLC0415 — see the head of the module

    with MockServer(settings) as server:
        files = {"ca_file": server.ca_file, "client_file": server.client_file}
        mock = MockClient(server.origin, token=server.admin_token, **files)
        yield mock
        mock.close()


@contextmanager
def _connect(config: pytest.Config, url: str) -> Iterator[MockClient]:
    mock = _find(config, url)
    if isinstance(mock, str):
        pytest.fail(f"--billecta-mock-url: {mock}", pytrace=False)
    yield mock
    mock.close()


def _find(config: pytest.Config, url: str) -> MockClient | str:
    """The mock that runs there, or why it cannot be used."""
    from billecta_mock.client import ControlError, MockClient, UnreachableError  # noqa: PLC0415

    try:
        files = {"ca_file": _read(config, _CA_FILE) or None, "client_file": _read(config, _CLIENT_FILE) or None}
        mock = MockClient(url, token=os.environ.get(_TOKEN_VARIABLE), **files)
        mock.check()
    except (ControlError, UnreachableError, ValueError) as error:
        return str(error)
    return mock


def _read(config: pytest.Config, name: str) -> str:
    """The flag, or else what the configuration file says."""
    return str(config.getoption(name) or config.getini(name) or "")
