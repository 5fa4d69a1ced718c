"""What can happen to an answer on its way: faults of the connection, refusals of a gateway, delays."""

import math
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from random import Random

from billecta_mock.domain.limits import Quota


class FaultKind(StrEnum):
    """The kinds of fault; the first four have the names and the mechanics of WireMock's."""

    CONNECTION_RESET_BY_PEER = "CONNECTION_RESET_BY_PEER"
    EMPTY_RESPONSE = "EMPTY_RESPONSE"
    MALFORMED_RESPONSE_CHUNK = "MALFORMED_RESPONSE_CHUNK"
    RANDOM_DATA_THEN_CLOSE = "RANDOM_DATA_THEN_CLOSE"
    TRUNCATED_BODY = "TRUNCATED_BODY"
    CHUNKED_DRIBBLE = "CHUNKED_DRIBBLE"
    STATUS = "STATUS"


SPOILING = frozenset({FaultKind.TRUNCATED_BODY, FaultKind.CHUNKED_DRIBBLE})
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
        if self.kind in SPOILING:
            return True
        if self.handled is not None:
            return self.handled
        return self.kind is not FaultKind.STATUS or self.status == _ANSWERED_BY_UPSTREAM

    @property
    def ends_connection(self) -> bool:
        """Whether the client gets no status at all."""
        return self.kind is not FaultKind.STATUS and self.kind not in SPOILING


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
