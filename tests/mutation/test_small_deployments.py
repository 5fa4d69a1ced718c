"""Defects that the catalogue of the mock has not are found as well, and what they cost."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.tiers import full, sampled
from tests.verify.conftest import ON_LOOPBACK, broken_checks
from tests.verify.small_server import Contract

from billecta_verify.config.phones import FICTION
from billecta_verify.reporting.model import Result

from .quiet_defects import QUIET, SEEN_IN_A_WHOLE_RUN
from .rarer_defects import RARER_DEFECTS
from .small_defects import (
    DEFECTS,
    CreateNeedsNoKey,
    DeniedCreateIsMade,
    MessageInBytes,
    PhoneOptional,
    UnknownActionAccepted,
)
from .subtle_defects import HIDDEN_IN_A_RUN, SUBTLE


@pytest.mark.parametrize(
    "defect",
    sampled([*DEFECTS, *SUBTLE, *RARER_DEFECTS], every=4),
    ids=lambda defect: f"{defect.clause}-{defect.__name__}",
)
def test_a_defect_is_found_by_a_check_of_its_clause(defect: type[Contract], judge: Callable[..., Result]) -> None:
    result = judge(defect(), clauses={defect.clause})
    assert {finding.clause for finding in result.findings} == {defect.clause}
    assert broken_checks(result) == []


@pytest.mark.parametrize("name", sampled(QUIET, every=4))
def test_a_quiet_defect_is_found_by_a_check_of_its_clause(name: str, judge: Callable[..., Result]) -> None:
    clause = QUIET[name].clause
    result = judge(QUIET[name](), clauses={clause})
    assert {finding.clause for finding in result.findings} == {clause}
    assert broken_checks(result) == []


@pytest.mark.parametrize("defect", sampled([*HIDDEN_IN_A_RUN, *SEEN_IN_A_WHOLE_RUN.values()], every=4))
def test_a_hidden_defect_is_found_in_a_whole_run(defect: type[Contract], judge: Callable[..., Result]) -> None:
    result = judge(defect())
    assert defect.clause in {finding.clause for finding in result.findings}
    assert broken_checks(result) == []
    assert result.counts.payments <= 8


@pytest.mark.full
def test_four_payments_are_enough_to_find_bytes_counted_for_characters(judge: Callable[..., Result]) -> None:
    result = judge(MessageInBytes(), payments=4)
    assert {finding.clause for finding in result.findings} == {"SWISH-6"}


@pytest.mark.parametrize(
    "defect", [CreateNeedsNoKey, *full([PhoneOptional, UnknownActionAccepted, DeniedCreateIsMade])]
)
def test_a_deployment_that_accepts_what_it_must_refuse_makes_one_payment_per_kind(
    defect: type[Contract], judge: Callable[..., Result]
) -> None:
    contract = defect()
    result = judge(contract)
    assert defect.clause in {finding.clause for finding in result.findings}
    kinds = {check.clause for check in result.checks if check.effect == "none"}
    assert 1 <= result.counts.unexpected_payments <= len(kinds)
    assert len(contract.payments) <= result.counts.unexpected_payments + result.counts.payments
    assert set(contract.payments.values()) <= set(FICTION)


def test_the_contract_itself_gives_no_finding(judge: Callable[..., Result]) -> None:
    result = judge(Contract())
    assert [clause.clause.id for clause in result.clauses if clause.verdict != "passed"] == ON_LOOPBACK
    assert result.findings == ()
