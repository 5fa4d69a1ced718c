"""The clock of a world."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billecta_mock.domain.clock import FROZEN, LATEST, REAL, Clock, ClockError, ClockMode

WALL = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
seconds = st.integers(0, 10_000_000).map(lambda number: timedelta(seconds=number))


def test_a_new_clock_shows_what_the_wall_clock_shows() -> None:
    assert Clock().now(WALL) == WALL


@given(seconds)
def test_a_frozen_clock_stands_still(later: timedelta) -> None:
    frozen = Clock().set(WALL, WALL, FROZEN)
    assert frozen.now(WALL + later) == WALL


@given(seconds, seconds)
def test_an_advanced_clock_runs_on_from_where_it_was_put(step: timedelta, later: timedelta) -> None:
    assert Clock().advance(WALL, step).now(WALL + later) == WALL + step + later


def test_a_thawed_clock_runs_on_from_the_moment_it_stood_at() -> None:
    frozen = Clock().set(WALL, WALL, FROZEN)
    hour_later = WALL + timedelta(hours=1)
    thawed = frozen.set(hour_later, frozen.now(hour_later), REAL)
    assert thawed.now(hour_later + timedelta(minutes=1)) == WALL + timedelta(minutes=1)


@given(seconds.filter(bool))
def test_a_clock_is_never_turned_back(step: timedelta) -> None:
    with pytest.raises(ClockError, match="cannot go back"):
        Clock().advance(WALL, -step)


def test_a_clock_does_not_go_beyond_its_last_day() -> None:
    with pytest.raises(ClockError, match="goes up to 2999"):
        Clock().set(WALL, LATEST + timedelta(seconds=1), FROZEN)


def test_a_clock_that_runs_beyond_its_last_day_can_still_be_frozen() -> None:
    clock = Clock().set(WALL, LATEST, REAL)
    tomorrow = WALL + timedelta(days=1)
    assert clock.set(tomorrow, clock.now(tomorrow), FROZEN).now(tomorrow) == LATEST + timedelta(days=1)


@given(st.lists(st.tuples(seconds, seconds, st.sampled_from([FROZEN, REAL, 60.0, 0.5])), max_size=8))
def test_whatever_is_done_to_a_clock_its_time_never_decreases(
    moves: list[tuple[timedelta, timedelta, float]],
) -> None:
    clock, wall, last = Clock(), WALL, WALL
    for pause, step, rate in moves:
        wall += pause
        clock = clock.set(wall, clock.now(wall) + step, rate)
        assert clock.now(wall) >= last
        last = clock.now(wall)


def test_a_scaled_clock_runs_so_many_times_faster() -> None:
    fast = Clock().set(WALL, WALL, 60)
    assert fast.now(WALL + timedelta(minutes=1)) == WALL + timedelta(hours=1)


def test_a_scaled_clock_stops_at_the_last_day_however_long_it_runs() -> None:
    fast = Clock().set(WALL, WALL, 100_000)
    assert fast.now(WALL + timedelta(days=100_000)) == LATEST


@pytest.mark.parametrize(("rate", "mode"), [(FROZEN, "frozen"), (REAL, "real"), (60, "scaled"), (0.5, "scaled")])
def test_a_rate_has_a_word(rate: float, mode: str) -> None:
    assert Clock(rate=rate).mode == ClockMode(mode)
