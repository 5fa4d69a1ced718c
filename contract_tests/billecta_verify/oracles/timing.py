"""Whether the time of an answer distinguishes two sorts of requests (MASK-3, MASK-4).

An exact rank test: no assumption about how times are distributed, nor about how they depend on each other, as long as
the order of the requests is random. It says how often two samples of the same source would be at least this far apart
by chance. A difference is only reported when that is rarer than the false-alarm rate *and* large enough to matter.

What delays an answer by chance makes it later, hardly ever quicker. So the quickest answers say most, and a rank weighs
the square of how many ranks there are from it on: one answer that a busy machine has held up costs little.

Every sort of request is tried twice. The one that differs most is the suspect; new answers of it are tested, for the
times that made it one were picked for their difference. A deployment that leaks nothing is always sent the same number
of requests, whatever the noise; one that leaks clearly ends the test early.

The order is drawn as a whole, each as likely as every other: then the exact test holds for any noise, also for one that
follows a pattern. Pairs would not do: two servers that take turns, one of them slow, put a slow answer into each pair.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate
from random import Random
from statistics import median
from typing import Final

from billecta_verify.transport.exchange import Exchange, Request

FALSE_ALARM_RATE: Final = 5e-5
"""The chance that a deployment whose times tell nothing is reported, over a whole run: half of 1 in 10,000."""

_FLOOR_SECONDS: Final = 0.004
_FLOOR_SHARE: Final = 0.10
"""A difference below 4 ms, or below a tenth of the answer's own time, is not reported: noise of machine and network."""


_SLOT: Final = 64
"""Bits for the number of ways to choose some of up to 60 ranks."""


SCREENED: Final = 2
"""So many answers of each sort pick the suspect."""
JUDGED: Final = 16
"""So many answers of each sort verify it."""
LOOKS: Final = (20, 32)
"""After so many answers the suspect is verified; the chance of a false alarm is shared among the looks."""
Send = Callable[[Request], Exchange]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Times of two sorts of answers, in seconds."""

    one: tuple[float, ...]
    other: tuple[float, ...]

    @property
    def difference(self) -> float:
        """How much longer the first sort takes, median against median, in seconds."""
        return median(self.one) - median(self.other)

    @property
    def matters(self) -> bool:
        """Whether the difference is above the floor."""
        return abs(self.difference) >= max(_FLOOR_SECONDS, _FLOOR_SHARE * min(median(self.one), median(self.other)))

    @property
    def p_value(self) -> float:
        """The two-sided chance of so great a separation between samples of one source."""
        return rank_test(self.one, self.other)

    def tells(self, looks: int) -> bool:
        """Whether the times tell the two sorts apart, when in all `looks` such questions are asked of the data."""
        return self.matters and self.p_value <= FALSE_ALARM_RATE / looks


def rank_test(one: Sequence[float], other: Sequence[float]) -> float:
    """The exact two-sided p-value of a rank test that looks at the quickest first; ties count against a difference."""
    at_most, at_least = _cumulated(len(one) + len(other), len(one))
    greatest, least = (_weight(one, other, ties_first=first) for first in (True, False))
    return min(1.0, 2 * min(at_most[greatest], at_least[least]))


def _weight(one: Sequence[float], other: Sequence[float], *, ties_first: bool) -> int:
    """What the ranks of the first sample weigh together; among equal times its own come first, or last."""
    merged = sorted([(time, not ties_first) for time in one] + [(time, ties_first) for time in other])
    return sum(
        weight for weight, (_, belongs) in zip(_weights(len(merged)), merged, strict=True) if belongs is not ties_first
    )


def _weights(size: int) -> list[int]:
    return [behind * behind for behind in range(size, 0, -1)]


@cache
def _cumulated(size: int, chosen: int) -> tuple[list[float], list[float]]:
    """How likely so many ranks, chosen by chance, weigh at most, and at least, each possible sum."""
    ways = _ways(size, chosen)
    total = sum(ways)
    at_least = list(accumulate(reversed(ways)))[::-1]
    return [count / total for count in accumulate(ways)], [count / total for count in at_least]


def _ways(size: int, chosen: int) -> list[int]:
    """In how many ways so many ranks can be chosen, by the sum of their weights.

    A generating function for each number of ranks, held in one integer with a slot of eight bytes for each sum.
    """
    found = [1] + [0] * chosen
    for weight in _weights(size):
        for taken in range(chosen, 0, -1):
            found[taken] += found[taken - 1] << (_SLOT * weight)
    sums = sum(_weights(size)) + 1
    return list(struct.unpack(f"<{sums}Q", found[chosen].to_bytes(8 * sums, "little")))


@dataclass(slots=True)
class TimingPair:
    """Two requests whose answers come in an order left to chance, and their times in seconds."""

    name: str
    known: Request
    absent: Request
    times_of_known: list[float] = field(default_factory=list)
    times_of_absent: list[float] = field(default_factory=list)
    last: Exchange | None = None

    @property
    def comparison(self) -> Comparison:
        """The times so far."""
        return Comparison(tuple(self.times_of_known), tuple(self.times_of_absent))

    @property
    def quickest_difference(self) -> float:
        """How far the quickest answers of both sorts are apart: what delays one answer by chance is left out."""
        return abs(min(self.times_of_known) - min(self.times_of_absent))

    def take(self, turns: Sequence[bool], send: Send) -> None:
        """Take more times: of what is known where a turn is true, of what is absent where it is not."""
        for is_known in turns:
            answer = send(self.known if is_known else self.absent)
            if is_known:
                self.last = answer
            (self.times_of_known if is_known else self.times_of_absent).append(answer.elapsed)

    def forget(self) -> None:
        """Begin again."""
        self.times_of_known.clear()
        self.times_of_absent.clear()


@dataclass(slots=True)
class TimingTest:
    """Several races, of which the most suspect is verified; `told` is the one whose times tell something.

    `seen` are exchanges of the run so far: what they have of a race need not be asked again to pick the suspect.
    """

    races: Sequence[TimingPair]
    send: Send
    chance: Random
    seen: Sequence[Exchange] = ()
    told: TimingPair | None = field(default=None, init=False)

    def run(self) -> None:
        """Pick the suspect and verify it."""
        for pair in self.races:
            self._screen(pair)
        if self.races:
            self._judge(max(self.races, key=lambda pair: pair.quickest_difference))

    def _screen(self, pair: TimingPair) -> None:
        known, absent = ([seen for seen in self.seen if seen.request == asked] for asked in (pair.known, pair.absent))
        pair.times_of_known.extend(seen.elapsed for seen in known[-SCREENED:])
        pair.times_of_absent.extend(seen.elapsed for seen in absent[-SCREENED:])
        pair.take(self._drawn(SCREENED - len(pair.times_of_known), SCREENED - len(pair.times_of_absent)), self.send)

    def _judge(self, suspect: TimingPair) -> None:
        suspect.forget()
        turns = self._drawn(JUDGED, JUDGED)
        taken = 0
        for look in LOOKS:
            suspect.take(turns[taken:look], self.send)
            taken = look
            if suspect.comparison.tells(len(LOOKS)):
                self.told = suspect
                return

    def _drawn(self, known: int, absent: int) -> list[bool]:
        """So many turns of both sorts, in an order of which each is as likely as every other."""
        turns = [True] * known + [False] * absent
        self.chance.shuffle(turns)
        return turns
