"""A project of somebody else, with a flag and folders whose names are those of our own."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--base-url", default="unset")


@pytest.fixture
def base_url(pytestconfig: pytest.Config) -> str:
    return str(pytestconfig.getoption("--base-url"))
