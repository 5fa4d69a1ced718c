"""Conforming deployments that use their freedom in rarer ways are not reported, and hardly ever left undecided."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.verify.conftest import ON_LOOPBACK, broken_checks
from tests.verify.small_server import Contract

from billecta_verify.reporting.model import Outcome, Result

from .rarer_variants import (
    RARER,
    HasAPageForAllElse,
    LimitsByOneMinute,
    LimitsInAWindow,
    LooksForTheActionFirst,
    RefusesEveryPayerInTheSameWords,
    WantsAPlusSign,
)

UNDECIDED: dict[type[Contract], set[str]] = {
    WantsAPlusSign: {"SWISH-10"},
}
"""The page's own example of a phone does not work there, and nothing forbids that."""


@pytest.mark.full
@pytest.mark.parametrize("kind", RARER)
def test_a_rarer_freedom_is_no_finding_and_costs_no_more(kind: type[Contract], judge: Callable[..., Result]) -> None:
    result = judge(kind())
    assert [(finding.clause, finding.observed) for finding in result.findings] == []
    assert broken_checks(result) == []
    assert result.counts.requests - result.counts.rate_limited <= 350
    assert result.counts.payments + result.counts.unexpected_payments <= 8
    if kind is not LimitsInAWindow:
        undecided = {clause.clause.id for clause in result.clauses if clause.verdict is not Outcome.PASSED}
        assert undecided == {*ON_LOOPBACK, *UNDECIDED.get(kind, set())}


def test_the_page_of_a_front_end_for_all_that_is_not_the_api_is_no_finding(judge: Callable[..., Result]) -> None:
    result = judge(HasAPageForAllElse())
    assert [(finding.clause, finding.observed) for finding in result.findings] == []
    assert result.verdict == "conforms"


def test_a_wrong_action_is_no_finding_where_it_is_told_from_a_missing_key(judge: Callable[..., Result]) -> None:
    result = judge(LooksForTheActionFirst(), clauses={"AUTH-1", "URL-1", "PERM-1", "SWISH-9"}, action_id="nobody")
    assert result.findings == ()
    assert result.verdict == "inconclusive"


def test_a_payer_refused_in_words_for_any_mistake_is_no_finding(judge: Callable[..., Result]) -> None:
    result = judge(RefusesEveryPayerInTheSameWords(), clauses={"SWISH-7"})
    assert result.findings == ()
    assert result.verdict == "inconclusive"


def test_an_id_that_a_header_holds_by_chance_is_no_tell(judge: Callable[..., Result]) -> None:
    result = judge(LimitsByOneMinute(), clauses={"MASK-2"}, invoice_id="60")
    assert result.findings == ()
