import mock_server
import pytest
import spec


def test_the_packages_are_the_projects_own() -> None:
    assert spec.OWNER == mock_server.OWNER == "the project"


def test_the_flag_reaches_the_projects_own_fixture(base_url: str) -> None:
    assert base_url == "https://own.example"


@pytest.mark.last
@pytest.mark.clause("4.2")
def test_the_fixtures_and_markers_are_the_projects_own(target: str, session: str) -> None:
    assert target == session == "the project's"


@pytest.mark.first
def test_the_order_is_the_projects_own(request: pytest.FixtureRequest) -> None:
    names = [item.name for item in request.session.items if "own_contract" in item.nodeid]
    assert names.index("test_the_packages_are_the_projects_own") == 0
