"""How fast requests may follow each other."""

from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from time import monotonic, sleep, time
from typing import Final

from billecta_verify.transport.budget import Budget, LocalBudget

LONGEST_WAIT: Final = 60.0
"""The longest pause, in seconds, that a Retry-After may ask for."""

LONGEST_WAITING: Final = 180.0
"""The seconds that a whole run waits on request; a deployment that goes on asking for it is asked nothing more."""

FIRST_SPACING: Final = 0.01
WIDEST_SPACING: Final = 0.04
"""The seconds between requests after the first 429, doubled by each further one, up to the widest: what may not be
asked again is lost to a 429, so they had better be few."""

_WAIT_WITHOUT_ADVICE: Final = 1.0
_NEGLIGIBLE: Final = 1e-6


@dataclass(slots=True)
class RateLimiter:
    """Spaces requests evenly, keeps still for as long as a deployment has asked for, and goes on more slowly."""

    requests_per_second: float | None
    now: Callable[[], float] = monotonic
    pause: Callable[[float], None] = sleep
    told: Callable[[float], None] | None = None
    """Is told of every wait that a deployment asks for."""
    budget: Budget = field(default_factory=LocalBudget)

    @property
    def is_wait_exhausted(self) -> bool:
        """Whether the run has waited for as long as it may, and would have to wait longer."""
        with self.budget.open() as usage:
            return usage.wait_exhausted

    def wait(self) -> None:
        """Return when the next request may be sent: one of all processes of the run at a time."""
        interval = 1 / self.requests_per_second if self.requests_per_second else 0.0
        while (delay := self._delay(interval)) > _NEGLIGIBLE:
            self.pause(delay)

    def _delay(self, interval: float) -> float:
        """The seconds to wait before the next look; 0 when the slot is taken."""
        with self.budget.open() as usage:
            delay = usage.next_slot - self.now()
            if delay <= _NEGLIGIBLE:
                usage.next_slot = self.now() + max(interval, usage.spacing)
            return delay

    def hold(self, seconds: float) -> None:
        """Send nothing for this long, as far as the patience of a run goes."""
        with self.budget.open() as usage:
            granted = min(seconds, LONGEST_WAITING - usage.held)
            usage.held += granted
            usage.spacing = min(max(FIRST_SPACING, 2 * usage.spacing), WIDEST_SPACING)
            usage.wait_exhausted = usage.held >= LONGEST_WAITING and granted < seconds
            usage.next_slot = max(usage.next_slot, self.now() + granted)
        if self.told is not None and granted >= _WAIT_WITHOUT_ADVICE:
            self.told(granted)


def retry_after(value: str | None) -> float:
    """The seconds that a Retry-After header asks for, as a number or a date, never more than `LONGEST_WAIT`."""
    if value is None:
        return _WAIT_WITHOUT_ADVICE
    try:
        seconds = float(value) if value.strip().isdigit() else parsedate_to_datetime(value).timestamp() - time()
    except ValueError:
        return _WAIT_WITHOUT_ADVICE
    return min(max(seconds, 0.0), LONGEST_WAIT)
