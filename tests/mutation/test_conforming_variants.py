"""A conforming deployment is never reported, however it uses its freedom."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.tiers import full, sampled
from tests.verify.conftest import ON_LOOPBACK, broken_checks, target_of
from tests.verify.small_server import Answer, Asked, Contract, serving

from billecta_verify.reporting.model import Outcome, Result
from billecta_verify.runner.run import run

from . import answer_variants, decision_variants
from .decision_variants import LimitsTheRate, OneLiveRequestPerPhone, RefusesEveryPayer

TOGETHER: tuple[tuple[type[Contract], ...], ...] = (
    (answer_variants.HtmlErrors, answer_variants.OtherStatusWords, decision_variants.OneLiveRequestPerPhone),
    (decision_variants.UnauthorizedWithEmptyBody, answer_variants.NumericIds, decision_variants.StricterPhones),
    (
        decision_variants.UnauthorizedForMissingKeyOnly,
        answer_variants.IdsWithReservedCharacters,
        decision_variants.SwishCharacterSet,
        answer_variants.ClosesEachConnection,
    ),
    (answer_variants.Gzip, decision_variants.BadRequestForStrangeIds),
    (answer_variants.SlowAndNoisy, decision_variants.ForbidsAllToTheLimitedKey),
    (answer_variants.TwoServers, answer_variants.ExpiresWithoutZone, decision_variants.LeadingZeros),
    (decision_variants.LooksUpFirst, answer_variants.Chunked, decision_variants.UnauthorizedWithEmptyBody),
    (decision_variants.NoOtherMethods, answer_variants.TagsItsDocuments, decision_variants.OneLiveRequestPerPhone),
    (decision_variants.NamesNoMethodOfItsOwn, answer_variants.OtherWordsForOtherMistakes),
    (answer_variants.CountsKeptConnections, decision_variants.RefusesControlCharacters, answer_variants.AppendedUpdate),
)
"""Freedoms that concern different answers: one deployment takes them all, and one run verifies it."""

FREEDOMS = [*answer_variants.FREEDOMS, *decision_variants.FREEDOMS]
ALONE = [(kind,) for kind in FREEDOMS if not any(kind in kinds for kinds in TOGETHER)]


@pytest.mark.parametrize(
    "kinds", [*sampled(TOGETHER, every=2), *full(ALONE)], ids=lambda kinds: "-".join(kind.__name__ for kind in kinds)
)
def test_a_freedom_is_no_finding(kinds: tuple[type[Contract], ...], judge: Callable[..., Result]) -> None:
    result = judge(type("Free", kinds, {})())
    assert [(finding.clause, finding.observed) for finding in result.findings] == []
    assert broken_checks(result) == []
    if not {LimitsTheRate, RefusesEveryPayer, decision_variants.TestNumberOnly} & set(kinds):
        assert [c.clause.id for c in result.clauses if c.verdict is not Outcome.PASSED] == ON_LOOPBACK


@pytest.mark.full
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("kinds", TOGETHER[::3], ids=lambda kinds: "-".join(kind.__name__ for kind in kinds))
def test_a_freedom_is_no_finding_whatever_the_seed(
    kinds: tuple[type[Contract], ...], seed: int, judge: Callable[..., Result]
) -> None:
    result = judge(type("Free", kinds, {})(), seed=seed)
    assert [(finding.clause, finding.observed) for finding in result.findings] == []


WRONG: dict[str, dict[str, str]] = {
    "invoice": {"invoice_id": "9999"},
    "hidden": {"hidden_invoice_id": "9998"},
    "invoices": {"invoice_id": "9999", "hidden_invoice_id": "9998"},
    "action": {"action_id": "nobody"},
    "ids": {"invoice_id": "9999", "hidden_invoice_id": "9998", "action_id": "nobody"},
    "key": {"api_key": "Wrong-Key"},
    "limited": {"limited_key": "Wrong-Key"},
    "read-only": {"read_only_key": "Wrong-Key"},
    "path": {},
}


@pytest.mark.parametrize(
    "kind", [Contract, *full([decision_variants.LooksUpFirst, decision_variants.UnauthorizedWithEmptyBody])]
)
@pytest.mark.parametrize(
    "what", ["key", "path", *full(["ids", "invoice", "hidden", "invoices", "action", "limited", "read-only"])]
)
def test_a_wrong_configuration_is_no_finding_of_the_deployment(what: str, kind: type[Contract]) -> None:
    with serving(kind()) as base_url:
        result = run(target_of(base_url + "-other") if what == "path" else target_of(base_url, **WRONG[what]))
    assert [(finding.clause, finding.observed) for finding in result.findings] == []
    assert result.verdict == ("conforms" if what == "hidden" else "inconclusive")


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("number", full([30, 90, 200]))
def test_a_single_bad_gateway_is_flaky_and_no_finding(method: str, number: int) -> None:
    class Stray(Contract):
        struck = False

        def answer(self, asked: Asked) -> Answer:
            answer = super().answer(asked)
            if len(self.seen) < number or self.struck or asked.method != method:
                return answer
            self.struck = True
            return Answer(502, b"<title>502 Bad Gateway</title>", "text/html")

    with serving(Stray()) as base_url:
        result = run(target_of(base_url))
    assert [(finding.clause, finding.observed) for finding in result.findings] == []
    reasons = [check.reason for check in result.checks if check.clause == "CODES-2" and check.reason]
    assert any("flaky" in reason for reason in reasons)


@pytest.mark.parametrize("invoice_id", ["abc", "0"])
def test_an_invoice_may_have_an_id_that_is_strange_elsewhere(invoice_id: str, judge: Callable[..., Result]) -> None:
    class Strange(Contract):
        def sees(self, asked: Asked, asked_id: str) -> bool:
            return asked_id == invoice_id

    result = judge(Strange(), clauses={"AUTH-2", "PDF-1", "PDF-4"}, invoice_id=invoice_id)
    assert result.findings == ()


def test_a_refused_payer_leaves_what_needs_a_payment_inconclusive(judge: Callable[..., Result]) -> None:
    result = judge(RefusesEveryPayer(), clauses={"SWISH-1", "STATUS-1", "SWISH-9"})
    verdicts = {clause.clause.id: clause.verdict for clause in result.clauses}
    assert verdicts["SWISH-1"] is verdicts["STATUS-1"] is Outcome.INCONCLUSIVE


def test_with_one_live_request_per_phone_another_phone_is_tried(judge: Callable[..., Result]) -> None:
    contract = OneLiveRequestPerPhone(payments={"earlier": "46701740605"})
    result = judge(contract, clauses={"SWISH-1"})
    assert result.verdict == "conforms"
    assert result.counts.payments == 2


def test_a_limited_rate_is_waited_out_and_said(judge: Callable[..., Result]) -> None:
    result = judge(LimitsTheRate(), clauses={"PDF-4"})
    assert result.counts.rate_limited >= 0
    assert result.verdict == "conforms"
