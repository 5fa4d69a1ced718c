"""Expectations about a journal, alone and in sequence: which hold, and what was seen instead of those that do not.

For a sequence, all ways to divide the journal are tried at once, in one pass: for each expectation, the counts that its
stretch may have reached are the bits of one number. So the time is that of reading the journal.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from billecta_mock.domain.verification.filters import ExchangeFilter, Numbered, read_field, show_field

_MOST_NUMBERS: Final = 10
_MOST_NEAR: Final = 3
_MOST_DIFFERENCES: Final = 2


@dataclass(frozen=True)
class Expectation:
    """So many exchanges of this kind: at least `least`, and at most `most`, or any more where that is None."""

    request: ExchangeFilter
    least: int = 1
    most: int | None = None

    @property
    def is_exact(self) -> bool:
        """Whether one number of them is claimed, and it is not none."""
        return self.least == self.most != 0

    def allows(self, count: int) -> bool:
        """Whether the claim holds for so many."""
        return self.least <= count and (self.most is None or count <= self.most)

    def has_enough(self, counts: int) -> bool:
        """Whether one of these counts, each a bit of the number, may be the last."""
        return counts >> self.least != 0

    def count_one(self, counts: int) -> int:
        """These counts after one more exchange of the kind.

        Those above `most` fall away; where there is no such bound, all that are enough are one.
        """
        highest = self.least if self.most is None else self.most
        raised = counts << 1
        kept = raised & ((1 << (highest + 1)) - 1)
        beyond = self.most is None and raised != kept
        return kept | (1 << highest if beyond else 0)

    def __str__(self) -> str:
        fields = ", ".join(f"{name} {show_field(name, value)}" for name, value in self.request.given.items())
        noun = "request" if self._number == "1" else "requests"
        return f"{self._words} {noun}{f' with {fields}' if fields else ' of any kind'}"

    @property
    def _number(self) -> str:
        return str(self.least if self.most is None else self.most)

    @property
    def _words(self) -> str:
        if self.most == 0:
            return "no"
        if self.most is None:
            return f"at least {self.least}"
        if self.least == self.most:
            return f"exactly {self.most}"
        return f"{self.least} to {self.most}" if self.least else f"at most {self.most}"


class SequenceResult(NamedTuple):
    """How far a journal keeps a sequence of claims.

    `claim` is the index of the first claim that it does not keep, their number where it keeps all; `after` the number
    of the exchange after which that claim is looked for, 0 for the start.
    """

    claim: int
    after: int


def match_sequence(exchanges: Sequence[Numbered], claims: Sequence[Expectation]) -> SequenceResult:
    """How far exchanges, oldest first, keep these claims.

    The stretch of a claim that asks for requests begins with the first of them; that of a claim that asks for none
    (`at_most`, `never`) begins right after the last of the claim before. It lasts until the next begins. Besides,
    `exactly` counts in all: what such a claim describes may come in no stretch but its own, unless the claim of that
    stretch describes it as well.
    """
    if not claims:
        return SequenceResult(0, 0)
    run = _Run(claims)
    for number, exchange in exchanges:
        described = [claim.request.matches(exchange) for claim in claims]
        if any(described):
            run.take(number, described)
    if run.is_kept:
        return SequenceResult(len(claims), 0)
    failed = _find_failed(exchanges, claims, run.possible)
    return SequenceResult(failed, run.possible.get(failed, 0))


class _Run:
    """One pass over a journal. `possible` holds for each claim the exchange after which its stretch could begin."""

    def __init__(self, claims: Sequence[Expectation]) -> None:
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

    def _zip(self, described: Sequence[bool]) -> Iterator[tuple[Expectation, bool, int]]:
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


def _find_failed(exchanges: Sequence[Numbered], claims: Sequence[Expectation], possible: Mapping[int, int]) -> int:
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


def _is_exceeded(exchanges: Sequence[Numbered], claim: Expectation, after: int) -> bool:
    """Whether a claim that asks for none saw too many from its beginning on."""
    later = sum(claim.request.matches(exchange) for number, exchange in exchanges if number > after)
    return not claim.least and not claim.allows(later)


@dataclass(frozen=True, slots=True)
class Near:
    """An exchange that is almost one of those asked for, and what tells it from them."""

    number: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one claim: the exchanges that it describes, what is wrong with them, and what came close."""

    claim: Expectation
    seen: tuple[int, ...]
    failure: str | None = None
    near: tuple[Near, ...] = ()


def verify(exchanges: Sequence[Numbered], claims: Sequence[Expectation]) -> list[Finding]:
    """A finding for each claim, wherever in the journal the exchanges stand. They come oldest first."""
    return [_judge(exchanges, claim) for claim in claims]


def verify_sequence(exchanges: Sequence[Numbered], claims: Sequence[Expectation]) -> list[Finding]:
    """A finding for each claim of a sequence; the first that is not kept has a failure, those after it none.

    The claims divide the journal between them into stretches, one after the other, and each holds in its own.
    """
    reach = match_sequence(exchanges, claims)
    findings = [Finding(claim, _find(exchanges, claim)) for claim in claims]
    if reach.claim < len(claims):
        findings[reach.claim] = _fail(exchanges, claims[reach.claim], reach.after)
    return findings


def find_others(exchanges: Sequence[Numbered], claims: Sequence[Expectation]) -> list[int]:
    """The numbers of the exchanges that none of these claims describes."""
    return [number for number, exchange in exchanges if not any(claim.request.matches(exchange) for claim in claims)]


def list_numbers(numbers: Sequence[int]) -> str:
    """Numbers of exchanges as a sentence has them: the first few, and how many more."""
    shown = ", ".join(f"#{number}" for number in numbers[:_MOST_NUMBERS])
    more = len(numbers) - _MOST_NUMBERS
    return f"{shown} and {more} more" if more > 0 else shown


def _find(exchanges: Sequence[Numbered], claim: Expectation) -> tuple[int, ...]:
    return tuple(number for number, exchange in exchanges if claim.request.matches(exchange))


def _judge(exchanges: Sequence[Numbered], claim: Expectation) -> Finding:
    seen = _find(exchanges, claim)
    return Finding(claim, seen) if claim.allows(len(seen)) else _fail(exchanges, claim, 0)


def _fail(exchanges: Sequence[Numbered], claim: Expectation, after: int) -> Finding:
    """The finding for a claim that does not hold where it stands: after the exchange with this number."""
    seen = _find(exchanges, claim)
    too_few = not claim.allows(len(seen)) and len(seen) < claim.least
    near = _find_near(exchanges, claim) if too_few else ()
    return Finding(claim, seen, f"wanted {claim}{_describe_seen(seen, after)}", near)


def _describe_seen(seen: Sequence[int], after: int) -> str:
    if not after:
        return f"; {_count(seen)} came{_list(seen)}"
    later = [number for number in seen if number > after]
    before = [number for number in seen if number <= after]
    return f" after #{after}; {_count(later)} came after it{_list(later)}; {_count(before)} before{_list(before)}"


def _count(numbers: Sequence[int]) -> str:
    return str(len(numbers)) if numbers else "none"


def _list(numbers: Sequence[int]) -> str:
    return f" ({list_numbers(numbers)})" if numbers else ""


def _find_near(exchanges: Sequence[Numbered], claim: Expectation) -> tuple[Near, ...]:
    """The newest exchanges that differ in a field or two of several, those with one first."""
    found: list[tuple[int, int, str]] = []
    most = min(_MOST_DIFFERENCES, len(claim.request.given) - 1)
    for number, exchange in exchanges:
        names = claim.request.differences(exchange)
        if 0 < len(names) <= most:
            texts = [_compare(name, claim.request.given[name], read_field(name, exchange)) for name in names]
            found.append((len(names), -number, "; ".join(texts)))
    return tuple(Near(-number, sentence) for _, number, sentence in sorted(found)[:_MOST_NEAR])


def _compare(name: str, wanted: object, sent: str) -> str:
    text = show_field(name, wanted)
    return f"{name} is {sent}, not {text}" if sent != text else f"{name} is another one, which looks the same masked"
