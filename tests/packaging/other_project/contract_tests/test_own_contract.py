import mock_server
import spec


def test_the_packages_are_the_projects_own() -> None:
    assert spec.OWNER == mock_server.OWNER == "the project"


def test_the_flag_reaches_the_projects_own_fixture(base_url: str) -> None:
    assert base_url == "https://own.example"
