"""How fast requests may follow each other."""

from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from time import monotonic, sleep, time
from typing import Final

LONGEST_WAIT: Final = 60.0
"""The longest pause, in seconds, that a Retry-After may ask for."""

_WAIT_WITHOUT_ADVICE: Final = 1.0


@dataclass(slots=True)
class Pacer:
    """Spaces requests evenly, and keeps still for as long as a deployment has asked for."""

    requests_per_second: float | None
    now: Callable[[], float] = monotonic
    pause: Callable[[float], None] = sleep
    _next_slot: float = field(default=0.0, init=False)

    def wait(self) -> None:
        """Return when the next request may be sent."""
        delay = self._next_slot - self.now()
        if delay > 0:
            self.pause(delay)
        interval = 1 / self.requests_per_second if self.requests_per_second else 0.0
        self._next_slot = self.now() + interval

    def hold(self, seconds: float) -> None:
        """Send nothing for this long."""
        self._next_slot = max(self._next_slot, self.now() + seconds)


def retry_after(value: str | None) -> float:
    """The seconds that a Retry-After header asks for, as a number or a date, never more than `LONGEST_WAIT`."""
    if value is None:
        return _WAIT_WITHOUT_ADVICE
    try:
        seconds = float(value) if value.strip().isdigit() else parsedate_to_datetime(value).timestamp() - time()
    except ValueError:
        return _WAIT_WITHOUT_ADVICE
    return min(max(seconds, 0.0), LONGEST_WAIT)
