"""How a check can end other than by passing.

    Violation     the deployment breaks the clause: expected, observed, and the exchange that shows it
    Inconclusive  the precondition could not be established, so nothing can be said
    NotExercised  the user has not supplied, or has not allowed, what the check needs

The last two are outcomes in their own right. They build on pytest's skip, so that any pytest reporter shows them with
their reason, but they are never silent: the verdict of their clause depends on them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from billecta_verify.transport.exchange import Exchange

    class Skipped(BaseException):
        """What pytest offers as `pytest.skip.Exception`, in a form that a type checker can follow."""

        msg: str

        def __init__(self, msg: str) -> None: ...
else:
    Skipped = pytest.skip.Exception

REFUSED_KEY: Final = frozenset({401, 404})
"""How a request without a valid key may be answered (AUTH-2, MASK-1)."""


class Violation(AssertionError):  # noqa: N818 — an outcome, not an error of ours
    """The deployment breaks the clause under judgement."""

    def __init__(self, *, expected: str, observed: str, exchange: Exchange | None = None) -> None:
        super().__init__(f"expected {expected}; observed {observed}")
        self.expected = expected
        self.observed = observed
        self.exchange = exchange


class Inconclusive(Skipped):
    """Nothing can be said about the clause here; the reason says why."""


class NotExercised(Skipped):
    """The check did not run; the reason says what to supply for it."""
