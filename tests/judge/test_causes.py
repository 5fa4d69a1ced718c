"""The one cause of a run that could not judge much, and what the user is told to do about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from billecta_verify.reporting.model import Result, Verdict
from billecta_verify.reporting.summary import advice, grouped, headline
from billecta_verify.runner.run import run
from billecta_verify.transport.errors import SILENT_IN_A_ROW

from .conftest import target_of
from .small_server import Answer, Asked, Contract, as_json, serving
from .suite import MINE, Suite, known

Judge = Callable[..., Result]
ANSWERS = 9


def told(result: Result) -> str:
    return advice(result, grouped(result.findings))


class FallsSilent(Contract):
    """Answers a few requests, and then none."""

    def finish(self, asked: Asked, answer: Answer) -> Answer:
        return replace(answer, drop=len(self.seen) > ANSWERS)


def test_a_deployment_that_has_fallen_silent_is_not_asked_to_the_end(judge: Judge) -> None:
    contract = FallsSilent()
    result = judge(contract)
    assert len(contract.seen) <= ANSWERS + SILENT_IN_A_ROW + 1
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "stopped answering after 9 answers" in headline(result)
    assert "the rest was not asked" in headline(result)
    assert told(result).startswith("Run again when the deployment answers")


class AnswersOnce(Contract):
    def finish(self, asked: Asked, answer: Answer) -> Answer:
        return replace(answer, drop=len(self.seen) > 1)


def test_one_answer_is_said_to_be_one(judge: Judge) -> None:
    assert "after 1 answer:" in headline(judge(AnswersOnce()))


class DropsWhatHasAKey(Contract):
    """Is there, and has no answer to whoever has a key."""

    def finish(self, asked: Asked, answer: Answer) -> Answer:
        return replace(answer, drop=asked.key is not None)


def test_a_deployment_that_answers_anything_is_asked_to_the_end(judge: Judge) -> None:
    contract = DropsWhatHasAKey()
    result = judge(contract, {"CODES-2"})
    assert sum(asked.key is not None for asked in contract.seen) > 4 * SILENT_IN_A_ROW
    assert "the rest was not asked" not in headline(result)


READS = (
    MINE
    + """
@pytest.mark.parametrize("number", range(30))
def test_reads(session, target, number):
    assert invoice(session, target).status_code == 404
"""
)


def test_tests_of_ones_own_stop_with_the_deployment_as_well(suite: Suite, tmp_path: Path) -> None:
    contract = FallsSilent()
    (tmp_path / "test_mine.py").write_text(READS, encoding="utf-8")
    with serving(contract) as base_url:
        done = suite("--billecta-base-url", base_url, **known(base_url))
    assert len(contract.seen) <= ANSWERS + SILENT_IN_A_ROW + 1
    assert "the deployment has stopped answering" in done.stdout


class DeniesTheInvoice(Contract):
    def sees(self, asked: Asked, invoice_id: str) -> bool:
        return False

    def absent(self, asked: Asked, invoice_id: str) -> Answer:
        return as_json(403, message="Forbidden") if invoice_id == "1001" else self.not_found(asked)


def test_a_key_that_may_not_read_the_invoice_is_the_cause(judge: Judge) -> None:
    result = judge(DeniesTheInvoice(), {"AUTH-2", "PDF-1", "PDF-2"}, action_id=None, payments=0, hidden_invoice_id=None)
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "the key is accepted but may not read the invoice (403)" in headline(result)
    assert told(result).startswith("Give the key permission to read the invoice")


def test_an_unusual_base_url_is_said_again_where_no_key_was_accepted() -> None:
    with serving(Contract()) as base_url:
        result = run(target_of(f"{base_url}/more"), clauses={"AUTH-2"})
    assert not result.key_accepted
    assert "a base URL usually ends in /limepkg-billecta-integration, and this does not" in headline(result)


@dataclass
class EverySeventhFails(Contract):
    asked_so_far: int = 0

    def finish(self, asked: Asked, answer: Answer) -> Answer:
        self.asked_so_far += 1
        return as_json(500, message="Busy") if self.asked_so_far % 7 == 0 else answer


def test_server_errors_wherever_they_come_are_what_to_begin_with(judge: Judge) -> None:
    said = told(judge(EverySeventhFails()))
    assert said.startswith("The deployment answered 500 to ")
    assert "Begin with CODES-2" in said


class StatusUnknown(Contract):
    def status(self, asked: Asked, request_id: str) -> Answer:
        return self.not_found(asked)


def test_the_clause_of_an_operation_is_what_to_begin_with(judge: Judge) -> None:
    assert told(judge(StatusUnknown())).startswith("Begin with STATUS-1")
