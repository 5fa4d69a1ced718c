"""Rules: found in order without asking each, and true as often as their limits say."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billecta_mock.domain.actions import Limits, Outcome, Turns, find_path, find_wrong_step
from billecta_mock.domain.payments import CREATE, EVERY, PaymentStatus
from billecta_mock.domain.rules import Matcher, Rule, RuleBook, Sighting, TextForm, TextMatch, beginning_with, equal_to
from billecta_mock.domain.world import Script

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
    Matcher,
    operation=st.none() | OPERATIONS,
    method=st.none() | st.sampled_from(["GET", "POST"]),
    key=st.none() | st.sampled_from(["Full access", "ABC123"]),
    resource=st.none() | st.sampled_from(["1001", "1002"]),
    phone=st.none() | PHONES,
    message=st.none() | MESSAGES,
)
SIGHTINGS = st.builds(
    Sighting,
    operation=st.none() | OPERATIONS,
    method=st.sampled_from(["GET", "POST"]),
    key_name=st.none() | st.just("Full access"),
    key_value=st.none() | st.just("ABC123"),
    resource=st.none() | st.sampled_from(["1001", "1002"]),
    phone=st.none() | PHONES,
    message=st.none() | WORDS,
)


def run(limits: Limits, requests: int) -> list[bool]:
    """Whether a rule comes true for each of so many requests."""
    turns, outcomes = Turns(), []
    for _ in range(requests):
        outcomes.append(limits.allow(turns))
        turns = Turns(turns.seen + 1, turns.fired + outcomes[-1])
    return outcomes


@given(matchers=st.lists(MATCHERS, max_size=12), seen=SIGHTINGS)
def test_a_book_gives_what_asking_each_rule_would_give(matchers: list[Matcher], seen: Sighting) -> None:
    rules = [Rule(str(number), matcher, Outcome()) for number, matcher in enumerate(matchers)]
    book = RuleBook(rules)
    fitting = [rule for rule in rules if rule.matcher.fits(seen)]
    assert list(book.candidates(seen)) == fitting
    assert not fitting or book.watches(seen.operation)


@given(skip=st.integers(0, 5), times=st.none() | st.integers(1, 5), requests=st.integers(0, 20))
def test_limits_skip_first_and_end_after_so_many(skip: int, times: int | None, requests: int) -> None:
    hits = run(Limits(skip=skip, times=times), requests)
    last = requests if times is None else skip + times
    assert hits == [skip <= number < last for number in range(requests)]


@given(seed=st.integers(0, 2**31), probability=st.floats(0, 1))
def test_chance_is_the_same_for_the_same_seed(seed: int, probability: float) -> None:
    limits = Limits(probability=probability, seed=seed)
    assert run(limits, 50) == run(limits, 50)


@pytest.mark.parametrize("probability", [0.0, 0.1, 0.5, 0.9, 1.0])
def test_chance_comes_out_as_often_as_it_says(probability: float) -> None:
    hits = run(Limits(probability=probability, seed=1), 4000)
    assert sum(hits) / len(hits) == pytest.approx(probability, abs=0.03)


def test_seeds_differ() -> None:
    assert run(Limits(probability=0.5, seed=1), 50) != run(Limits(probability=0.5, seed=2), 50)


@pytest.mark.parametrize(("second", "holds"), [(-1, False), (0, True), (59, True), (60, False)])
def test_limits_hold_from_their_start_until_before_their_end(second: int, holds: bool) -> None:  # noqa: FBT001 — a table
    limits = Limits(starts_at=NOW, ends_at=NOW + timedelta(seconds=60))
    assert limits.hold_at(NOW + timedelta(seconds=second)) is holds


def test_a_script_tells_what_begins_and_ends_after_one_time_and_until_another() -> None:
    limits = Limits(starts_at=NOW + timedelta(seconds=10), ends_at=NOW + timedelta(seconds=20))
    script = Script(rules=(Rule("a", Matcher(CREATE), Outcome(), limits),))
    assert [turn.what for turn in script.find_turns(NOW, NOW + timedelta(seconds=10))] == ["started"]
    assert [turn.what for turn in script.find_turns(NOW + timedelta(seconds=10), NOW + timedelta(days=1))] == ["ended"]


@pytest.mark.parametrize("status", PaymentStatus)
def test_there_is_a_way_to_every_status(status: PaymentStatus) -> None:
    path = find_path(status)
    assert find_wrong_step(path) is None
    assert [PaymentStatus.CREATED, *(step.status for step in path)][-1] is status
