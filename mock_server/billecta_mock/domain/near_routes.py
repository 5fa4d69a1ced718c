"""Which path of the contract was probably meant by one that it does not have."""

from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import cache
from typing import Final, NamedTuple

_MOST_SEGMENTS: Final = 12
_LONGEST_SEGMENT: Final = 100
_FARTHEST: Final = 2.5
_GAP: Final = 1.0


class NearPath(NamedTuple):
    """A path that would have matched, with what was sent in the place of its parameters, and what is different."""

    path: str
    sentence: str


def fits(path: str, template: str) -> bool:
    """Whether a raw path is one of a template."""
    sent, wanted = path.split("/"), template.split("/")
    return len(sent) == len(wanted) and all(map(_may_stand_for, sent, wanted))


def find_near_paths(path: str, templates: Sequence[str]) -> list[NearPath]:
    """The nearest templates to a raw path, filled with its values; none where nothing is near."""
    aligned = [_align(tuple(path.split("/")[1:]), tuple(template.split("/")[1:])) for template in templates]
    nearest = min((cost for cost, _ in aligned), default=_FARTHEST)
    return [_describe(pairs) for cost, pairs in aligned if cost == nearest and cost < _FARTHEST]


_Pair = tuple[str | None, str | None]


def _align(sent: tuple[str, ...], wanted: tuple[str, ...]) -> tuple[float, list[_Pair]]:
    """The cheapest way to lay the segments of a path beside those of a template: each pair is one sent, one wanted."""
    sent = tuple(segment[:_LONGEST_SEGMENT] for segment in sent[:_MOST_SEGMENTS])

    @cache
    def best(left: int, right: int) -> tuple[float, tuple[_Pair, ...]]:
        ways: list[tuple[float, tuple[_Pair, ...]]] = []
        if left < len(sent) and right < len(wanted):
            cost, pairs = best(left + 1, right + 1)
            ways.append((cost + _distance(sent[left], wanted[right]), ((sent[left], wanted[right]), *pairs)))
        if left < len(sent):
            cost, pairs = best(left + 1, right)
            ways.append((cost + (0.5 if not sent[left] else _GAP), ((sent[left], None), *pairs)))
        if right < len(wanted):
            cost, pairs = best(left, right + 1)
            ways.append((cost + (0.5 if not wanted[right] else _GAP), ((None, wanted[right]), *pairs)))
        return min(ways, key=lambda way: way[0]) if ways else (0.0, ())

    cost, pairs = best(0, 0)
    return cost, list(pairs)


def _distance(sent: str, wanted: str) -> float:
    """From 0 for what matches to more than two gaps for what has nothing in common."""
    if _may_stand_for(sent, wanted):
        return 0.0
    if not sent or not wanted or wanted.startswith("{"):
        return 2 * _GAP + 0.1
    ratio = SequenceMatcher(None, sent.lower(), wanted.lower(), autojunk=False).ratio()
    return 0.1 + (1 - ratio) * 2 * _GAP


def _may_stand_for(sent: str, wanted: str) -> bool:
    return bool(sent) if wanted.startswith("{") else sent == wanted


def _describe(pairs: Sequence[_Pair]) -> NearPath:
    path = "".join(f"/{_fill(sent, wanted)}" for sent, wanted in pairs if wanted is not None)
    return NearPath(path, "; ".join(filter(None, map(_tell, pairs, [*pairs[1:], None]))))


def _fill(sent: str | None, wanted: str) -> str:
    return sent if sent and wanted.startswith("{") else wanted


def _tell(pair: _Pair, following: _Pair | None) -> str:
    """What is different in one segment, in words; nothing where it is none."""
    sent, wanted = pair
    if sent is None:
        return "a slash belongs at the end" if wanted == "" else f"'{wanted}' is missing"
    if wanted is None:
        if not sent:
            return "there is a slash too many at the end" if following is None else "there are two slashes in a row"
        return f"'{sent}' is not in it"
    if _may_stand_for(sent, wanted):
        return ""
    if sent.lower() == wanted.lower():
        return f"'{sent}' is spelled '{wanted}': case matters"
    return f"'{sent}' is spelled '{wanted}'" if sent else f"'{wanted}' is empty"
