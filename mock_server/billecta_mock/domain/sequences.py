"""Claims in turn: whether a journal can be divided into stretches, one for each claim, in which each holds.

All ways to divide it are tried at once, in one pass: for each claim, the counts that its stretch may have reached are
the bits of one number. So the time is that of reading the journal, whatever is claimed.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from billecta_mock.domain.claims import Claim
from billecta_mock.domain.search import Numbered


class Reach(NamedTuple):
    """How far a journal keeps a sequence of claims.

    `claim` is the index of the first claim that it does not keep, their number where it keeps all; `after` the number
    of the exchange after which that claim is looked for, 0 for the start.
    """

    claim: int
    after: int


def find_reach(exchanges: Sequence[Numbered], claims: Sequence[Claim]) -> Reach:
    """How far exchanges, oldest first, keep these claims.

    The stretch of a claim that asks for requests begins with the first of them; that of a claim that asks for none
    (`at_most`, `never`) begins right after the last of the claim before. It lasts until the next begins. Besides,
    `exactly` counts in all: what such a claim describes may come in no stretch but its own, unless the claim of that
    stretch describes it as well.
    """
    if not claims:
        return Reach(0, 0)
    run = _Run(claims)
    for number, exchange in exchanges:
        described = [claim.request.matches(exchange) for claim in claims]
        if any(described):
            run.take(number, described)
    if run.is_kept:
        return Reach(len(claims), 0)
    failed = _find_failed(exchanges, claims, run.possible)
    return Reach(failed, run.possible.get(failed, 0))


class _Run:
    """One pass over a journal. `possible` holds for each claim the exchange after which its stretch could begin."""

    def __init__(self, claims: Sequence[Claim]) -> None:
        self._claims = claims
        self._counts = [1] + [0] * (len(claims) - 1)
        self.possible: dict[int, int] = {0: 0}
        self._begin_empty([True] + [False] * (len(claims) - 1))
        self._note(0)

    def take(self, number: int, described: Sequence[bool]) -> None:
        """One more exchange, and which claims describe it."""
        before = self._counts
        is_elsewhere = any(hit and claim.is_exact for hit, claim in zip(described, self._claims, strict=True))
        self._counts = [
            claim.count_one(counts) if hit else 0 if is_elsewhere else counts
            for claim, hit, counts in zip(self._claims, described, before, strict=True)
        ]
        ended = [hit and claim.has_enough(counts) for claim, hit, counts in self._zip(described)]
        for index, claim in enumerate(self._claims[1:], 1):
            if claim.least and described[index] and self._claims[index - 1].has_enough(before[index - 1]):
                self._counts[index] |= claim.count_one(1)
                ended[index] |= claim.has_enough(self._counts[index])
        self._begin_empty(ended)
        self._note(number)

    @property
    def is_kept(self) -> bool:
        """Whether all claims hold if the journal ends here."""
        return self._claims[-1].has_enough(self._counts[-1])

    def _zip(self, described: Sequence[bool]) -> Iterator[tuple[Claim, bool, int]]:
        return zip(self._claims, described, self._counts, strict=True)

    def _begin_empty(self, ended: Sequence[bool]) -> None:
        """Begin the stretches that may have nothing in them, each after one that may end here."""
        may_end = False
        for index, claim in enumerate(self._claims):
            begins = may_end and not claim.least
            if begins:
                self._counts[index] |= 1
            may_end = (ended[index] and claim.has_enough(self._counts[index])) or begins

    def _note(self, number: int) -> None:
        for index, (claim, counts) in enumerate(zip(self._claims[:-1], self._counts, strict=False)):
            if claim.has_enough(counts):
                self.possible.setdefault(index + 1, number)


def _find_failed(exchanges: Sequence[Numbered], claims: Sequence[Claim], possible: Mapping[int, int]) -> int:
    """The claim to name: one whose number is wrong wherever it stands, else the furthest that could be looked for."""
    for index, claim in enumerate(claims):
        alone = sum(claim.request == other.request for other in claims) == 1
        count = sum(claim.request.matches(exchange) for _, exchange in exchanges)
        if count < claim.least or (claim.is_exact and alone and not claim.allows(count)):
            return index
    furthest = max(possible)
    while furthest and _is_exceeded(exchanges, claims[furthest - 1], possible[furthest - 1]):
        furthest -= 1
    return furthest


def _is_exceeded(exchanges: Sequence[Numbered], claim: Claim, after: int) -> bool:
    """Whether a claim that asks for none saw too many from its beginning on."""
    later = sum(claim.request.matches(exchange) for number, exchange in exchanges if number > after)
    return not claim.least and not claim.allows(later)
