"""What the verifier does when something is not as it should be: a bomb, a reader that leaves, a server that dies."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.mutation.decision_variants import OneLiveRequestPerPhone, RefusesEveryPayer
from tests.mutation.subtle_defects import CreatesByGet
from tests.verify.cli.test_command_line import REPOSITORY, command, described, environment
from tests.verify.small_server import Answer, Asked, Contract, as_json, serving

from billecta_verify.reporting.model import Outcome, Result
from billecta_verify.transport.body import LARGEST_BODY, CodingError, decoded

MEBIBYTE = 1024 * 1024


def bomb(mebibytes: int) -> bytes:
    """A gzip file of so many mebibytes of zeros, made without ever holding them."""
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    once = compressor.compress(bytes(MEBIBYTE)) + compressor.flush(zlib.Z_FULL_FLUSH)
    return gzip.compress(b"")[:10] + once * mebibytes


class Bomb(Contract):
    content = bomb(2048)

    def document(self, asked: Asked) -> Answer:
        return replace(super().document(asked), body=self.content, headers=(("Content-Encoding", "gzip"),))


JUDGE_AND_WEIGH = """
import json, resource, sys
from tests.verify.conftest import target_of
from billecta_verify.runner.run import run
base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
result = run(target_of(sys.argv[1], timeout=20.0), clauses={"AUTH-1", "PDF-1", "PDF-2"})
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - base
print(json.dumps({"kibibytes": grown, "seen": [finding.observed for finding in result.findings]}))
"""


def test_a_small_answer_that_stands_for_gigabytes_is_a_finding_and_costs_no_memory() -> None:
    with serving(Bomb()) as base_url:
        done = subprocess.run(
            [sys.executable, "-c", JUDGE_AND_WEIGH, base_url],
            cwd=REPOSITORY, env=environment(), capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip
    weighed = json.loads(done.stdout)
    assert weighed["kibibytes"] < 250 * 1024
    assert any(f"longer than {LARGEST_BODY} bytes once" in observed for observed in weighed["seen"])


@pytest.mark.parametrize(
    ("wire", "codings"),
    [
        (gzip.compress(b"text"), "gzip"),
        (gzip.compress(b"te") + gzip.compress(b"xt"), "x-gzip"),
        (zlib.compress(b"text"), "deflate"),
        (zlib.compress(b"text")[2:-4], "deflate"),
        (gzip.compress(zlib.compress(b"text")), "deflate, gzip"),
        (b"text", "identity"),
        (b"text", ""),
    ],
    ids=["gzip", "members", "zlib", "raw deflate", "both", "identity", "none"],
)
def test_content_codings_are_undone(wire: bytes, codings: str) -> None:
    assert decoded(wire, codings, 100) == b"text"


@pytest.mark.parametrize(("wire", "codings"), [(b"no gzip", "gzip"), (b"text", "br")])
def test_a_content_coding_that_cannot_be_undone_is_named(wire: bytes, codings: str) -> None:
    with pytest.raises(CodingError, match=codings):
        decoded(wire, codings, 100)


def test_no_more_is_decoded_than_the_bound_and_one() -> None:
    assert len(decoded(bomb(4), "gzip", 1000)) == 1001


@pytest.mark.parametrize("payments", [1, 2, 3, 8])
def test_more_budget_for_one_phone_gives_no_worse_verdict(judge: Callable[..., Result], payments: int) -> None:
    contract = OneLiveRequestPerPhone()
    result = judge(
        contract, clauses={"SWISH-1", "SWISH-2", "SWISH-6", "SWISH-10"}, payments=payments, phones=("46701740605",)
    )
    assert result.verdict == "conforms"
    assert result.counts.payments == min(payments, 2)
    if payments > 1:
        reasons = {check.reason for check in result.checks if check.outcome is Outcome.NOT_EXERCISED}
        assert any(reason and reason.startswith("--phone") and "400 RP06" in reason for reason in reasons)


@pytest.mark.parametrize("payments", [1, 2, 3, 4, 8])
def test_a_phone_that_is_refused_again_and_again_is_left_alone(judge: Callable[..., Result], payments: int) -> None:
    class OtherWords(OneLiveRequestPerPhone):
        def finish(self, asked: Asked, answer: Answer) -> Answer:
            told = as_json(400, error="Bad Request", message="46701740605 is busy")
            return told if b"RP06" in answer.body else answer

    clauses = {"SWISH-1", "SWISH-2", "SWISH-6", "SWISH-10"}
    result = judge(OtherWords(), clauses=clauses, payments=payments, phones=("46701740605",))
    assert result.verdict == "conforms"
    assert result.counts.payments <= 5
    assert "46701740605" not in str([check.reason for check in result.checks])


def test_what_a_refused_payer_was_told_is_said(judge: Callable[..., Result]) -> None:
    result = judge(RefusesEveryPayer(), clauses={"SWISH-1"})
    assert any("400 ACMT03" in clause.evidence for clause in result.clauses)


class Answers(Contract):
    """Whatever is asked, the answer is one and the same."""

    def __init__(self, status: int, *headers: tuple[str, str]) -> None:
        super().__init__()
        self.only = Answer(status, b"", "", headers)

    def answer(self, asked: Asked) -> Answer:
        return self.only


@pytest.mark.parametrize(
    ("contract", "words"),
    [
        (Answers(401), "answered 401 to every request with the API key: the key is not valid"),
        (Answers(404), "wrong key, wrong base URL, or masked"),
        (Answers(503), "it is out of order"),
        (Answers(302, ("Location", "/login")), "wrong base URL"),
    ],
    ids=["401", "404", "503", "302"],
)
def test_without_a_positive_control_nothing_is_judged(
    judge: Callable[..., Result], contract: Contract, words: str
) -> None:
    result = judge(contract, clauses={"URL-1", "AUTH-1", "CODES-2", "SEC-2"})
    assert result.verdict == "inconclusive"
    assert not result.key_accepted
    assert words in (result.cause or "")


def test_too_few_requests_for_a_control_are_inconclusive(judge: Callable[..., Result]) -> None:
    result = judge(Contract(), max_requests=1, clauses={"PDF-4", "SEC-1"})
    assert result.verdict == "inconclusive"
    assert "--max-requests 1 is too few" in (result.cause or "")


def test_a_deployment_that_falls_silent_is_the_cause(judge: Callable[..., Result]) -> None:
    class Dies(Contract):
        def finish(self, asked: Asked, answer: Answer) -> Answer:
            return replace(answer, drop=len(self.seen) > 20)

    result = judge(Dies(), clauses={"AUTH-1", "AUTH-2"})
    assert result.verdict == "inconclusive"
    assert (result.cause or "").startswith("the deployment stopped answering after 20 answers")


def test_a_reader_that_leaves_changes_neither_status_nor_reports(tmp_path: Path) -> None:
    with serving(Contract()) as base_url:
        reader, writer = os.pipe()
        os.close(reader)
        done = subprocess.run(
            command("--report-dir", "out", "--max-requests", "40"), cwd=tmp_path,
            env=environment(**described(base_url)), stdout=writer,
            stderr=subprocess.PIPE, text=True, timeout=60, check=False,
        )  # fmt: skip
        os.close(writer)
    assert (done.returncode, done.stderr) == (3, "")
    assert json.loads((tmp_path / "out/report.json").read_text(encoding="utf-8"))["verdict"] == "inconclusive"


def test_a_payment_made_by_a_get_is_one_that_nobody_asked_for(judge: Callable[..., Result]) -> None:
    result = judge(CreatesByGet(), ["HTTP-2"])
    assert result.counts.unexpected_payments == 1
