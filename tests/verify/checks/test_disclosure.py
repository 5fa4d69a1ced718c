"""Answers that show a key, and documents that are shown to a key that may be allowed to see them."""

from __future__ import annotations

from collections.abc import Callable

from tests.verify.small_server import KEY, Answer, Asked, Contract, as_json

from billecta_verify.reporting.model import Outcome, Result, Verdict
from billecta_verify.reporting.summary import headline

Judge = Callable[..., Result]


def failed_in(result: Result) -> set[str]:
    return {item.clause.id for item in result.clauses if item.verdict is Outcome.FAILED}


class TellsTheKey(Contract):
    """Helps whoever has no key by telling one."""

    def refuse_key(self, asked: Asked, resource: str) -> Answer:
        return as_json(404, message=f"Send the header x-api-key: {KEY}")


def test_a_valid_key_that_anybody_is_told_makes_a_deployment_not_conform(judge: Judge) -> None:
    result = judge(TellsTheKey(), {"AUTH-2", "SEC-2"})
    assert result.verdict is Verdict.DOES_NOT_CONFORM
    assert failed_in(result) == {"AUTH-2", "SEC-2"}


class RepeatsTheKey(Contract):
    """Has what it was sent as a key in each error, and nothing else."""

    def finish(self, asked: Asked, answer: Answer) -> Answer:
        return answer if answer.status < 400 else as_json(answer.status, error="Error", message=f"key: {asked.key}")


def test_a_key_that_is_repeated_to_who_sent_it_is_named_in_the_last_line(judge: Judge) -> None:
    result = judge(RepeatsTheKey(), {"AUTH-2", "AUTH-4", "SEC-2"})
    assert failed_in(result) == {"SEC-2"}
    assert result.verdict is Verdict.CONFORMS
    assert "1 warned of (SEC-2, no error shows a key)" in headline(result)


class ShowsAll(Contract):
    def sees(self, asked: Asked, invoice_id: str) -> bool:
        return invoice_id in {"1001", "2002"}


def test_an_invoice_that_is_not_hidden_may_be_a_slip_of_the_user(judge: Judge) -> None:
    result = judge(ShowsAll(), {"PERM-1", "MASK-4", "PDF-3"})
    assert failed_in(result) == {"PERM-1", "MASK-4", "PDF-3"}
    assert result.findings
    for finding in result.findings:
        assert "the target is wrong, not the deployment" in finding.observed
