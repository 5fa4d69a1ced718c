"""What a journal says to claims about it: which hold, and what was seen instead of those that do not."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from billecta_mock.domain.claims import Claim
from billecta_mock.domain.search import Numbered, read_field, show_field
from billecta_mock.domain.sequences import find_reach

_MOST_NUMBERS: Final = 10
_MOST_NEAR: Final = 3
_MOST_DIFFERENCES: Final = 2


@dataclass(frozen=True, slots=True)
class Near:
    """An exchange that is almost one of those asked for, and what tells it from them."""

    number: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one claim: the exchanges that it describes, what is wrong with them, and what came close."""

    claim: Claim
    seen: tuple[int, ...]
    failure: str | None = None
    near: tuple[Near, ...] = ()


def verify(exchanges: Sequence[Numbered], claims: Sequence[Claim]) -> list[Finding]:
    """A finding for each claim, wherever in the journal the exchanges stand. They come oldest first."""
    return [_judge(exchanges, claim) for claim in claims]


def verify_sequence(exchanges: Sequence[Numbered], claims: Sequence[Claim]) -> list[Finding]:
    """A finding for each claim of a sequence; the first that is not kept has a failure, those after it are not judged.

    The claims divide the journal between them into stretches, one after the other, and each holds in its own.
    """
    reach = find_reach(exchanges, claims)
    findings = [Finding(claim, _find(exchanges, claim)) for claim in claims]
    if reach.claim < len(claims):
        findings[reach.claim] = _fail(exchanges, claims[reach.claim], reach.after)
    return findings


def find_others(exchanges: Sequence[Numbered], claims: Sequence[Claim]) -> list[int]:
    """The numbers of the exchanges that none of these claims describes."""
    return [number for number, exchange in exchanges if not any(claim.request.matches(exchange) for claim in claims)]


def list_numbers(numbers: Sequence[int]) -> str:
    """Numbers of exchanges as a sentence has them: the first few, and how many more."""
    shown = ", ".join(f"#{number}" for number in numbers[:_MOST_NUMBERS])
    more = len(numbers) - _MOST_NUMBERS
    return f"{shown} and {more} more" if more > 0 else shown


def _find(exchanges: Sequence[Numbered], claim: Claim) -> tuple[int, ...]:
    return tuple(number for number, exchange in exchanges if claim.request.matches(exchange))


def _judge(exchanges: Sequence[Numbered], claim: Claim) -> Finding:
    seen = _find(exchanges, claim)
    return Finding(claim, seen) if claim.allows(len(seen)) else _fail(exchanges, claim, 0)


def _fail(exchanges: Sequence[Numbered], claim: Claim, after: int) -> Finding:
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


def _find_near(exchanges: Sequence[Numbered], claim: Claim) -> tuple[Near, ...]:
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
