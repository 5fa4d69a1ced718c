"""What ends a run before there is a result, and with which exit status."""

from typing import Final

WRONG_USE: Final = 2
INTERRUPTED: Final = 130


class FailureError(Exception):
    """Nothing can be judged, or kept; one sentence says what, where and how to mend it."""


class UsageError(FailureError, ValueError):
    """The program was used wrongly; one sentence says what, where and how to fix it."""
