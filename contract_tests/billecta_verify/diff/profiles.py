"""What differs between two observed profiles: status words, kinds of answers, header sets, media types, ids, times."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

_Row = Mapping[str, Any]
_Difference = tuple[str, str, str | None, str | None]
"""Kind, what, old, new."""

DEFAULT_FACTOR: Final = 3.0
DEFAULT_FLOOR_MS: Final = 100.0
_ENOUGH: Final = {"median_ms": 5, "p95_ms": 20}
"""So many answers on both sides make a figure worth comparing."""
_ENOUGH_TO_BE_STEADY: Final = 20
"""So many answers in a row have a header by chance less often than once in a million, if every other answer has it."""
_BY_CHANCE: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS})
"""What depends on who else asks at the time."""


@dataclass(frozen=True, slots=True)
class Tolerance:
    """A time has changed when it is more than `factor` times the other and more than `floor_ms` away from it."""

    factor: float = DEFAULT_FACTOR
    floor_ms: float = DEFAULT_FLOOR_MS
    ignores_times: bool = False

    def exceeded(self, one: float, other: float) -> bool:
        """Whether two times in milliseconds differ by more than that."""
        low, high = sorted((one, other))
        return not self.ignores_times and high > low * self.factor and high - low > self.floor_ms


def profile_changes(old: Mapping[str, Any], new: Mapping[str, Any], tolerance: Tolerance) -> Iterator[_Difference]:
    """Each difference between two members `observed_profile` of report.json."""
    yield from _words("status words", "requeststatus", old["status_words"], new["status_words"])
    yield from _words("id form", "requestid", old["request_id_forms"], new["request_id_forms"])
    before, after = _by_kind(old), _by_kind(new)
    yield from _statuses(before, after)
    volatile = _volatile(before) | _volatile(after)
    differences = [
        difference
        for kind in sorted(before.keys() & after.keys())
        for difference in _of_one_kind(" ".join(map(str, kind)), before[kind], after[kind], tolerance, volatile)
    ]
    yield from sorted(differences, key=lambda difference: difference[0])


def _by_kind(profile: Mapping[str, Any]) -> dict[tuple[str, str, int], _Row]:
    rows = profile["answers"]
    return {(row["operation"], row["method"], row["status"]): row for row in rows if row["status"] not in _BY_CHANCE}


def _statuses(before: Mapping[Any, _Row], after: Mapping[Any, _Row]) -> Iterator[_Difference]:
    """Which statuses an operation answers with a method. A method that one run alone has sent says nothing."""
    for operation, method in sorted({kind[:2] for kind in before} & {kind[:2] for kind in after}):
        seen = [
            sorted(str(status) for *asked, status in rows if asked == [operation, method]) for rows in (before, after)
        ]
        yield from _words("statuses", f"{operation} {method}", *seen)


def _volatile(rows: Mapping[Any, _Row]) -> set[str]:
    """Headers that come and go: of few answers it says nothing that they have one."""
    return {name for row in rows.values() for name in row["other_headers"]}


def _of_one_kind(
    what: str, one: _Row, other: _Row, tolerance: Tolerance, volatile: Collection[str]
) -> Iterator[_Difference]:
    yield from _words("media types", what, one["media_types"], other["media_types"])
    yield from _words("members", what, one["members"], other["members"])
    counts = one["latency"]["count"], other["latency"]["count"]
    doubtful = set(volatile) if min(counts) < _ENOUGH_TO_BE_STEADY else set()
    gone = sorted(set(one["headers"]) - set(other["headers"]) - set(other["other_headers"]) - doubtful)
    come = sorted(set(other["headers"]) - set(one["headers"]) - set(one["other_headers"]) - doubtful)
    if gone or come:
        yield "headers", what, ", ".join(gone) or None, ", ".join(come) or None
    for figure, enough in _ENOUGH.items():
        before, after = one["latency"][figure], other["latency"][figure]
        if min(counts) >= enough and tolerance.exceeded(before, after):
            yield "latency", f"{what} {figure.removesuffix('_ms')}", f"{before:g} ms", f"{after:g} ms"


def _words(kind: str, what: str, old: Sequence[str], new: Sequence[str]) -> Iterator[_Difference]:
    """Two sets of words. Where one run saw none at all, it did not look."""
    if old and new and set(old) != set(new):
        yield kind, what, ", ".join(sorted(old)), ", ".join(sorted(new))
