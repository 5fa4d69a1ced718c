"""The plugin as a project of its users has it: real runs of pytest."""

import json

import pytest
import requests

from mock_server.server import MockServer
from mock_server.settings import Settings

pytest_plugins = ["pytester"]
SECONDS = 60


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


def test_a_claim_that_does_not_hold_says_what_was_seen_instead(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import requests
        from mock_server.client import at_least, exactly

        def test_it(billecta_world):
            headers = {"x-api-key": billecta_world.api_key}
            create = billecta_world.base_url + "/payments/swish/action123"
            requests.post(create + "?phone=46701740605&message=Hej", headers=headers, timeout=10)
            requests.post(create + "?phoneNumber=46701740605&message=Hej", headers=headers, timeout=10)
            billecta_world.requests.assert_sequence(
                exactly(2, "createSwishPayment", phone="46701740605"), at_least(1, "getSwishPayment")
            )
        """
    )
    result = project.runpytest_inprocess()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            ">*billecta_world.requests.assert_sequence(",
            "E*AssertionError: sequence, claim 1: wanted exactly 2 requests with operation createSwishPayment, *",
            "E*almost: #2, but phone is nothing, not 46*05",
            "E*what the world 'test_it-*' saw:",
            "E*#1 *POST /payments/swish/action123[?]phone=46*05&message=Hej -> 201",
            "E*#2 *-> 400",
            "E*parameter_missing: phone is required in the query string and is missing",
            "E*'phoneNumber' was probably meant to be 'phone'",
            "*- Billecta mock, world test_it-* -*",
            "payment *  phone 46[*][*][*]05, message 'Hej': Created * (requested)",
            "clock real, at *",
        ],
        consecutive=False,
    )
    result.stdout.no_fnmatch_line("*mock_server/client*")


def test_any_other_failure_shows_what_happened_in_the_world_and_why(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import pytest
        import requests

        @pytest.fixture
        def api(billecta_world):
            billecta_world.faults.add("CONNECTION_RESET_BY_PEER", operation="getSwishPayment", name="resets")
            billecta_world.defects.set("pdf-truncated")
            return billecta_world.base_url

        def test_a_wrong_key(api):
            answer = requests.get(api + "/fetch-invoice-pdf/1001", headers={"x-api-key": "abc"}, timeout=10)
            assert answer.status_code == 200

        def test_a_lost_connection(api):
            requests.get(api + "/payments/swish/x", headers={"x-api-key": "ABC123"}, timeout=10)

        @pytest.fixture
        def broken(api):
            requests.get(api + "/fetch-invoice-pdf/none/", headers={"x-api-key": "ABC123"}, timeout=10)
            raise RuntimeError("no more")

        def test_a_broken_fixture(broken):
            pass
        """
    )
    result = project.runpytest_inprocess()
    result.assert_outcomes(failed=2, errors=1)
    result.stdout.fnmatch_lines(["*invoice_unknown: *"])
    result.stdout.fnmatch_lines(
        [
            "*Billecta mock, world test_a_wrong_key-*",
            "#1 *GET /fetch-invoice-pdf/1001 -> 404",
            "*route_unknown: *",
            "*a slash belongs at the end",
            "fault resets: came true for 0 of 0 requests",
            "defect pdf-truncated",
            "*Billecta mock, world test_a_lost_connection-*",
            "#1 *GET /payments/swish/x -> no answer",
            "*by *fault:CONNECTION_RESET_BY_PEER",
            "fault resets: came true for 1 of 1 requests",
        ],
        consecutive=False,
    )


def test_a_test_that_passes_shows_nothing(project: pytest.Pytester) -> None:
    project.makepyfile("def test_it(billecta_world): pass")
    result = project.runpytest_inprocess("-rA")
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*Billecta mock*")


def test_what_the_control_plane_refuses_is_said_at_the_line_of_the_test(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        def test_a_bundle(billecta_world):
            billecta_world.apply("flaky-netwrok")

        def test_an_option(billecta_world):
            billecta_world.faults.add("STATUS", statsu=503)
        """
    )
    result = project.runpytest_inprocess()
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(
        [
            ">*billecta_world.apply(*",
            "E*404, there is no bundle 'flaky-netwrok'; did you mean 'flaky-network'?",
            ">*billecta_world.faults.add(*",
            "E*there is no option 'statsu'; did you mean 'status'?",
        ],
        consecutive=False,
    )
    result.stdout.no_fnmatch_line("*mock_server/client*")


def test_a_server_that_ended_before_the_test_failed_hides_no_failure(project: pytest.Pytester) -> None:
    project.makeconftest(
        """
        import pytest
        from mock_server.client import MockClient
        from mock_server.server import MockServer

        @pytest.fixture(scope="session")
        def server():
            with MockServer() as server:
                yield server

        @pytest.fixture(scope="session")
        def billecta_mock(server):
            yield MockClient(server.origin)
        """
    )
    project.makepyfile(
        """
        def test_it(billecta_world, server):
            server.stop()
            assert 1 == 2
        """
    )
    result = project.runpytest_inprocess()
    result.stdout.fnmatch_lines(["E*assert 1 == 2"])
    result.stdout.fnmatch_lines(["what happened there cannot be told: no mock server answers at http://127.0.0.1:*"])


def test_a_mock_that_runs_already_is_used_in_the_place_of_a_new_one(project: pytest.Pytester, mock: MockServer) -> None:
    project.makepyfile(
        f"""
        import sys

        def test_it(billecta_world):
            assert billecta_world.base_url.startswith("{mock.origin}/test_it-")
            assert "connexion" not in sys.modules
        """
    )
    result = project.runpytest_subprocess("--billecta-mock-url", mock.origin, timeout=SECONDS)
    result.assert_outcomes(passed=1)
    assert "test_it" not in requests.get(f"{mock.origin}/__admin/worlds", timeout=SECONDS).text


def test_the_configuration_file_can_name_the_mock(project: pytest.Pytester, mock: MockServer) -> None:
    project.makepyfile(f'def test_it(billecta_mock): assert billecta_mock.origin == "{mock.origin}"')
    project.runpytest_inprocess("-o", f"billecta_mock_url={mock.origin}/").assert_outcomes(passed=1)


def test_the_token_of_a_mock_that_runs_already_is_in_the_environment(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.makepyfile("def test_it(billecta_world): pass")
    with MockServer(Settings(port=0, admin_token="only-for-us")) as guarded:  # noqa: S106 — a token for this test
        refused = project.runpytest_inprocess("--billecta-mock-url", guarded.origin)
        refused.assert_outcomes(errors=1)
        refused.stdout.fnmatch_lines(["*--billecta-mock-url: GET /bundles: 401, the control plane needs its token*"])
        monkeypatch.setenv("BILLECTA_MOCK_ADMIN_TOKEN", "only-for-us")
        allowed = project.runpytest_inprocess("--billecta-mock-url", guarded.origin)
        allowed.assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("http://127.0.0.1:1", "no mock server answers at http://127.0.0.1:1: *"),
        ("http://127.0.0.1:1 --billecta-mock-ca-file=ca.pem", "the certificate authority ca.pem is for https, and *"),
        ("127.0.0.1:8080", "'127.0.0.1:8080' is not the address of a mock server, such as http://127.0.0.1:8080"),
    ],
)
def test_a_mock_that_is_not_there_is_said_in_one_sentence(project: pytest.Pytester, url: str, sentence: str) -> None:
    project.makepyfile("def test_it(billecta_world): pass")
    result = project.runpytest_inprocess("--billecta-mock-url", *url.split())
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"--billecta-mock-url: {sentence}"])
    said = result.stdout.str().partition("short test summary")[0]
    assert said.count("--billecta-mock-url") == 1
    assert "Error" not in said.replace("NewConnectionError", "")
    assert "During handling" not in said


def test_a_seed_that_is_none_is_said_in_one_sentence(project: pytest.Pytester) -> None:
    project.makeconftest(
        """
        import pytest

        @pytest.fixture
        def billecta_seed():
            return {"keys": [{"key": ""}]}
        """
    )
    project.makepyfile("def test_it(billecta_world): pass")
    result = project.runpytest_inprocess()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["billecta_seed: body, /keys/0*"])
    said = result.stdout.str().partition("short test summary")[0]
    assert said.count("billecta_seed: ") == 1
    assert "mock_server/" not in said


def test_settings_of_the_server_and_seed_of_the_worlds_can_be_the_projects_own(project: pytest.Pytester) -> None:
    project.makeconftest(
        """
        import pytest
        from mock_server.domain.swish import Progression
        from mock_server.settings import Settings

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
    assert [name for name in modules if name.startswith("mock_server")] == ["mock_server", "mock_server.pytest_plugin"]
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
