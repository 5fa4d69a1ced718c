"""The examples for other languages and for pytest are run against a real server, and the pages show what was run."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from billecta_mock.config import Settings
from billecta_mock.server.runner import MockServer

pytestmark = pytest.mark.full

pytest_plugins = ["pytester"]
ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
SECONDS = 120
COMMANDS = {
    "python/test_payment.py": [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
    "javascript/payment.test.mjs": ["node", "--test"],
    "java/PaymentExample.java": ["java"],
}
SHOWN_ON = {"python": "testing.md", "javascript": "clients.md", "java": "clients.md"}
TOKEN = "only-for-us"  # noqa: S105 — a token for these tests


@pytest.fixture(scope="module")
def guarded() -> Iterator[MockServer]:
    with MockServer(Settings(port=0, admin_token=TOKEN)) as server:
        yield server


def run(example: str, server: MockServer, folder: Path, token: str = TOKEN) -> "subprocess.CompletedProcess[str]":
    command = [*COMMANDS[example], str(EXAMPLES / example)]
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not on this machine")
    variables = {"MOCK_URL": server.origin, "MOCK_TOKEN": token, "BILLECTA_MOCK_ADMIN_TOKEN": token}
    if example.startswith("python"):
        command += ["--billecta-mock-url", server.origin, "--rootdir", str(EXAMPLES), "-c", os.devnull]
    return subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


@pytest.mark.parametrize("example", COMMANDS)
def test_an_example_passes_and_leaves_no_world_behind(example: str, guarded: MockServer, tmp_path: Path) -> None:
    result = run(example, guarded, tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr
    answer = requests.get(
        f"{guarded.origin}/__admin/worlds", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=SECONDS
    )
    assert [world["database"] for world in answer.json()["worlds"]] == ["database"]


@pytest.mark.parametrize("example", COMMANDS)
def test_an_example_fails_where_the_mock_does_not_let_it_in(example: str, guarded: MockServer, tmp_path: Path) -> None:
    result = run(example, guarded, tmp_path, token="a-wrong-token")  # noqa: S106 — a token for this test
    assert result.returncode != 0
    assert "this is not the token of the admin API" in result.stdout + result.stderr


@pytest.mark.parametrize("example", COMMANDS)
def test_a_page_shows_an_example_as_it_is(example: str) -> None:
    page = ROOT / "docs" / SHOWN_ON[example.partition("/")[0]]
    assert f"\n{(EXAMPLES / example).read_text(encoding='utf-8')}```" in page.read_text(encoding="utf-8")


def test_there_is_no_example_that_is_not_run() -> None:
    found = {str(file.relative_to(EXAMPLES)) for file in EXAMPLES.rglob("*") if file.suffix not in {"", ".pyc"}}
    stock = {name for name in found if name.startswith("schemathesis/")}  # run by the tests of stock schemathesis
    assert found - stock == set(COMMANDS)


README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGE = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = [*BLOCK.findall(PAGE), *(text for text in BLOCK.findall(README) if "def test_" in text)]
VARYING = re.compile(r"\d\d:\d\d:\d\d\.\d\d\d|-[0-9a-f]{12}")


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_the_tests_that_the_page_on_testing_shows_pass(
    number: int, pytester: pytest.Pytester, guarded: MockServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BILLECTA_MOCK_ADMIN_TOKEN", TOKEN)
    text = BLOCKS[number]
    if "def test_" not in text:
        pytester.makeconftest(text)
        text = "def test_it(billecta_world): billecta_world.clock.freeze()"
        arguments: tuple[str, ...] = ()
    else:
        arguments = ("--billecta-mock-url", guarded.origin)
    pytester.makepyfile(f"import pytest\nimport requests\nfrom billecta_mock.client import *\n\n{text}")
    result = pytester.runpytest_inprocess("-p", "no:schemathesis", "-W", "error", *arguments)
    outcomes = result.parseoutcomes()
    assert set(outcomes) == {"passed"}, result.stdout.str()


def test_the_failure_that_the_page_on_testing_shows_is_the_one_that_comes(
    pytester: pytest.Pytester, guarded: MockServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BILLECTA_MOCK_ADMIN_TOKEN", TOKEN)
    (shown,) = re.findall(r"^```text\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    pytester.makepyfile(
        f"""
        import requests
        from billecta_mock.client import at_least, exactly

        def test_it(billecta_world):
            url = billecta_world.base_url + "/payments/swish/action123?phoneNumber=46701740605&message=Hej"
            requests.post(url, headers={{"x-api-key": billecta_world.api_key}}, timeout=10)
            {shown.splitlines()[0].lstrip("> ")}
        """
    )
    result = pytester.runpytest_inprocess("-p", "no:schemathesis", "--billecta-mock-url", guarded.origin)
    seen = [line for line in result.outlines if line.startswith((">", "E "))]
    assert VARYING.sub("", "\n".join(seen)) == VARYING.sub("", shown.strip())
