"""What a rule does with a request, how often it does so, and the faults of a connection or gateway."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from random import Random
from typing import Any, Final

from billecta_mock.domain.payments import TRANSITIONS, Pace, PaymentStatus, Plan, Progression, Step

_WHOLE = 2**64


_SUCCESS: Final = range(200, 300)


@dataclass(frozen=True, slots=True)
class HitCount:
    """What a rule has seen so far: requests that it is for, and how many of those it fired for."""

    seen: int = 0
    fired: int = 0


@dataclass(frozen=True, slots=True)
class RuleLimits:
    """When a rule matches.

    The first `skip` requests pass untouched; of the others each is hit with `probability`, until the rule has fire
    `times` times. So the n-th occurrence alone is `skip` n - 1 and `times` 1. Chance comes from `seed` and the number
    of the request, so a run can be repeated. Before `starts_at` and from `ends_at` on, by the world's clock, the rule
    sees nothing.
    """

    probability: float = 1.0
    seed: int = 0
    skip: int = 0
    times: int | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    def hold_at(self, now: datetime) -> bool:
        """Whether the rule is in force at this time."""
        return (self.starts_at is None or self.starts_at <= now) and (self.ends_at is None or now < self.ends_at)

    def are_used_up(self, turns: HitCount) -> bool:
        """Whether the rule can never fire again, however often it is asked."""
        return self.times is not None and turns.fired >= self.times

    def fires(self, turns: HitCount) -> bool:
        """Whether the rule matches for the next request, after these."""
        if turns.seen < self.skip or self.are_used_up(turns):
            return False
        return self.probability >= 1 or draw(self.seed, turns.seen) < self.probability


@dataclass(frozen=True, slots=True)
class Quota:
    """So many requests in so much time are let through, counted for each client address and from its first one on."""

    requests: int
    period: timedelta


def draw(seed: int, number: int) -> float:
    """A number from 0 up to 1, always the same for the same seed and number."""
    digest = hashlib.blake2b(f"{seed}/{number}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) / _WHOLE


def chance_of(seed: int, number: int) -> Random:
    """A source of chance for one request, always the same for the same seed and number."""
    return Random(f"{seed}/{number}")  # noqa: S311 — it has to repeat itself; it guards nothing


class FaultKind(StrEnum):
    """The kinds of fault; the first four have the names and the mechanics of WireMock's."""

    CONNECTION_RESET_BY_PEER = "CONNECTION_RESET_BY_PEER"
    EMPTY_RESPONSE = "EMPTY_RESPONSE"
    MALFORMED_RESPONSE_CHUNK = "MALFORMED_RESPONSE_CHUNK"
    RANDOM_DATA_THEN_CLOSE = "RANDOM_DATA_THEN_CLOSE"
    TRUNCATED_BODY = "TRUNCATED_BODY"
    CHUNKED_DRIBBLE = "CHUNKED_DRIBBLE"
    STATUS = "STATUS"


BODY_FAULTS = frozenset({FaultKind.TRUNCATED_BODY, FaultKind.CHUNKED_DRIBBLE})
"""These need an answer to work on, and leave its status as it is."""

_ANSWERED_BY_UPSTREAM = 504


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault.

    `handled` says whether the request is done all the same, so that a payment exists of which the client never hears;
    None leaves that to the kind. `status` and `retry_after` are for STATUS; with a `quota` only what goes beyond it is
    refused, and the time to wait is known. `kept` is the part of a truncated body that is sent; `chunks` and `period`
    are those of a dribble.
    """

    kind: FaultKind
    handled: bool | None = None
    status: int = 503
    retry_after: float | None = None
    quota: Quota | None = None
    kept: float = 0.5
    chunks: int = 5
    period: timedelta = timedelta(seconds=5)

    @property
    def name(self) -> str:
        """The kind, or the status for one that has a status of its own."""
        return str(self.status) if self.kind is FaultKind.STATUS else self.kind.value

    @property
    def is_handled(self) -> bool:
        """Whether the request is done: yes where its answer is lost, no where a gateway refuses it."""
        if self.kind in BODY_FAULTS:
            return True
        if self.handled is not None:
            return self.handled
        return self.kind is not FaultKind.STATUS or self.status == _ANSWERED_BY_UPSTREAM

    @property
    def ends_connection(self) -> bool:
        """Whether the client gets no status at all."""
        return self.kind is not FaultKind.STATUS and self.kind not in BODY_FAULTS


class DelayKind(StrEnum):
    """How the time of a delay is found, under WireMock's names."""

    FIXED = "fixed"
    UNIFORM = "uniform"
    LOGNORMAL = "lognormal"


@dataclass(frozen=True, slots=True)
class Delay:
    """How long an answer is held back, in seconds of the world's clock.

    FIXED: `lower`. UNIFORM: from `lower` to `upper`. LOGNORMAL: around the median `lower` with the spread `sigma`,
    never beyond `upper`.
    """

    kind: DelayKind
    lower: float
    upper: float = math.inf
    sigma: float = 0.0

    def sample(self, chance: Random) -> float:
        """The seconds for one answer."""
        if self.kind is DelayKind.FIXED:
            return self.lower
        if self.kind is DelayKind.UNIFORM:
            return chance.uniform(self.lower, self.upper)
        return min(chance.lognormvariate(math.log(self.lower), self.sigma), self.upper)


@dataclass(frozen=True, slots=True)
class FlowStep:
    """One move of a planned life. Its pace is that of the world where `after` and `after_polls` are None."""

    status: PaymentStatus
    code: str = ""
    after: timedelta | None = None
    after_polls: int | None = None


@dataclass(frozen=True, slots=True)
class PaymentFlow:
    """How a new payment goes on: its moves in turn. What is None is as everywhere in the world."""

    steps: tuple[FlowStep, ...]
    progression: Progression | None = None
    expire_after: timedelta | None = None

    def plan(self, pace: Pace) -> Plan:
        """This life in a world with this pace."""
        return _plan(self, pace)


@lru_cache(maxsize=256)
def _plan(life: PaymentFlow, pace: Pace) -> Plan:
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
class RuleAction:
    """What a rule makes of a request: one of the first four at most, and a delay with it or alone."""

    life: PaymentFlow | None = None
    refusal: SwishRefusal | None = None
    response: CannedResponse | None = None
    fault: Fault | None = None
    delay: Delay | None = None


def find_wrong_step(steps: Sequence[FlowStep]) -> tuple[int, PaymentStatus] | None:
    """The first step for which the table of transitions has no way, and the status that it would have to leave."""
    status = PaymentStatus.CREATED
    for place, step in enumerate(steps):
        if step.status not in TRANSITIONS[status]:
            return place, status
        status = step.status
    return None


def shortest_flow(wanted: PaymentStatus) -> tuple[FlowStep, ...]:
    """The shortest life that leads to this status (SWISH-1); none is needed for Created."""
    paths: list[tuple[PaymentStatus, ...]] = [()]
    for path in paths:
        last = path[-1] if path else PaymentStatus.CREATED
        if last is wanted:
            return tuple(map(FlowStep, path))
        paths.extend((*path, status) for status in sorted(TRANSITIONS[last]) if status not in path)
    raise ValueError(wanted)


def _at_pace(step: FlowStep, pace: Pace) -> Step:
    after = pace.after if step.after is None else step.after
    polls = pace.after_polls if step.after_polls is None else step.after_polls
    return Step(step.status, after, polls, step.code)
