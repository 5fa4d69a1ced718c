"""Who is let in to the control plane, and who is told of what happens there."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.types import Scope

from billecta_mock.admin.guard import Guard
from billecta_mock.http import Answer

Observe = Callable[[Scope, Answer], None]
"""Told of a request and of what it is answered, right before that is sent."""


def _ignore(_scope: Scope, _answer: Answer) -> None:
    """Nobody observes."""


@dataclass(frozen=True, slots=True)
class Admission:
    """Who is let in, and who is told of each request and of its answer."""

    guard: Guard
    observe: Observe = _ignore
