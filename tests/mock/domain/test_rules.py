"""Rules: found in order without asking each, and true as often as their limits say."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billecta_mock.domain.actions import HitCount, RuleAction, RuleLimits, find_wrong_step, shortest_flow
from billecta_mock.domain.payments import CREATE, EVERY, PaymentStatus
from billecta_mock.domain.rules import (
    RequestFacts,
    RequestPattern,
    Rule,
    RuleIndex,
    TextForm,
    TextMatch,
    beginning_with,
    equal_to,
)
from billecta_mock.domain.world import Behaviour

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
WORDS = st.sampled_from(["RF07", "RP06", "Invoice 1", "Inv", ""])
PHONES = st.sampled_from(["46701740611", "46701740612"])
OPERATIONS = st.sampled_from(EVERY)
MESSAGES = st.one_of(
    WORDS.map(equal_to),
    WORDS.map(beginning_with),
    WORDS.map(lambda word: TextMatch(TextForm.PATTERN, word, lambda text: word in text)),
)
MATCHERS = st.builds(
    RequestPattern,
    operation=st.none() | OPERATIONS,
    method=st.none() | st.sampled_from(["GET", "POST"]),
    key=st.none() | st.sampled_from(["Full access", "ABC123"]),
    resource=st.none() | st.sampled_from(["1001", "1002"]),
    phone=st.none() | PHONES,
    message=st.none() | MESSAGES,
)
SIGHTINGS = st.builds(
    RequestFacts,
    operation=st.none() | OPERATIONS,
    method=st.sampled_from(["GET", "POST"]),
    key_name=st.none() | st.just("Full access"),
    key_value=st.none() | st.just("ABC123"),
    resource=st.none() | st.sampled_from(["1001", "1002"]),
    phone=st.none() | PHONES,
    message=st.none() | WORDS,
)


def run(limits: RuleLimits, requests: int) -> list[bool]:
    """Whether a rule matches for each of so many requests."""
    turns, outcomes = HitCount(), []
    for _ in range(requests):
        outcomes.append(limits.fires(turns))
        turns = HitCount(turns.seen + 1, turns.fired + outcomes[-1])
    return outcomes


@given(matchers=st.lists(MATCHERS, max_size=12), seen=SIGHTINGS)
def test_a_book_gives_what_asking_each_rule_would_give(matchers: list[RequestPattern], seen: RequestFacts) -> None:
    rules = [Rule(str(number), request_pattern, RuleAction()) for number, request_pattern in enumerate(matchers)]
    book = RuleIndex(rules)
    fitting = [rule for rule in rules if rule.request_pattern.fits(seen)]
    assert list(book.candidates(seen)) == fitting
    assert not fitting or book.watches(seen.operation)


@given(skip=st.integers(0, 5), times=st.none() | st.integers(1, 5), requests=st.integers(0, 20))
def test_limits_skip_first_and_end_after_so_many(skip: int, times: int | None, requests: int) -> None:
    hits = run(RuleLimits(skip=skip, times=times), requests)
    last = requests if times is None else skip + times
    assert hits == [skip <= number < last for number in range(requests)]


@given(seed=st.integers(0, 2**31), probability=st.floats(0, 1))
def test_chance_is_the_same_for_the_same_seed(seed: int, probability: float) -> None:
    limits = RuleLimits(probability=probability, seed=seed)
    assert run(limits, 50) == run(limits, 50)


@pytest.mark.parametrize("probability", [0.0, 0.1, 0.5, 0.9, 1.0])
def test_chance_comes_out_as_often_as_it_says(probability: float) -> None:
    hits = run(RuleLimits(probability=probability, seed=1), 4000)
    assert sum(hits) / len(hits) == pytest.approx(probability, abs=0.03)


def test_seeds_differ() -> None:
    assert run(RuleLimits(probability=0.5, seed=1), 50) != run(RuleLimits(probability=0.5, seed=2), 50)


@pytest.mark.parametrize(("second", "holds"), [(-1, False), (0, True), (59, True), (60, False)])
def test_limits_hold_from_their_start_until_before_their_end(second: int, holds: bool) -> None:  # noqa: FBT001 — a table
    limits = RuleLimits(starts_at=NOW, ends_at=NOW + timedelta(seconds=60))
    assert limits.hold_at(NOW + timedelta(seconds=second)) is holds


def test_a_script_tells_what_begins_and_ends_after_one_time_and_until_another() -> None:
    limits = RuleLimits(starts_at=NOW + timedelta(seconds=10), ends_at=NOW + timedelta(seconds=20))
    script = Behaviour(rules=(Rule("a", RequestPattern(CREATE), RuleAction(), limits),))
    assert [turn.what for turn in script.find_scheduled_changes(NOW, NOW + timedelta(seconds=10))] == ["started"]
    assert [
        turn.what for turn in script.find_scheduled_changes(NOW + timedelta(seconds=10), NOW + timedelta(days=1))
    ] == ["ended"]


@pytest.mark.parametrize("status", PaymentStatus)
def test_there_is_a_way_to_every_status(status: PaymentStatus) -> None:
    path = shortest_flow(status)
    assert find_wrong_step(path) is None
    assert [PaymentStatus.CREATED, *(step.status for step in path)][-1] is status
