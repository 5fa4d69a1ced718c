"""How much each profile asks of a conforming deployment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.mutation.small_defects import UnknownActionAccepted
from tests.verify.conftest import target_of
from tests.verify.small_server import KEY, Answer, Asked, Contract, as_json, serving

from billecta_verify.config.profiles import SMOKE_CHECKS, Profile, profile_named
from billecta_verify.reporting.model import Outcome, Result
from billecta_verify.runner.dry_run import dry_run
from billecta_verify.runner.run import run

READING = {"GET", "HEAD", "OPTIONS"}


@pytest.mark.parametrize("known", [{}, {"hidden_invoice_id": None, "limited_key": None}], ids=["all", "little"])
def test_a_smoke_run_asks_twenty_reads_at_most_and_as_many_as_it_plans(
    judge: Callable[..., Result], known: dict[str, object]
) -> None:
    contract = Contract()
    result = judge(contract, profile=Profile.SMOKE, **known)
    assert result.verdict == "conforms"
    assert len(contract.seen) == result.counts.requests <= 20
    assert {asked.method for asked in contract.seen} <= READING
    assert not [asked for asked in contract.seen if "phone" in asked.parameters]
    plan = dry_run(
        target_of("http://127.0.0.1:9/database/limepkg-billecta-integration", profile=Profile.SMOKE, **known)
    )
    assert plan.rehearsal.counts.requests == len(contract.seen)


def test_every_check_of_a_smoke_run_exists(judge: Callable[..., Result]) -> None:
    result = judge(Contract(), profile=Profile.SMOKE)
    assert {check.id.partition("::")[2] for check in result.checks} == set(SMOKE_CHECKS)
    assert {check.outcome for check in result.checks} == {Outcome.PASSED}


def test_a_smoke_run_of_a_deployment_that_hides_its_invoice_sends_no_post(judge: Callable[..., Result]) -> None:
    contract = UnknownActionAccepted()
    result = judge(contract, profile=Profile.SMOKE, invoice_id="1003")
    assert {asked.method for asked in contract.seen} <= READING
    assert not result.key_accepted


def test_a_smoke_run_finds_a_deployment_that_needs_no_key(judge: Callable[..., Result]) -> None:
    class NeedsNoKey(Contract):
        def is_key(self, asked: Asked) -> bool:
            return True

    assert judge(NeedsNoKey(), profile=Profile.SMOKE).verdict == "does not conform"


def test_a_smoke_run_does_not_pass_what_it_has_no_room_to_be_sure_of(judge: Callable[..., Result]) -> None:
    class Tells(Contract):
        def refuse_key(self, asked: Asked, resource: str) -> Answer:
            return as_json(401 if "/1001/" in asked.raw_path else 404, message="Not Found")

    contract = Tells()
    result = judge(contract, profile=Profile.SMOKE)
    assert result.verdict != "conforms"
    assert len(contract.seen) <= 20


def test_a_deep_run_generates_at_length_within_its_budget_the_same_for_the_same_seed() -> None:
    asked = []
    for seed in (1, 1, 2):
        contract = Contract()
        with serving(contract) as base_url:
            target = replace(target_of(base_url), profile=Profile.DEEP, max_requests=450, seed=seed, payments=0)
            run(target, clauses={"MASK-1"})
        asked.append([(item.method, item.raw_path, item.query) for item in contract.seen if item.key != KEY])
        assert len(contract.seen) <= 450
    assert asked[0] == asked[1] != asked[2]
    assert len(asked[0]) > 20


def test_a_profile_that_is_none_is_said_in_one_sentence() -> None:
    with pytest.raises(ValueError, match="must be smoke, standard or deep"):
        profile_named("quick")
