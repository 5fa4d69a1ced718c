"""How fast requests may follow each other."""

from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from time import monotonic, sleep, time
from typing import Final

LONGEST_WAIT: Final = 60.0
"""The longest pause, in seconds, that a Retry-After may ask for."""

LONGEST_WAITING: Final = 180.0
"""The seconds that a whole run waits on request; a deployment that goes on asking for it is asked nothing more."""

_WAIT_WITHOUT_ADVICE: Final = 1.0


@dataclass(slots=True)
class Pacer:
    """Spaces requests evenly, and keeps still for as long as a deployment has asked for."""

    requests_per_second: float | None
    now: Callable[[], float] = monotonic
    pause: Callable[[float], None] = sleep
    told: Callable[[float], None] | None = None
    """Is told of every wait that a deployment asks for."""
    is_out_of_patience: bool = field(default=False, init=False)
    _next_slot: float = field(default=0.0, init=False)
    _held: float = field(default=0.0, init=False)

    def wait(self) -> None:
        """Return when the next request may be sent."""
        delay = self._next_slot - self.now()
        if delay > 0:
            self.pause(delay)
        interval = 1 / self.requests_per_second if self.requests_per_second else 0.0
        self._next_slot = self.now() + interval

    def hold(self, seconds: float) -> None:
        """Send nothing for this long, as far as the patience of a run goes."""
        granted = min(seconds, LONGEST_WAITING - self._held)
        self._held += granted
        self.is_out_of_patience = self._held >= LONGEST_WAITING and granted < seconds
        self._next_slot = max(self._next_slot, self.now() + granted)
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
