"""Whether the time of an answer tells two sorts of requests apart (MASK-3, MASK-4).

The exact Mann-Whitney test: no assumption about how times are distributed, none about outliers. It says how often two
samples of the same source would be at least this far apart by chance. A difference is only reported when that is rarer
than the false-alarm rate *and* it is large enough to matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import comb
from statistics import median
from typing import Final

FALSE_ALARM_RATE: Final = 1e-4
"""The chance that a deployment whose times tell nothing is reported, over a whole run."""

_FLOOR_SECONDS: Final = 0.004
_FLOOR_SHARE: Final = 0.10
"""A difference below 4 ms, or below a tenth of the answer's own time, is not reported: noise of machine and network."""


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
        return mann_whitney(self.one, self.other)

    def tells(self, looks: int) -> bool:
        """Whether the times tell the two sorts apart, when in all `looks` such questions are asked of the data."""
        return self.matters and self.p_value <= FALSE_ALARM_RATE / looks


def mann_whitney(one: Sequence[float], other: Sequence[float]) -> float:
    """The exact two-sided p-value of the Mann-Whitney U test; ties count against a difference."""
    wins = sum(a > b for a in one for b in other)
    losses = sum(a < b for a in one for b in other)
    ties = len(one) * len(other) - wins - losses
    smaller = min(wins, losses) + ties
    return min(1.0, 2 * _at_most(len(one), len(other), smaller) / comb(len(one) + len(other), len(one)))


def _at_most(one: int, other: int, u: int) -> int:
    """In how many orders of the two samples U is at most `u`."""
    return sum(_orders(one, other, value) for value in range(min(u, one * other) + 1))


@cache
def _orders(one: int, other: int, u: int) -> int:
    """In how many orders U is exactly `u`: the greatest value belongs to the first sample, or to the other."""
    if u < 0:
        return 0
    if one == 0 or other == 0:
        return int(u == 0)
    return _orders(one - 1, other, u - other) + _orders(one, other - 1, u)
