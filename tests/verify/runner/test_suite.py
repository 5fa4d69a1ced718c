"""The checks as a pytest suite: real runs of pytest, against small deployments that count what reaches them."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from tests.tiers import full
from tests.verify.small_server import KEY, Answer, Asked, Contract, serving
from tests.verify.suite import MINE, SECRETS, Suite, known, outcome


def test_the_suite_runs_by_its_name_with_the_short_flags(suite: Suite, base_url: str) -> None:
    done = suite(
        "--pyargs", "billecta_verify", "--base-url", base_url, "-k", "path_ends or head_needs", **known(base_url)
    )
    assert done.returncode == 0, done.stdout
    assert "conforms" in done.stdout


@pytest.mark.full
def test_selection_by_mark_and_name_and_stopping_early(suite: Suite, contract: Contract, base_url: str) -> None:
    chosen = ("--pyargs", "billecta_verify", "--base-url", base_url, "-q")
    done = suite(*chosen, "-m", "clause and not last", "-k", "url", **known(base_url))
    assert done.returncode == 0, done.stdout
    wrong = known(base_url, BILLECTA_HIDDEN_INVOICE_ID="", BILLECTA_INVOICE_ID="1001", BILLECTA_API_KEY=KEY)
    with serving(AnswersNothing()) as broken:
        done = suite(
            *("--pyargs", "billecta_verify", "--base-url", broken, "-q", "-x", "-k", "pdf or document"), **wrong
        )
    assert done.returncode == 1
    assert "1 failed" in outcome(done)


class AnswersNothing(Contract):
    def document(self, asked: Asked) -> Answer:
        return Answer(200, b"", "application/pdf")


@pytest.mark.full
def test_the_junit_file_of_pytest_names_clause_and_outcome(suite: Suite, base_url: str, tmp_path: Path) -> None:
    for workers in ((), ("-n", "2")):
        suite("--pyargs", "billecta_verify", "--base-url", base_url, *workers,
              "-k", "path_ends or create_lives", "--junitxml=out.xml", **known(base_url))  # fmt: skip
        cases = ET.parse(tmp_path / "out.xml").getroot().findall(".//testcase")
        assert cases
        for case in cases:
            properties = {item.get("name"): item.get("value") for item in case.iter("property")}
            assert properties["clause"] == "URL-1"
            assert properties["outcome"] == "passed"
        assert not [secret for secret in SECRETS if secret in (tmp_path / "out.xml").read_text(encoding="utf-8")]


@pytest.mark.parametrize("workers", [(), *full([("-n", "2")])], ids=["alone", "workers"])
@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({}, "no deployment to verify is given"),
        ({"BILLECTA_BASE_URL": "http://127.0.0.1:9/x/limepkg-billecta-integration"}, "no API key is given"),
        (
            {
                "BILLECTA_BASE_URL": "http://127.0.0.1:9/x/limepkg-billecta-integration",
                "BILLECTA_API_KEY": KEY,
                "BILLECTA_INVOICE_ID": "1001",
            },
            "cannot be reached",
        ),
    ],
    ids=["nothing", "no key", "nobody there"],
)
def test_what_is_wrong_with_the_target_is_one_sentence(
    suite: Suite, workers: tuple[str, ...], variables: dict[str, str], sentence: str
) -> None:
    done = suite("--pyargs", "billecta_verify", "-q", *workers, **variables)
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    said = (done.stdout + done.stderr).strip()
    assert said.count(sentence) == 1
    assert "Traceback" not in said
    assert KEY not in said


@pytest.mark.parametrize(
    ("marker", "sentence"),
    [
        ('"PDF-99"', "is not in the register: did you mean PDF-"),
        ('"PDF-1", effect="harm"', "use one of none, read, create"),
    ],
)
def test_a_marker_that_says_nothing_known_is_one_sentence(
    suite: Suite, base_url: str, tmp_path: Path, marker: str, sentence: str
) -> None:
    text = f"{MINE}\n@pytest.mark.clause({marker})\ndef test_it(): pass\n"
    (tmp_path / "test_mine.py").write_text(text, encoding="utf-8")
    done = suite("--billecta-base-url", base_url, **known(base_url))
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert sentence in done.stdout + done.stderr


OTHER_PLUGIN = """
import pytest

def pytest_addoption(parser):
    parser.addoption("--base-url", dest="base_url")
    parser.addoption("--timeout", type=float)
    parser.addoption("--seed", action="store_true")

@pytest.fixture
def session():
    return "the session of another plugin"
"""


def test_flags_of_other_plugins_stay_theirs(suite: Suite, base_url: str, tmp_path: Path) -> None:
    (tmp_path / "other.py").write_text(OTHER_PLUGIN, encoding="utf-8")
    (tmp_path / "test_mine.py").write_text(
        "def test_it(pytestconfig):\n"
        "    options = pytestconfig.option\n"
        "    assert (options.timeout, options.seed, options.billecta_seed) == (0.5, True, None)\n"
        "    assert options.base_url == options.billecta_base_url\n",
        encoding="utf-8",
    )
    variables = {**known(base_url), "PYTHONPATH": str(tmp_path)}
    others = ("-p", "other", "--timeout", "0.5", "--seed")
    ours = ("--pyargs", "billecta_verify", "-k", "test_it", "--base-url", base_url)
    done = suite("test_mine.py", *others, *ours, **variables)
    assert "1 passed" in outcome(done), done.stdout


def test_a_project_that_does_not_ask_for_it_is_not_changed(suite: Suite, tmp_path: Path) -> None:
    (tmp_path / "other.py").write_text(OTHER_PLUGIN, encoding="utf-8")
    (tmp_path / "test_mine.py").write_text(
        "import sys\n"
        "def test_it(session, pytestconfig):\n"
        "    assert session == 'the session of another plugin'\n"
        "    slow = {'requests', 'hypothesis', 'schemathesis', 'pikepdf', 'rich', 'billecta_verify.runner.plugin'}\n"
        "    assert not slow & set(sys.modules)\n"
        "    assert not any(line.startswith('clause') for line in pytestconfig.getini('markers'))\n",
        encoding="utf-8",
    )
    told = {"BILLECTA_BASE_URL": "http://127.0.0.1:9/x", "BILLECTA_TARGET_FILE": "absent.toml"}
    for arguments in ((), ("-n", "2")):
        done = suite("-p", "other", "-p", "no:anyio", *arguments, PYTHONPATH=str(tmp_path), **told)
        assert "1 passed" in outcome(done), done.stdout
    assert suite("--seed-of-nobody", "3").returncode == pytest.ExitCode.USAGE_ERROR


@pytest.mark.parametrize("option", ["--collect-only", *full(["--fixtures", "--setup-plan"])])
def test_a_run_without_tests_asks_nobody(suite: Suite, contract: Contract, base_url: str, option: str) -> None:
    done = suite("--pyargs", "billecta_verify", "--base-url", base_url, option, "-q", **known(base_url))
    assert done.returncode == 0
    assert contract.seen == []
