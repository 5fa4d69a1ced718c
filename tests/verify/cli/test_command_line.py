"""billecta-verify as a program: exit statuses, sentences, reports, interruption."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from xml.etree import ElementTree as ET

import jsonschema_rs
import pytest
from tests.mutation.decision_variants import RefusesEveryPayer
from tests.mutation.small_defects import CutDocument, MessageIsAList
from tests.verify.small_server import KEY, LIMITED_KEY, READ_ONLY_KEY, Answer, Asked, Contract, serving

from billecta_verify.cli.main import main
from billecta_verify.config.loader import resolve
from billecta_verify.reporting.files import SCHEMA_FILE

REPOSITORY = Path(__file__).parents[3]
REAL_PHONE = "46709876543"
SECRETS = (KEY, LIMITED_KEY, READ_ONLY_KEY, REAL_PHONE)


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "billecta_verify", *arguments]


def environment(**variables: str) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("BILLECTA_", "PYTEST_"))}
    return {**inherited, **variables}


@dataclass(frozen=True)
class Done:
    """How a run of the program ended."""

    returncode: int
    stdout: str
    stderr: str


class Verify(Protocol):
    """Runs billecta-verify in the temporary directory, with these variables and no others of its own."""

    def __call__(self, *arguments: str, **variables: str) -> Done: ...


@pytest.fixture
def verify(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Verify:
    def run(*arguments: str, **variables: str) -> Done:
        for name in [name for name in os.environ if name.startswith("BILLECTA_")]:
            monkeypatch.delenv(name)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        monkeypatch.chdir(tmp_path)
        try:
            status = main(arguments)
        except SystemExit as ended:
            status = int(ended.code or 0)
        return Done(status, *capsys.readouterr())

    return run


def described(base_url: str, *, phone: str = REAL_PHONE) -> dict[str, str]:
    return {
        "BILLECTA_BASE_URL": base_url,
        "BILLECTA_API_KEY": KEY,
        "BILLECTA_LIMITED_KEY": LIMITED_KEY,
        "BILLECTA_READ_ONLY_KEY": READ_ONLY_KEY,
        "BILLECTA_INVOICE_ID": "1001",
        "BILLECTA_HIDDEN_INVOICE_ID": "2002",
        "BILLECTA_ACTION_ID": "action123",
        "BILLECTA_ALLOW_PAYMENTS": "8",
        "BILLECTA_PHONE": phone,
    }


@pytest.fixture(scope="module")
def conforming() -> Iterator[str]:
    with serving(Contract()) as base_url:
        yield base_url


@pytest.mark.full
def test_of_a_run_only_tables_of_unicode_and_our_own_words_stay_in_the_users_cache(
    conforming: str, tmp_path: Path
) -> None:
    (tmp_path / "work").mkdir()
    variables = {**described(conforming), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    done = subprocess.run(
        command(), cwd=tmp_path / "work", env=environment(**variables), capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 0
    assert not list((tmp_path / "work").iterdir())
    kept = [file for file in (tmp_path / "cache").rglob("*") if file.is_file()]
    assert any("utf-8" in file.name for file in kept)
    told = b"".join(file.read_bytes() for file in kept if file.suffix != ".gz")
    assert not [secret for secret in (KEY, LIMITED_KEY, READ_ONLY_KEY, REAL_PHONE) if secret.encode() in told]


def test_a_conforming_deployment_exits_0_and_leaves_both_reports(
    conforming: str, verify: Verify, tmp_path: Path
) -> None:
    done = subprocess.run(
        command("--report-dir", "out"), cwd=tmp_path, env=environment(**described(conforming)), capture_output=True,
        text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "conforms" in done.stdout
    report = json.loads((tmp_path / "out/report.json").read_text(encoding="utf-8"))
    jsonschema_rs.validator_for(json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))).validate(report)
    assert report["verdict"] == "conforms"
    assert len(report["clauses"]) == 36
    suites = ET.parse(tmp_path / "out/junit.xml").getroot()
    assert len(suites.findall("testsuite/testcase")) == len(report["checks"])
    assert {item.get("value") for item in suites.findall("testsuite/properties/property[@name='clause']")} == {
        clause["id"] for clause in report["clauses"]
    }
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]


def test_a_defect_exits_1_and_shows_how_to_see_it(verify: Verify, tmp_path: Path) -> None:
    with serving(CutDocument()) as base_url:
        done = verify("--report-dir", "out", **described(base_url))
    assert done.returncode == 1
    text = " ".join(done.stdout.split())
    for part in ("PDF-2", "expected", "observed", "$BILLECTA_API_KEY", "fetch-invoice-pdf", "Download an invoice"):
        assert part in text
    report = json.loads((tmp_path / "out/report.json").read_text(encoding="utf-8"))
    assert report["findings"][0]["clause"] == "PDF-2"
    jsonschema_rs.validator_for(json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))).validate(report)


def test_no_output_shows_a_secret(verify: Verify, tmp_path: Path) -> None:
    class Echoes(MessageIsAList):
        """Says all that it was told."""

        def finish(self, asked: Asked, answer: Answer) -> Answer:
            if answer.status < 400:
                return answer
            told = json.dumps({"error": KEY, "message": [asked.query, dict(asked.headers)]}).encode()
            return Answer(answer.status, told, headers=(("X-Told", asked.query), ("X-Key", asked.key or "")))

    with serving(Echoes()) as base_url:
        done = verify("--report-dir", "out", **described(base_url))
    assert done.returncode == 1, done.stdout + done.stderr
    written = [path.read_text(encoding="utf-8") for path in (tmp_path / "out").iterdir()]
    for text in (done.stdout, done.stderr, *written):
        for secret in SECRETS:
            assert secret not in text
        assert "%PDF" not in text


def test_without_colour_support_there_are_no_control_codes(conforming: str, verify: Verify, tmp_path: Path) -> None:
    done = verify("--plan", **described(conforming))
    assert done.returncode == 0
    assert "\x1b" not in done.stdout


def test_inconclusive_clauses_exit_3_unless_that_is_allowed(verify: Verify, tmp_path: Path) -> None:
    with serving(RefusesEveryPayer()) as base_url:
        assert verify("--max-requests", "40", **described(base_url)).returncode == 3
        assert verify("--allow-inconclusive", **described(base_url)).returncode == 0


def test_a_masked_deployment_with_a_wrong_key_does_not_pass(conforming: str, verify: Verify, tmp_path: Path) -> None:
    wrong = {**described(conforming), "BILLECTA_API_KEY": "not-a-key-at-all"}
    done = verify("--report-dir", "out", "--allow-inconclusive", **wrong)
    assert done.returncode == 3
    last = done.stdout.strip().splitlines()[-1]
    assert last.startswith("inconclusive: the deployment answered 404 to every request with the API key")
    assert done.stdout.count("the key was not accepted") == 1
    assert "To go further" not in done.stdout
    report = json.loads((tmp_path / "out/report.json").read_text(encoding="utf-8"))
    verdicts = {clause["id"]: clause["verdict"] for clause in report["clauses"]}
    assert {clause for clause, verdict in verdicts.items() if verdict == "passed"} <= {"MASK-4", "SEC-1"}


def test_what_is_missing_is_named_and_does_not_change_the_exit_status(
    conforming: str, verify: Verify, tmp_path: Path
) -> None:
    few = {
        name: described(conforming)[name] for name in ("BILLECTA_BASE_URL", "BILLECTA_API_KEY", "BILLECTA_INVOICE_ID")
    }
    done = verify(**few)
    assert done.returncode == 0
    assert "--allow-payments" in done.stdout or "--action-id" in done.stdout
    assert "--limited-key" in done.stdout or "--hidden-invoice-id" in done.stdout


def test_interrupted_it_exits_130_and_reports_what_is_known(verify: Verify, tmp_path: Path) -> None:
    class Slow(Contract):
        def finish(self, asked: Asked, answer: Answer) -> Answer:
            time.sleep(0.05)
            return answer

    contract = Slow()
    with serving(contract) as base_url:
        process = subprocess.Popen(
            command("--report-dir", "out"), cwd=tmp_path, env=environment(**described(base_url)), stdout=subprocess.PIPE
        )
        deadline = time.monotonic() + 20
        while len(contract.seen) < 20 and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        output = process.communicate(timeout=20)[0].decode()
    assert process.returncode == 130
    assert "interrupted" in output
    report = json.loads((tmp_path / "out/report.json").read_text(encoding="utf-8"))
    assert report["interrupted"] is True
    assert any(check["outcome"] == "passed" for check in report["checks"])


NO_SERVER = "http://127.0.0.1:1/database/limepkg-billecta-integration"
ACCEPTABLE = {"BILLECTA_BASE_URL": NO_SERVER, "BILLECTA_API_KEY": KEY, "BILLECTA_INVOICE_ID": "1001"}


@pytest.mark.parametrize(
    ("arguments", "variables", "sentence"),
    [
        ([], ACCEPTABLE, "refused the connection"),
        ([], {**ACCEPTABLE, "BILLECTA_BASE_URL": "http://nowhere.invalid/x"}, "DNS"),
        ([], {"BILLECTA_BASE_URL": NO_SERVER}, "set BILLECTA_API_KEY"),
        ([], {"BILLECTA_BASE_URL": "", "BILLECTA_API_KEY": ""}, "BILLECTA_BASE_URL is set but empty"),
        ([], {"BILLECTA_API_KEY": KEY}, "BILLECTA_API_KEY is given but no base URL"),
        ([], {**ACCEPTABLE, "BILLECTA_BASE_URL": "customer.lime-crm.com"}, "must begin with http"),
        ([], {**ACCEPTABLE, "BILLECTA_BASE_URL": "https://me:pw@host/x"}, "user name"),
        ([], {**ACCEPTABLE, "BILLECTA_BASE_URL": "https://host/x?y=1"}, "must end before"),
        ([], {**ACCEPTABLE, "BILLECTA_BASE_URL": "https://host:port/x"}, "cannot be read"),
        (["--allow-payments", "many"], ACCEPTABLE, "--allow-payments must be a whole number"),
        (["--allow-payments", "2"], ACCEPTABLE, "needs a phone"),
        (["--timeout", "0"], ACCEPTABLE, "--timeout must be more than 0"),
        (["--rate-limit", "nan"], ACCEPTABLE, "--rate-limit must be more than 0"),
        ([], {**ACCEPTABLE, "BILLECTA_RATE_LIMIT": "-1"}, "BILLECTA_RATE_LIMIT must be more than 0"),
        (["--allow-payments", "2"], {}, "--allow-payments is given but no base URL"),
        ([], {"BILLECTA_BASE_URL": NO_SERVER, "BILLECTA_API_KEY": KEY}, "give --invoice-id"),
        (["--plan"], {"BILLECTA_BASE_URL": NO_SERVER, "BILLECTA_API_KEY": KEY}, "give --invoice-id"),
        (
            [],
            {**ACCEPTABLE, "BILLECTA_ACTON_ID": "a"},
            "BILLECTA_ACTON_ID is not known: did you mean BILLECTA_ACTION_ID",
        ),
        (["--base-ur", NO_SERVER], {}, "unknown flag '--base-ur'; did you mean '--base-url'?"),
        ([f"--api-ky={KEY}"], {}, "unknown flag '--api-ky'; did you mean '--api-key'?"),
        ([KEY], {}, "an argument stands without a flag"),
        (["--base-url"], {}, "--base-url: expected one argument"),
        (["--ca-file", "absent.pem"], ACCEPTABLE, "absent.pem is not a file"),
        (["--target-file", "absent.toml"], ACCEPTABLE, "does not exist"),
        (["--limited-key", KEY], ACCEPTABLE, "BILLECTA_API_KEY and --limited-key are the same key"),
        (["--report-dir", "/proc/none"], ACCEPTABLE, "report directory"),
        ([], {**ACCEPTABLE, "BILLECTA_PLAN": "maybe"}, "BILLECTA_PLAN must be true or false"),
    ],
)
def test_wrong_use_is_one_sentence_and_status_2(
    arguments: Sequence[str], variables: dict[str, str], sentence: str, verify: Verify, tmp_path: Path
) -> None:
    done = verify(*arguments, **variables)
    assert done.returncode == 2, done.stdout + done.stderr
    assert sentence in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert KEY not in done.stderr


def test_a_silent_server_and_one_without_tls_are_one_sentence(verify: Verify, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        silent = verify("--timeout", "0.5", **{**ACCEPTABLE, "BILLECTA_BASE_URL": f"http://127.0.0.1:{port}/x"})
    assert silent.returncode == 2
    assert "time limit" in silent.stderr
    with serving(Contract()) as base_url:
        no_tls = verify(**{**ACCEPTABLE, "BILLECTA_BASE_URL": base_url.replace("http:", "https:")})
    assert no_tls.returncode == 2
    assert "TLS" in no_tls.stderr


def test_an_unknown_key_of_the_target_file_gets_advice(verify: Verify, tmp_path: Path) -> None:
    (tmp_path / "target.toml").write_text('base-url = "http://127.0.0.1:1"\n', encoding="utf-8")
    done = verify("--target-file", "target.toml")
    assert done.returncode == 2
    assert "did you mean base_url?" in done.stderr


def test_a_flag_beats_the_environment_beats_the_file(verify: Verify, tmp_path: Path) -> None:
    (tmp_path / "t.toml").write_text(
        f'base_url = "http://127.0.0.1:1/x"\napi_key = "{KEY}"\nseed = 1\ntimeout = 3\nmax_requests = 50\n'
        'invoice_id = "1"\n',
        encoding="utf-8",
    )
    done = verify("--seed", "3", "--plan", BILLECTA_TARGET_FILE="t.toml", BILLECTA_SEED="2", BILLECTA_INVOICE_ID="1")
    assert done.returncode == 0
    configuration = resolve(
        {"seed": "3", "target_file": str(tmp_path / "t.toml")}, {"BILLECTA_SEED": "2", "BILLECTA_TIMEOUT": "4"}
    )
    assert configuration.target is not None
    assert (configuration.target.seed, configuration.target.timeout, configuration.target.max_requests) == (3, 4.0, 50)


def test_help_and_version_are_short_of_nothing(verify: Verify, tmp_path: Path) -> None:
    shown = verify("--help")
    assert shown.returncode == 0
    for flag in ("--base-url", "--allow-payments", "--plan", "BILLECTA_API_KEY", "130"):
        assert flag in shown.stdout
    assert verify("--version").stdout.startswith("billecta-verify ")


@pytest.mark.full
def test_it_runs_under_pytest_as_well(conforming: str, verify: Verify, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "billecta_verify.runner.plugin", "--pyargs", "billecta_verify", "-q",
         "-p", "no:cacheprovider", "-k", "head_needs or path_ends"],
        cwd=tmp_path, env=environment(**described(conforming)), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "AUTH-5" in done.stdout
