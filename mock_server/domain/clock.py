"""The clock of one world: it runs with the wall clock, or stands still, and is never turned back."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2999, 12, 31, tzinfo=UTC)
"""No clock goes further, so that what is planned from a time can always be written as one."""


class ClockMode(StrEnum):
    """How a world's time passes."""

    REAL = "real"
    FROZEN = "frozen"


class ClockError(ValueError):
    """A clock was to be set to a time that it cannot show: one before its present, or one too far ahead."""


@dataclass(frozen=True, slots=True)
class Clock:
    """A world's time as a line through one point: it showed `shown` when the wall clock showed `wall`.

    All times are aware and in UTC. The wall's time is always an argument: nothing here asks for it.
    """

    wall: datetime = _EPOCH
    shown: datetime = _EPOCH
    mode: ClockMode = ClockMode.REAL

    def now(self, wall: datetime) -> datetime:
        """What this clock shows when the wall clock shows `wall`."""
        if self.mode is ClockMode.FROZEN:
            return self.shown
        return self.shown + (wall - self.wall)

    def set(self, wall: datetime, shown: datetime, mode: ClockMode) -> "Clock":
        """This clock, showing `shown` from now on. Raises ClockError for a time already past, or after LATEST."""
        current = self.now(wall)
        if shown < current:
            raise ClockError(f"the clock shows {current.isoformat()} and cannot go back to {shown.isoformat()}")
        if shown > max(current, LATEST):
            raise ClockError(f"the clock goes up to {LATEST.isoformat()}, not to {shown.isoformat()}")
        return replace(self, wall=wall, shown=shown, mode=mode)

    def advance(self, wall: datetime, by: timedelta) -> "Clock":
        """This clock, moved forward by `by`. Raises ClockError for a negative one, or one that leads after LATEST."""
        return self.set(wall, self.now(wall) + by, self.mode)
