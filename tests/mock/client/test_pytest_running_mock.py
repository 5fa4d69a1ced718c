"""A mock that runs already, which a project uses instead of a new one."""

import pytest
import requests

from billecta_mock.config import Settings
from billecta_mock.server.runner import MockServer

from .conftest import SECONDS

pytest_plugins = ["pytester"]


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
        refused.stdout.fnmatch_lines(["*--billecta-mock-url: GET /bundles: 401, the admin API needs its token*"])
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
