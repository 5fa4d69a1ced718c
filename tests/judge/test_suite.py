"""The checks as a pytest suite: real runs of pytest, against small deployments that count what reaches them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from .defects import UnknownActionAccepted
from .small_server import KEY, LIMITED_KEY, READ_ONLY_KEY, Answer, Asked, Contract, serving
from .test_command_line import REAL_PHONE, described, environment

SECRETS = (KEY, LIMITED_KEY, READ_ONLY_KEY, REAL_PHONE)
Suite = Callable[..., subprocess.CompletedProcess[str]]

MINE = """
import pytest

def invoice(session, target, **headers):
    return session.get(f"{target.base_url}/fetch-invoice-pdf/{target.invoice_id}/", headers=headers)
"""
LOADS_THE_PLUGIN = 'pytest_plugins = ["contract_tests.plugin"]\n'


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    """Runs pytest in an empty project with these arguments; variables are in its environment."""

    def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        plugins = ("--assert=plain", "-p", "no:cacheprovider", "-p", "no:schemathesis", "-p", "no:hypothesispytest")
        return subprocess.run(
            [sys.executable, "-m", "pytest", *plugins, *arguments],
            cwd=tmp_path, env=environment(**variables), capture_output=True, text=True, timeout=200, check=False,
        )  # fmt: skip

    return run


def known(base_url: str, **changed: str) -> dict[str, str]:
    """All that is known of the small deployment but its address."""
    variables = {**described(base_url), **changed}
    return {name: value for name, value in variables.items() if name != "BILLECTA_BASE_URL" and value}


def outcome(done: subprocess.CompletedProcess[str]) -> str:
    return done.stdout.strip().splitlines()[-1]


@pytest.fixture
def contract() -> Contract:
    return Contract()


@pytest.fixture
def base_url(contract: Contract) -> Iterator[str]:
    with serving(contract) as url:
        yield url


def test_the_suite_runs_by_its_name_with_the_short_flags(suite: Suite, base_url: str) -> None:
    done = suite("--pyargs", "contract_tests", "--base-url", base_url, "-k", "url or head_needs", **known(base_url))
    assert done.returncode == 0, done.stdout
    assert "conforms" in done.stdout


def test_a_run_of_all_stays_in_its_budget_with_and_without_workers(suite: Suite) -> None:
    counts = []
    for workers in ((), ("-n", "2")):
        contract = Contract()
        with serving(contract) as base_url:
            done = suite("--pyargs", "contract_tests", f"--base-url={base_url}", "-q", *workers, **known(base_url))
        assert done.returncode == 0, done.stdout
        counts.append((len(contract.payments), f"({len(contract.seen)} requests" in done.stdout))
        assert len(contract.seen) <= 350
    assert counts[0] == counts[1]
    assert all(said for _, said in counts)


@pytest.mark.parametrize("mode", ["load", "loadfile", "each"])
def test_no_way_of_sharing_the_work_exceeds_a_budget(
    suite: Suite, contract: Contract, base_url: str, mode: str
) -> None:
    workers = ("--tx", "2*popen", "--dist", mode) if mode == "each" else ("-n", "2", "--dist", mode)
    limits = known(base_url, BILLECTA_ALLOW_PAYMENTS="2", BILLECTA_MAX_REQUESTS="60")
    done = suite("--pyargs", "contract_tests", "--base-url", base_url, "-q", *workers, **limits)
    assert len(contract.seen) == 60, done.stdout
    assert 0 < len(contract.payments) <= 2
    posts = Counter((asked.raw_path, asked.query, asked.body) for asked in contract.seen if is_keyed_post(asked))
    assert max(posts.values()) == 1


def is_keyed_post(asked: Asked) -> bool:
    return asked.method == "POST" and asked.key == KEY


PAYS = (
    MINE
    + """
@pytest.mark.parametrize("number", range(12))
@pytest.mark.clause("SWISH-1", effect="create")
def test_pays(session, target, number):
    session.post(
        f"{target.base_url}/payments/swish/{target.action_id}",
        params={"phone": "46701740605", "message": f"number {number}"}, headers={"x-api-key": target.api_key},
    )
"""
)


def test_tests_of_ones_own_share_the_budget_over_workers(
    suite: Suite, contract: Contract, base_url: str, tmp_path: Path
) -> None:
    (tmp_path / "test_mine.py").write_text(PAYS, encoding="utf-8")
    done = suite("-n", "3", "-p", "contract_tests.plugin", "--base-url", base_url,
                 **known(base_url, BILLECTA_ALLOW_PAYMENTS="5"))  # fmt: skip
    assert len(contract.payments) == 5
    assert "5 passed" in outcome(done)
    assert "7 failed" in outcome(done)


DIES = (
    MINE
    + """
import os

@pytest.mark.parametrize("number", range(6))
@pytest.mark.clause("SWISH-1", effect="create")
def test_pays_and_dies(session, target, number):
    session.post(
        f"{target.base_url}/payments/swish/{target.action_id}",
        params={"phone": "46701740605", "message": "Invoice 123"}, headers={"x-api-key": target.api_key},
    )
    os._exit(3)
"""
)


def test_a_worker_that_dies_leaves_no_budget_behind_and_repeats_no_post(
    suite: Suite, contract: Contract, base_url: str, tmp_path: Path
) -> None:
    (tmp_path / "test_mine.py").write_text(DIES, encoding="utf-8")
    suite("-n", "2", "-p", "contract_tests.plugin", "--base-url", base_url,
          **known(base_url, BILLECTA_ALLOW_PAYMENTS="4"))  # fmt: skip
    assert len(contract.payments) == 1


UNEXPECTED = (
    MINE
    + """
@pytest.mark.parametrize("number", range(8))
@pytest.mark.clause("SWISH-9", effect="none", kind="my own kind")
def test_an_unknown_action(session, target, number):
    from random import Random
    from contract_tests.absence import marked_id
    action = marked_id("action123", target.seed, Random(number))
    session.post(
        f"{target.base_url}/payments/swish/{action}",
        params={"phone": "46701740605", "message": "a"}, headers={"x-api-key": target.api_key},
    )
"""
)


def test_workers_together_cause_one_unexpected_payment_at_most(suite: Suite, tmp_path: Path) -> None:
    class SlowlyAccepted(UnknownActionAccepted):
        def created(self, asked: Asked) -> Answer:
            time.sleep(0.3)
            return super().created(asked)

    contract = SlowlyAccepted()
    (tmp_path / "test_mine.py").write_text(UNEXPECTED, encoding="utf-8")
    with serving(contract) as base_url:
        suite("-n", "4", "-p", "contract_tests.plugin", "--base-url", base_url, **known(base_url))
    assert len(contract.payments) == 1


READS = (
    MINE
    + """
@pytest.mark.parametrize("number", range(20))
def test_reads(session, target, number):
    assert invoice(session, target).status_code == 404
"""
)


def test_the_rate_holds_over_workers(suite: Suite, tmp_path: Path) -> None:
    times: list[float] = []

    class Timed(Contract):
        def answer(self, asked: Asked) -> Answer:
            times.append(time.monotonic())
            return super().answer(asked)

    (tmp_path / "test_mine.py").write_text(READS, encoding="utf-8")
    with serving(Timed()) as base_url:
        done = suite("-n", "3", "-p", "contract_tests.plugin", "--base-url", base_url,
                     **known(base_url, BILLECTA_RATE_LIMIT="10"))  # fmt: skip
    assert "20 passed" in outcome(done)
    assert times[-1] - times[0] >= 19 / 10 * 0.9


def test_tests_of_ones_own_run_beside_the_checks_under_the_same_guards(
    suite: Suite, contract: Contract, base_url: str, tmp_path: Path
) -> None:
    (tmp_path / "conftest.py").write_text(LOADS_THE_PLUGIN, encoding="utf-8")
    (tmp_path / "test_mine.py").write_text(
        MINE
        + """
@pytest.mark.clause("PDF-1")
def test_the_invoice_is_there(session, target):
    assert invoice(session, target, **{"x-api-key": target.api_key}).content.startswith(b"%PDF-")

def test_without_a_marker_it_may_only_read(session, target):
    assert invoice(session, target).status_code == 404
    with pytest.raises(Exception, match="under the effect `read`"):
        session.post(f"{target.base_url}/payments/swish/{target.action_id}")

def test_elsewhere_is_out_of_bounds(session):
    with pytest.raises(Exception, match="is not the deployment"):
        session.get("http://127.0.0.1:9/")

def test_cookies_are_not_kept(session):
    assert not session.cookies

def test_of_nobody_elses_business():
    assert True
""",
        encoding="utf-8",
    )
    done = suite("test_mine.py", "--pyargs", "contract_tests", "--base-url", base_url, "-k", "mine or url",
                 **known(base_url))  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert "URL-1" in done.stdout


def test_a_failed_test_of_ones_own_is_a_finding_of_its_clause(suite: Suite, base_url: str, tmp_path: Path) -> None:
    (tmp_path / "test_mine.py").write_text(
        MINE
        + """
@pytest.mark.clause("PDF-3")
def test_it_has_two_pages(session, target):
    assert len(invoice(session, target).content) > 10 ** 9, f"too short for {target.api_key}"
""",
        encoding="utf-8",
    )
    done = suite("-p", "contract_tests.plugin", "--base-url", base_url, "--tb=no", "-rN", **known(base_url))
    assert done.returncode == 1
    assert "finding 1: PDF-3" in done.stdout
    assert KEY not in done.stdout


def test_selection_by_mark_and_name_and_stopping_early(suite: Suite, contract: Contract, base_url: str) -> None:
    chosen = ("--pyargs", "contract_tests", "--base-url", base_url, "-q")
    done = suite(*chosen, "-m", "clause and not last", "-k", "url", **known(base_url))
    assert done.returncode == 0, done.stdout
    wrong = known(base_url, BILLECTA_HIDDEN_INVOICE_ID="", BILLECTA_INVOICE_ID="1001", BILLECTA_API_KEY=KEY)
    with serving(AnswersNothing()) as broken:
        done = suite(
            *("--pyargs", "contract_tests", "--base-url", broken, "-q", "-x", "-k", "pdf or document"), **wrong
        )
    assert done.returncode == 1
    assert "1 failed" in outcome(done)


class AnswersNothing(Contract):
    def document(self, asked: Asked) -> Answer:
        return Answer(200, b"", "application/pdf")


def test_the_junit_file_of_pytest_names_clause_and_outcome(suite: Suite, base_url: str, tmp_path: Path) -> None:
    for workers in ((), ("-n", "2")):
        suite("--pyargs", "contract_tests", "--base-url", base_url, *workers,
              "-k", "test_urls.py", "--junitxml=out.xml", **known(base_url))  # fmt: skip
        cases = ET.parse(tmp_path / "out.xml").getroot().findall(".//testcase")
        assert cases
        for case in cases:
            properties = {item.get("name"): item.get("value") for item in case.iter("property")}
            assert properties["clause"] == "URL-1"
            assert properties["outcome"] == "passed"
        assert not [secret for secret in SECRETS if secret in (tmp_path / "out.xml").read_text(encoding="utf-8")]


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "workers"])
@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({}, "no deployment to judge is given"),
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
    done = suite("--pyargs", "contract_tests", "-q", *workers, **variables)
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
    done = suite("-p", "contract_tests.plugin", "--base-url", base_url, **known(base_url))
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
    variables = {**known(base_url), "PYTHONPATH": f"{tmp_path}{os.pathsep}{sys_path()}"}
    others = ("-p", "other", "--timeout", "0.5", "--seed")
    ours = ("--pyargs", "contract_tests", "-k", "test_it", "--base-url", base_url)
    done = suite("test_mine.py", *others, *ours, **variables)
    assert "1 passed" in outcome(done), done.stdout


def test_a_project_that_does_not_ask_for_it_is_not_changed(suite: Suite, tmp_path: Path) -> None:
    (tmp_path / "other.py").write_text(OTHER_PLUGIN, encoding="utf-8")
    (tmp_path / "test_mine.py").write_text(
        "import sys\n"
        "def test_it(session, pytestconfig):\n"
        "    assert session == 'the session of another plugin'\n"
        "    slow = {'requests', 'hypothesis', 'schemathesis', 'pikepdf', 'rich', 'contract_tests.plugin'}\n"
        "    assert not slow & set(sys.modules)\n"
        "    assert not any(line.startswith('clause') for line in pytestconfig.getini('markers'))\n",
        encoding="utf-8",
    )
    path = f"{tmp_path}{os.pathsep}{sys_path()}"
    for arguments in ((), ("-n", "2")):
        done = suite("-p", "other", "-p", "no:anyio", *arguments, PYTHONPATH=path)
        assert "1 passed" in outcome(done), done.stdout
    assert suite("--seed-of-nobody", "3").returncode == pytest.ExitCode.USAGE_ERROR


def sys_path() -> str:
    return environment()["PYTHONPATH"]


def test_collecting_asks_nobody(suite: Suite, contract: Contract, base_url: str) -> None:
    done = suite("--pyargs", "contract_tests", "--base-url", base_url, "--collect-only", "-q", **known(base_url))
    assert done.returncode == 0
    assert contract.seen == []
