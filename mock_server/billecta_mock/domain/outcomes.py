"""What a rule makes of a request."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any, Final

from billecta_mock.domain.faults import Delay, Fault
from billecta_mock.domain.swish import TRANSITIONS, Pace, PaymentStatus, Plan, Progression, Step

_SUCCESS: Final = range(200, 300)


@dataclass(frozen=True, slots=True)
class LifeStep:
    """One move of a planned life. Its pace is that of the world where `after` and `after_polls` are None."""

    status: PaymentStatus
    code: str = ""
    after: timedelta | None = None
    after_polls: int | None = None


@dataclass(frozen=True, slots=True)
class Life:
    """How a new payment goes on: its moves in turn. What is None is as everywhere in the world."""

    steps: tuple[LifeStep, ...]
    progression: Progression | None = None
    expire_after: timedelta | None = None

    def plan(self, pace: Pace) -> Plan:
        """This life in a world with this pace."""
        return _plan(self, pace)


@lru_cache(maxsize=256)
def _plan(life: Life, pace: Pace) -> Plan:
    """Payments of one life share their steps: there are thousands."""
    return Plan(
        life=tuple(_at_pace(step, pace) for step in life.steps),
        progression=life.progression or pace.progression,
        expire_after=pace.expire_after if life.expire_after is None else life.expire_after,
    )


@dataclass(frozen=True, slots=True)
class SwishRefusal:
    """The create is refused at once, with this code and text."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class CannedResponse:
    """A documented response: one of its examples, by name, or a document that its schema allows.

    With neither it is the first example; where that would be a success, it is what the handler gives, if that has this
    status, so that an id in it can be used.
    """

    status: int
    example: str | None = None
    document: Any = None

    @property
    def is_for_handler(self) -> bool:
        """Whether the handler is asked first."""
        return self.status in _SUCCESS and self.example is None and self.document is None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rule makes of a request: one of the first four at the most, and a delay with it or alone."""

    life: Life | None = None
    refusal: SwishRefusal | None = None
    response: CannedResponse | None = None
    fault: Fault | None = None
    delay: Delay | None = None


def find_wrong_step(steps: Sequence[LifeStep]) -> tuple[int, PaymentStatus] | None:
    """The first step for which the table of transitions has no way, and the status that it would have to leave."""
    status = PaymentStatus.CREATED
    for place, step in enumerate(steps):
        if step.status not in TRANSITIONS[status]:
            return place, status
        status = step.status
    return None


def find_path(wanted: PaymentStatus) -> tuple[LifeStep, ...]:
    """The shortest life that leads to this status (SWISH-1); none is needed for Created."""
    paths: list[tuple[PaymentStatus, ...]] = [()]
    for path in paths:
        last = path[-1] if path else PaymentStatus.CREATED
        if last is wanted:
            return tuple(map(LifeStep, path))
        paths.extend((*path, status) for status in sorted(TRANSITIONS[last]) if status not in path)
    raise ValueError(wanted)


def _at_pace(step: LifeStep, pace: Pace) -> Step:
    after = pace.after if step.after is None else step.after
    polls = pace.after_polls if step.after_polls is None else step.after_polls
    return Step(step.status, after, polls, step.code)
