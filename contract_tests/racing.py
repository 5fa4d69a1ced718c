"""Pairs of answers that take turns, to learn whether their time tells something (MASK-3, MASK-4).

Every sort of pair is tried twice. The one that differs most is the suspect; new pairs of it are judged, for the times
that made it one were picked for their difference. A deployment that tells nothing is always sent the same number of
requests, whatever the noise; one that tells something clearly is let off early.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

from contract_tests.exchange import Exchange, Request
from contract_tests.oracles.timing import Comparison

SCREENING_PAIRS: Final = 2
LOOKS: Final = (10, 16)
"""After so many pairs the suspect is judged; the chance of a false alarm is shared among the looks."""

Send = Callable[[Request], Exchange]


@dataclass(slots=True)
class Race:
    """Two requests whose answers take turns, and their times in seconds."""

    name: str
    known: Request
    absent: Request
    times: list[tuple[float, float]] = field(default_factory=list)
    last: Exchange | None = None

    @property
    def comparison(self) -> Comparison:
        """The times so far."""
        known, absent = zip(*self.times, strict=True)
        return Comparison(known, absent)

    @property
    def quickest_difference(self) -> float:
        """How far the quickest answers of both sorts are apart: what delays one answer by chance is left out."""
        comparison = self.comparison
        return abs(min(comparison.one) - min(comparison.other))

    def run(self, pairs: int, send: Send, chance: Random) -> None:
        """Take more times, each pair in an order left to chance."""
        for _ in range(pairs):
            known_first = chance.random() < 0.5  # noqa: PLR2004 — a coin
            order = (self.known, self.absent) if known_first else (self.absent, self.known)
            answers = [send(request) for request in order]
            known, absent = answers if known_first else reversed(answers)
            self.last = known
            self.times.append((known.elapsed, absent.elapsed))


@dataclass(slots=True)
class Contest:
    """Several races, of which the most suspect is judged; `told` is the one whose times tell something."""

    races: Sequence[Race]
    send: Send
    chance: Random
    told: Race | None = field(default=None, init=False)

    def run(self) -> None:
        """Pick the suspect and judge it."""
        for race in self.races:
            race.run(SCREENING_PAIRS, self.send, self.chance)
        if self.races:
            self._judge(max(self.races, key=lambda race: race.quickest_difference))

    def _judge(self, suspect: Race) -> None:
        suspect.times.clear()
        for pairs in LOOKS:
            suspect.run(pairs - len(suspect.times), self.send, self.chance)
            if suspect.comparison.tells(len(LOOKS)):
                self.told = suspect
                return
