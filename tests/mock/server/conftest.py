"""The mock server on a real socket, shared by all tests of this folder: each uses a world of its own."""

from collections.abc import Iterator

import pytest

from billecta_mock.server.runner import MockServer


@pytest.fixture(scope="session")
def mock() -> Iterator[MockServer]:
    with MockServer() as server:
        yield server
