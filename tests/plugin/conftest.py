"""pytest runs of a project that has the package installed, each in a folder of its own."""

from collections.abc import Iterator

import pytest

from mock_server.server import MockServer


@pytest.fixture(scope="session")
def mock() -> Iterator[MockServer]:
    with MockServer() as server:
        yield server


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
