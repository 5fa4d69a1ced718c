"""What a deployment looks like from outside, apart from any promise: for telling two runs or two deployments apart.

Nothing here is an id, a key or content of an answer, and everything is bounded, whatever a deployment sends.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Any, Final

from billecta_verify.transport.exchange import Exchange, member_types

MOST_ROWS: Final = 80
MOST_NAMES: Final = 60
MOST_WORDS: Final = 30
OTHER: Final = "(other)"
"""Stands for what no report may show as it is."""

_WORD: Final = re.compile(r"[A-Za-z][A-Za-z _-]{0,39}")
_NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,49}")
_ID_FORMS: Final = (
    ("uuid (lower case)", re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")),
    ("uuid (upper case)", re.compile(r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}")),
    ("digits", re.compile(r"[0-9]+")),
    ("hex32 (lower case)", re.compile(r"[0-9a-f]{32}")),
    ("hex32 (upper case)", re.compile(r"[0-9A-F]{32}")),
    ("letters and digits", re.compile(r"[0-9A-Za-z]+")),
    ("letters, digits, - and _", re.compile(r"[0-9A-Za-z_-]+")),
)


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds that `count` answers took, from the first byte sent to the last byte read."""

    count: int
    median_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True)
class AnswerKind:
    """The answers of one operation to one method with one status.

    `headers` are the names that each of them had, `other_headers` those that only some had. `members` are the JSON
    members of the page with their types.
    """

    operation: str
    method: str
    status: int
    media_types: tuple[str, ...]
    headers: tuple[str, ...]
    other_headers: tuple[str, ...]
    members: tuple[str, ...]
    latency: Latency


@dataclass(frozen=True, slots=True)
class ObservedProfile:
    """The outside of a deployment: its kinds of answers, its words for the status of a payment, its form of ids."""

    answers: tuple[AnswerKind, ...]
    status_words: tuple[str, ...]
    request_id_forms: tuple[str, ...]


def observed_profile(exchanges: Iterable[Exchange], scrub: Callable[[str], str]) -> ObservedProfile:
    """The profile of what was exchanged. Requests that stretch HTTP are left out: chance decides what they hold.

    `scrub` takes secrets out of a text; a word that it changes is not shown at all.
    """
    kinds: defaultdict[tuple[str, str, int], list[Exchange]] = defaultdict(list)
    for exchange in exchanges:
        if exchange.request.well_formed:
            kinds[exchange.request.operation, exchange.request.method, exchange.status].append(exchange)
    seen = [exchange for key in sorted(kinds) for exchange in kinds[key]]
    return ObservedProfile(
        answers=tuple(_kind(*key, kinds[key], scrub) for key in sorted(kinds)[:MOST_ROWS]),
        status_words=_bounded((_shown(word, _WORD, scrub) for word in _members(seen, "requeststatus")), MOST_WORDS),
        request_id_forms=_bounded((id_form(value) for value in _members(seen, "requestid")), MOST_WORDS),
    )


def id_form(value: object) -> str:
    """The form of an id, which says nothing of the id itself."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return "neither text nor number"
    if isinstance(value, int):
        return "a JSON number"
    return next((name for name, pattern in _ID_FORMS if pattern.fullmatch(value)), "another form")


def latency_of(seconds: Sequence[float]) -> Latency:
    """Median and 95th percentile of durations, which must not be none."""
    high = quantiles(seconds, n=20, method="inclusive")[-1] if len(seconds) > 1 else seconds[0]
    return Latency(len(seconds), round(median(seconds) * 1000, 1), round(high * 1000, 1))


def _kind(
    operation: str, method: str, status: int, exchanges: Sequence[Exchange], scrub: Callable[[str], str]
) -> AnswerKind:
    names = [{_shown(name.lower(), _NAME, scrub) for name, _ in exchange.headers} for exchange in exchanges]
    always = set.intersection(*names)
    members = {member for exchange in exchanges for member in member_types(exchange)}
    return AnswerKind(
        operation=operation,
        method=method,
        status=status,
        media_types=_bounded((_media_type(exchange, scrub) for exchange in exchanges), MOST_WORDS),
        headers=_bounded(always, MOST_NAMES),
        other_headers=_bounded(set.union(*names) - always, MOST_NAMES),
        members=_bounded(members, MOST_WORDS),
        latency=latency_of([exchange.elapsed for exchange in exchanges]),
    )


def _media_type(exchange: Exchange, scrub: Callable[[str], str]) -> str:
    """A media type is a name that a server makes up, so it may hold what was sent."""
    said = exchange.shown_media_type
    return said if scrub(said) == said else OTHER


def _members(exchanges: Iterable[Exchange], name: str) -> list[Any]:
    documents = (exchange.json() for exchange in exchanges if exchange.is_json)
    return [document[name] for document in documents if isinstance(document, dict) and name in document]


def _shown(text: object, pattern: re.Pattern[str], scrub: Callable[[str], str]) -> str:
    """The text if it has the form of what is expected here and holds no secret."""
    return text if isinstance(text, str) and pattern.fullmatch(text) and scrub(text) == text else OTHER


def _bounded(words: Iterable[str], most: int) -> tuple[str, ...]:
    return tuple(sorted(set(words))[:most])
