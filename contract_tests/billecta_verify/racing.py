"""Answers in an order left to chance, to learn whether their time tells something (MASK-3, MASK-4).

Every sort of request is tried twice. The one that differs most is the suspect; new answers of it are judged, for the
times that made it one were picked for their difference. A deployment that tells nothing is always sent the same number
of requests, whatever the noise; one that tells something clearly is let off early.

The order is drawn as a whole, each as likely as every other: then the exact test holds for any noise, also for one that
follows a pattern. Pairs would not do: two servers that take turns, one of them slow, put a slow answer into each pair.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

from billecta_verify.oracles.timing import Comparison
from billecta_verify.transport.exchange import Exchange, Request

SCREENED: Final = 2
"""So many answers of each sort pick the suspect."""
JUDGED: Final = 16
"""So many answers of each sort judge it."""
LOOKS: Final = (20, 32)
"""After so many answers the suspect is judged; the chance of a false alarm is shared among the looks."""

Send = Callable[[Request], Exchange]


@dataclass(slots=True)
class Race:
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
        """Begin anew."""
        self.times_of_known.clear()
        self.times_of_absent.clear()


@dataclass(slots=True)
class Contest:
    """Several races, of which the most suspect is judged; `told` is the one whose times tell something.

    `seen` are exchanges of the run so far: what they have of a race need not be asked again to pick the suspect.
    """

    races: Sequence[Race]
    send: Send
    chance: Random
    seen: Sequence[Exchange] = ()
    told: Race | None = field(default=None, init=False)

    def run(self) -> None:
        """Pick the suspect and judge it."""
        for race in self.races:
            self._screen(race)
        if self.races:
            self._judge(max(self.races, key=lambda race: race.quickest_difference))

    def _screen(self, race: Race) -> None:
        known, absent = ([seen for seen in self.seen if seen.request == asked] for asked in (race.known, race.absent))
        race.times_of_known.extend(seen.elapsed for seen in known[-SCREENED:])
        race.times_of_absent.extend(seen.elapsed for seen in absent[-SCREENED:])
        race.take(self._drawn(SCREENED - len(race.times_of_known), SCREENED - len(race.times_of_absent)), self.send)

    def _judge(self, suspect: Race) -> None:
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
