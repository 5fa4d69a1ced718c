"""How often, and when, a rule comes true for the requests that it is for."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

_WHOLE = 2**64


@dataclass(frozen=True, slots=True)
class Turns:
    """What a rule has seen so far: requests that it is for, and how many of those it came true for."""

    seen: int = 0
    fired: int = 0


@dataclass(frozen=True, slots=True)
class Limits:
    """When a rule comes true.

    The first `skip` requests pass untouched; of the others each is hit with `probability`, until the rule has come true
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

    def are_used_up(self, turns: Turns) -> bool:
        """Whether the rule can never come true again, however often it is asked."""
        return self.times is not None and turns.fired >= self.times

    def allow(self, turns: Turns) -> bool:
        """Whether the rule comes true for the next request, after these."""
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
