"""Restraint in what is logged: nobody shall be able to fill a disk by asking often enough."""

from typing import Final

_MOST: Final = 60
_SECONDS: Final = 60


class Restraint:
    """Lets sixty lines of a kind through in each minute."""

    def __init__(self) -> None:
        self._until = 0.0
        self._count = 0

    def allows(self, now: float) -> bool:
        """Whether one more may be written at this time, in seconds of a clock that never goes back."""
        if now >= self._until:
            self._until, self._count = now + _SECONDS, 0
        self._count += 1
        return self._count <= _MOST
