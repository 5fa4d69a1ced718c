"""The clock of one world: it runs with the wall clock, faster, or not at all, and is never turned back."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2999, 12, 31, tzinfo=UTC)
"""No clock is set further, so that what is planned from a time can always be written as one."""

FROZEN: Final = 0.0
REAL: Final = 1.0


class ClockMode(StrEnum):
    """How a world's time passes."""

    REAL = "real"
    FROZEN = "frozen"
    SCALED = "scaled"


class ClockError(ValueError):
    """A clock was to be set to a time that it cannot show: one before its present, or one too far ahead."""


@dataclass(frozen=True, slots=True)
class Clock:
    """A world's time as a line: it showed `shown` when the wall clock showed `wall`, and goes on at `rate`.

    A rate of 0 is a frozen clock, of 1 a real one, of 60 one whose hour takes a minute. All times are aware and in
    UTC. The wall's time is always an argument: nothing here asks for it.
    """

    wall: datetime = _EPOCH
    shown: datetime = _EPOCH
    rate: float = REAL

    @property
    def mode(self) -> ClockMode:
        """The rate as a word."""
        return {FROZEN: ClockMode.FROZEN, REAL: ClockMode.REAL}.get(self.rate, ClockMode.SCALED)

    def now(self, wall: datetime) -> datetime:
        """What this clock shows when the wall clock shows `wall`. A scaled one stops at LATEST."""
        passed = wall - self.wall
        if self.rate == REAL:
            return self.shown + passed
        left = max((LATEST - self.shown).total_seconds(), 0)
        return self.shown + timedelta(seconds=min(passed.total_seconds() * self.rate, left))

    def set(self, wall: datetime, shown: datetime, rate: float) -> "Clock":
        """This clock, showing `shown` from now on. Raises ClockError for a time already past, or after LATEST."""
        current = self.now(wall)
        if shown < current:
            raise ClockError(f"the clock shows {current.isoformat()} and cannot go back to {shown.isoformat()}")
        if shown > max(current, LATEST):
            raise ClockError(f"the clock goes up to {LATEST.isoformat()}, not to {shown.isoformat()}")
        return Clock(wall, shown, rate)

    def advance(self, wall: datetime, by: timedelta) -> "Clock":
        """This clock, moved forward by `by`. Raises ClockError for a negative one, or one that leads after LATEST."""
        return self.set(wall, self.now(wall) + by, self.rate)
