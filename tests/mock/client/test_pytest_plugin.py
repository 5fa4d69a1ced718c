"""The plugin as a project of its users has it, in real runs of pytest: worlds, settings and what it costs."""

import json

import pytest

from .conftest import SECONDS

pytest_plugins = ["pytester"]


def test_a_test_gets_a_world_of_its_own_that_works(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import requests

        def test_it(billecta_world):
            headers = {"x-api-key": billecta_world.api_key}
            document = requests.get(billecta_world.base_url + "/fetch-invoice-pdf/1001/", headers=headers, timeout=10)
            assert document.content.startswith(b"%PDF-")
        """
    )
    project.runpytest_subprocess(timeout=SECONDS).assert_outcomes(passed=1)


def test_worlds_share_a_server_and_nothing_else_and_are_dropped_afterwards(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import pytest
        import requests

        seen = []

        @pytest.mark.parametrize("number", [1, 2])
        def test_it(billecta_world, billecta_mock, number):
            assert billecta_world.payments.list() == []
            assert billecta_world.requests.list() == []
            assert billecta_world.faults.list() == []
            headers = {"x-api-key": billecta_world.api_key}
            url = billecta_world.base_url + "/payments/swish/action123?phone=46701740605&message=Hej"
            assert requests.post(url, headers=headers, timeout=10).status_code == 201
            billecta_world.faults.add("EMPTY_RESPONSE")
            seen.append((billecta_mock.origin, billecta_world.database))

        def test_afterwards(billecta_mock):
            (origin, one), (same, other) = seen
            assert origin == same == billecta_mock.origin
            assert one != other
            worlds = requests.get(origin + "/__admin/worlds", timeout=10).json()["worlds"]
            assert [world["database"] for world in worlds] == ["database"]
        """
    )
    project.runpytest_inprocess().assert_outcomes(passed=3)


@pytest.mark.full
def test_each_worker_of_xdist_has_a_server_of_its_own(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import pathlib
        import pytest

        @pytest.mark.parametrize("number", range(4))
        def test_it(billecta_world, billecta_mock, worker_id, number):
            pathlib.Path(f"{worker_id}-{number}.origin").write_text(billecta_mock.origin)

        def test_that_fails(billecta_world):
            billecta_world.requests.wait_for("getSwishPayment", seconds=0)
        """
    )
    result = project.runpytest_subprocess("-n", "2", timeout=SECONDS)
    result.assert_outcomes(passed=4, failed=1)
    result.stdout.fnmatch_lines(["*waited 0 s for a request with operation getSwishPayment; none came"])
    result.stdout.fnmatch_lines(["*Billecta mock, world test_that_fails-*"])
    origins: dict[str, set[str]] = {}
    for file in project.path.glob("*.origin"):
        origins.setdefault(file.name.partition("-")[0], set()).add(file.read_text())
    assert all(len(of_worker) == 1 for of_worker in origins.values())
    assert len({origin for of_worker in origins.values() for origin in of_worker}) == len(origins)


def test_settings_of_the_server_and_seed_of_the_worlds_can_be_the_projects_own(project: pytest.Pytester) -> None:
    project.makeconftest(
        """
        import pytest
        from billecta_mock.domain.payments import Progression
        from billecta_mock.config import Settings

        @pytest.fixture(scope="session")
        def billecta_mock_settings():
            return Settings(port=0, progression=Progression.MANUAL, admin_token="only-for-us")

        @pytest.fixture
        def billecta_seed():
            return {"keys": [{"key": "MY-KEY", "name": "My client"}], "invoices": []}
        """
    )
    project.makepyfile(
        """
        def test_it(billecta_world):
            assert billecta_world.settings.read()["progression"] == "manual"
            assert billecta_world.api_key == billecta_world.keys["My client"] == "MY-KEY"
        """
    )
    project.runpytest_inprocess().assert_outcomes(passed=1)


def test_a_project_that_does_not_use_it_pays_nothing_for_it(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import json, pathlib, sys

        def test_it():
            pathlib.Path("modules.json").write_text(json.dumps(sorted(sys.modules)))
        """
    )
    project.runpytest_subprocess("-p", "no:xdist", timeout=SECONDS).assert_outcomes(passed=1)
    modules = json.loads((project.path / "modules.json").read_text())
    ours = [name for name in modules if name.startswith("billecta_mock")]
    assert ours == ["billecta_mock", "billecta_mock.server", "billecta_mock.server.pytest_plugin"]
    assert not {"connexion", "pikepdf", "requests", "rich", "urllib3", "uvicorn", "yaml"} & set(modules)


def test_the_help_lists_the_options_and_the_fixtures(project: pytest.Pytester) -> None:
    shown = project.runpytest_inprocess("--help")
    shown.stdout.fnmatch_lines(["*--billecta-mock-url=URL*"])
    fixtures = project.runpytest_inprocess("--fixtures")
    fixtures.stdout.fnmatch_lines(["billecta_world -- *", "*A world for this test alone, *"])


def test_long_and_odd_names_of_tests_make_good_names_of_worlds(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import pytest

        class TestGroup:
            @pytest.mark.parametrize("text", ["a/b ü", "x" * 200])
            def test_it(self, billecta_world, text):
                assert len(billecta_world.database) <= 64
                assert billecta_world.clock.mode == "real"

        def test_ü(billecta_world):
            assert billecta_world.clock.mode == "real"
        """
    )
    project.runpytest_inprocess().assert_outcomes(passed=3)
