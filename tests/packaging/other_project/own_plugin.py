"""A plugin of the project, with fixtures and markers whose names are those of the verifier's."""

import pytest


def pytest_configure(config: pytest.Config) -> None:
    for name in ("clause", "first", "last", "deep"):
        config.addinivalue_line("markers", f"{name}: a marker of the project")


@pytest.fixture
def target() -> str:
    return "the project's"


@pytest.fixture
def session() -> str:
    return "the project's"
