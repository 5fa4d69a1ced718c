"""Whether the time of an answer tells two sorts of requests apart (MASK-3, MASK-4).

An exact rank test: no assumption about how times are distributed, nor about how they depend on each other, as long as
the order of the requests was left to chance. It says how often two samples of the same source would be at least this
far apart by chance. A difference is only reported when that is rarer than the false-alarm rate *and* it is large enough
to matter.

What delays an answer by chance makes it later, hardly ever quicker. So the quickest answers say most, and a rank weighs
the square of how many ranks there are from it on: one answer that a busy machine has held up costs little.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from statistics import median
from typing import Final

FALSE_ALARM_RATE: Final = 5e-5
"""The chance that a deployment whose times tell nothing is reported, over a whole run: half of 1 in 10,000."""

_FLOOR_SECONDS: Final = 0.004
_FLOOR_SHARE: Final = 0.10
"""A difference below 4 ms, or below a tenth of the answer's own time, is not reported: noise of machine and network."""


_SLOT: Final = 64
"""Bits for the number of ways to choose some of up to 60 ranks."""


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
