"""Reports are written whatever happens: interrupted, failing by itself, or with one of them in the way."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.tiers import full
from tests.verify.cli.test_command_line import command, described, environment
from tests.verify.conftest import target_of
from tests.verify.small_server import KEY, Answer, Asked, Contract, serving

from billecta_verify.cli.main import main
from billecta_verify.config.options import REPORT_FILES, report_names
from billecta_verify.reporting.files import write_reports
from billecta_verify.reporting.markdown import summarise
from billecta_verify.reporting.model import Result, Verdict
from billecta_verify.runner.run import run

FILES = {*REPORT_FILES.values()}


class Cuts(Contract):
    def finish(self, asked: Asked, answer: Answer) -> Answer:
        return replace(answer, body=answer.body[:-20]) if answer.media_type == "application/pdf" else answer


class Slow(Contract):
    def finish(self, asked: Asked, answer: Answer) -> Answer:
        time.sleep(0.05)
        return answer


Verify = Callable[..., int]


@pytest.fixture
def verify(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Verify:
    """Run the program in the temporary directory on a small deployment."""

    def verified(contract: Contract, *arguments: str, **variables: str) -> int:
        monkeypatch.chdir(tmp_path)
        with serving(contract) as base_url:
            for name, value in {**described(base_url), "BILLECTA_PROFILE": "smoke", **variables}.items():
                monkeypatch.setenv(name, value)
            return main(["--report-dir", "out", *arguments])

    return verified


@pytest.fixture(scope="module")
def result() -> Result:
    with serving(Cuts()) as base_url:
        return run(target_of(base_url), clauses=["PDF-1", "PDF-2"])


@pytest.mark.parametrize("number", [signal.SIGINT, *full([signal.SIGTERM])])
def test_interrupted_every_report_is_written(number: signal.Signals, tmp_path: Path) -> None:
    contract = Slow()
    with serving(contract) as base_url:
        process = subprocess.Popen(
            command("--report-dir", "out"), cwd=tmp_path, env=environment(**described(base_url)), stdout=subprocess.PIPE
        )
        deadline = time.monotonic() + 20
        while len(contract.seen) < 20 and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(number)
        process.communicate(timeout=20)
    assert process.returncode == 130
    assert {path.name for path in (tmp_path / "out").iterdir()} == FILES
    (log,) = json.loads((tmp_path / "out/report.sarif").read_text(encoding="utf-8"))["runs"]
    assert log["invocations"][0]["executionSuccessful"] is False


def test_a_report_that_cannot_be_written_keeps_no_other_back(
    verify: Verify, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "out/report.html").mkdir(parents=True)
    assert verify(Contract()) == 2
    told = capsys.readouterr()
    assert told.err.count("\n") == 1
    assert "out/report.html cannot be written" in told.err
    assert "conforms" in told.out.splitlines()[-1]
    assert {path.name for path in (tmp_path / "out").iterdir()} == FILES


def test_a_report_that_fails_by_itself_keeps_no_other_back(result: Result, tmp_path: Path) -> None:
    broken = replace(result, started=KEY)  # no time: SARIF cannot say when the run ended
    (failure,) = write_reports(broken, tmp_path, REPORT_FILES)
    assert "report.sarif failed by itself" in failure
    assert KEY not in failure
    assert {path.name for path in tmp_path.iterdir()} == FILES - {"report.sarif"}


def test_no_half_a_report_is_left(result: Result, tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text("the last one", encoding="utf-8")
    unwritable = replace(result, tools={"\ud800": "half a character"})
    (failure,) = write_reports(unwritable, tmp_path, ["json"])
    assert "report.json failed by itself" in failure
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]
    assert (tmp_path / "report.json").read_text(encoding="utf-8") == "the last one"


def test_where_the_judge_itself_fails_what_is_known_is_reported(
    verify: Verify, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("billecta_verify.runner.run._ARGUMENTS", ("-p", "no:python", "--strict-config"))
    assert verify(Contract()) == 2
    assert "the checks could not be run" in capsys.readouterr().err
    report = json.loads((tmp_path / "out/report.json").read_text(encoding="utf-8"))
    assert report["verdict"] == Verdict.INTERRUPTED
    assert "the verifier itself failed" in report["cause"]
    assert {path.name for path in (tmp_path / "out").iterdir()} == FILES


def test_only_the_chosen_reports_are_written_and_always_the_one_for_programs(verify: Verify, tmp_path: Path) -> None:
    assert verify(Contract(), "--report", "HTML, sarif") == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"report.json", "report.html", "report.sarif"}


def test_a_report_that_does_not_exist_is_one_sentence(verify: Verify, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(Contract(), "--report", "pdf") == 2
    assert "--report must be some of json, junit, sarif, html, markdown, har" in capsys.readouterr().err
    assert report_names("har") == ("json", "har")


def test_chosen_reports_need_a_directory(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BILLECTA_REPORT_DIR", raising=False)
    assert main(["--report", "html"]) == 2
    assert "--report needs a directory" in capsys.readouterr().err


def test_a_workflow_is_told_by_annotations_and_a_summary(
    verify: Verify, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("what stood there before\n", encoding="utf-8")
    told = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)}
    assert verify(Cuts(), **told) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line.startswith("::error file=spec/billecta_spec/openapi.yaml,line=")]
    assert summary.read_text(encoding="utf-8").startswith("what stood there before\n## ❌ http")


def test_outside_a_workflow_nothing_is_said_to_one(
    verify: Verify, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    assert verify(Cuts(), GITHUB_STEP_SUMMARY=str(tmp_path / "summary.md")) == 1
    assert "::error" not in capsys.readouterr().out
    assert not (tmp_path / "summary.md").exists()


def test_a_summary_that_cannot_be_written_is_one_sentence(result: Result, tmp_path: Path) -> None:
    (failure,) = summarise(result, {"GITHUB_STEP_SUMMARY": str(tmp_path)})
    assert "the summary of the step" in failure


def test_the_terminal_says_where_to_begin(verify: Verify, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(Cuts()) == 1
    assert "what to do: Begin with PDF-2, " in capsys.readouterr().out
