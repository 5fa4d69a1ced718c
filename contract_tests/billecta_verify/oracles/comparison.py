"""Whether two resources can be distinguished by the answers about them (MASK-2, MASK-4).

The answers to compare come as two sets: several about one resource, several about others of the other sort. Whatever
varies *within* a set (dates, request ids, cookies) says nothing and is not compared. What is constant within each set
and differs between them is a difference. The ids that were asked for say nothing either, wherever they are echoed;
all of them are taken out of every answer, for what is no echo may look like one: an invoice may have the id 60, and a
header say `max-age=60`.

What changes by itself is learnt from answers to one and the same request, and saves requests: where two answers differ
in nothing else, they need not be asked for again.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final
from urllib.parse import quote, unquote

from billecta_verify.transport.exchange import Exchange

Answers = Sequence[Exchange]

_OWN_CLOCK: Final = frozenset({"date", "age"})
"""Headers whose values change by themselves, though perhaps not between two quick requests."""
_SIZE: Final = "content-length"
_TOKEN: Final = re.compile(rb"[0-9A-Za-z_-]+|[^0-9A-Za-z_-]")


_ANYTHING: Final = "~"
"""With HEAD it is all that is seen of a body, so it is learnt from HEAD alone."""
_Kind = tuple[int, str]
"""Status and media type: what bodies have in common that are made in one place."""


def compare_responses(one: Answers, other: Answers) -> str | None:
    """What tells the two sets of answers apart, without any content of them; None when nothing does."""
    echoes = _echoes((*one, *other))
    one, other = ([_without(echoes, exchange) for exchange in side] for side in (one, other))
    return _status_tell(one, other) or _header_tell(one, other) or _body_tell(one, other)


def _status_tell(one: Answers, other: Answers) -> str | None:
    if _differ(one, other, lambda exchange: exchange.status):
        return f"the status: {_statuses(one)} against {_statuses(other)}"
    if _differ(one, other, lambda exchange: exchange.reason):
        return "the reason phrase of the status line"
    return None


def _statuses(answers: Answers) -> str:
    return "/".join(str(status) for status in sorted({exchange.status for exchange in answers}))


def _header_tell(one: Answers, other: Answers) -> str | None:
    names = {name.lower() for exchange in (*one, *other) for name, _ in exchange.headers}
    for name in sorted(names - {_SIZE}):
        if _differ(one, other, lambda exchange, name=name: len(_values(exchange, name))):  # type: ignore[misc]
            return f"the header {name}: present in one sort of answer only"
        if name not in _OWN_CLOCK and (found := _value_tell(one, other, name)):
            return found
    if _differ(one, other, lambda exchange: tuple(name.lower() for name in _ordered_names(exchange))):
        return "the order of the headers"
    if _differ(one, other, lambda exchange: tuple(_ordered_names(exchange))):
        return "capitals in the names of the headers"
    return None


def _value_tell(one: Answers, other: Answers, name: str) -> str | None:
    if _differ(one, other, lambda exchange: _values(exchange, name)):
        return f"the value of the header {name}"
    if _differ(one, other, lambda exchange: tuple(map(len, _values(exchange, name)))):
        return f"the length of the header {name}"
    sides = [[_TOKEN.findall(" ".join(_values(exchange, name)).encode()) for exchange in side] for side in (one, other)]
    return f"something in the header {name}" if _tokens_tell(*sides) else None


def _ordered_names(exchange: Exchange) -> list[str]:
    return [name for name, _ in exchange.headers if name.lower() != _SIZE]


def _values(exchange: Exchange, name: str) -> tuple[str, ...]:
    return tuple(value for key, value in exchange.headers if key.lower() == name)


def _body_tell(one: Answers, other: Answers) -> str | None:
    if all(exchange.request.method == "HEAD" for exchange in (*one, *other)):
        return _size_tell(one, other)
    found = _tokens_tell([_tokens(exchange) for exchange in one], [_tokens(exchange) for exchange in other])
    return found and f"{found} the body".removeprefix("all of ")


def _tokens_tell(one: list[list[bytes]], other: list[list[bytes]]) -> str | None:
    """What tells two sets of texts apart that are of one shape within each set, such as `the shape of`."""
    if any(len({len(tokens) for tokens in side}) > 1 for side in (one, other)):
        return None
    if len(one[0]) != len(other[0]):
        return "the shape of"
    for column_one, column_other in zip(zip(*one, strict=True), zip(*other, strict=True), strict=True):
        if len(set(column_one)) == len(set(column_other)) == 1 and column_one[0] != column_other[0]:
            return "all of"
        lengths = {len(token) for token in column_one}, {len(token) for token in column_other}
        if len(lengths[0]) == len(lengths[1]) == 1 and lengths[0] != lengths[1]:
            return "the length of something in"
    return None


def _size_tell(one: Answers, other: Answers) -> str | None:
    """A length may differ by a whole number of echoes of an id that is longer in one request."""
    sizes = [{_size_without_echoes(exchange, echoes) for exchange in (*one, *other)} for echoes in range(5)]
    constant = not any(len({exchange.header(_SIZE) for exchange in side}) > 1 for side in (one, other))
    return "the Content-Length" if constant and all(len(found) > 1 for found in sizes) else None


def _size_without_echoes(exchange: Exchange, echoes: int) -> int | None:
    size = exchange.header(_SIZE)
    return None if size is None or not size.isdigit() else int(size) - echoes * len(exchange.request.path.sent)


def _differ(one: Answers, other: Answers, aspect: Callable[[Exchange], Hashable]) -> bool:
    """Whether an aspect is constant within each set of answers and not the same in both."""
    found_one, found_other = ({aspect(exchange) for exchange in side} for side in (one, other))
    return len(found_one) == len(found_other) == 1 and found_one != found_other


def _tokens(exchange: Exchange) -> list[bytes]:
    return _TOKEN.findall(exchange.body)


def _echoes(answers: Answers) -> re.Pattern[bytes]:
    """Finds the path and the id of every request that was answered, however they are spelled."""
    paths = {exchange.request.path.sent for exchange in answers}
    ids = {[segment for segment in path.split("/") if segment][-1] for path in paths}
    spellings = {spelling for echoed in paths | ids for spelling in _spellings(echoed)}
    return re.compile(b"|".join(map(re.escape, sorted(spellings, key=len, reverse=True))), re.IGNORECASE)


def _without(echoes: re.Pattern[bytes], exchange: Exchange) -> Exchange:
    """The exchange with nothing in its headers and body of what was asked for, but for the length as it was sent."""
    headers = tuple(
        (
            name,
            value if name.lower() == _SIZE else echoes.sub(b"~", value.encode("latin-1", "replace")).decode("latin-1"),
        )
        for name, value in exchange.headers
    )
    return replace(exchange, headers=headers, body=echoes.sub(b"~", exchange.body))


def _spellings(text: str) -> set[bytes]:
    plain = unquote(text)
    forms = {text, plain, html.escape(plain), quote(plain, safe=""), json.dumps(plain)[1:-1]}
    return {form.encode() for form in forms}


@dataclass(slots=True)
class Volatility:
    """The headers that come and go, those whose values change, and the words of bodies that do.

    `shapes` are the kinds of bodies whose number of words changes, `words` the places of restless words by kind and
    number of words.
    """

    optional_headers: set[str] = field(default_factory=set)
    values: set[str] = field(default_factory=set)
    has_no_order: bool = False
    shapes: set[_Kind] = field(default_factory=set)
    words: dict[tuple[_Kind, int], set[int]] = field(default_factory=dict)

    def learn(self, answers: Sequence[Exchange]) -> None:
        """See what changed among answers to one request, each taken with the one before."""
        for one, other in pairwise(answers):
            self._learn_headers(one, other)
            if _kind(one) == _kind(other):
                self._learn_body(one, other)

    def normalize(self, exchange: Exchange) -> Exchange:
        """The exchange without what is restless, or with one sign in its place."""
        headers = [
            (name, _ANYTHING if name.lower() in self.values else value)
            for name, value in exchange.headers
            if name.lower() not in self.optional_headers
        ]
        if self.has_no_order:
            headers = sorted((name.lower(), value) for name, value in headers)
        return replace(exchange, headers=tuple(headers), body=self._calm_body(exchange))

    def _learn_headers(self, one: Exchange, other: Exchange) -> None:
        for name in {name.lower() for name, _ in (*one.headers, *other.headers)}:
            values, others = _values(one, name), _values(other, name)
            if len(values) != len(others):
                self.optional_headers.add(name)
            elif values != others and (name != _SIZE or one.request.method == "HEAD"):
                self.values.add(name)
        names, other_names = ([name for name, _ in exchange.headers] for exchange in (one, other))
        if sorted(map(str.lower, names)) == sorted(map(str.lower, other_names)) and names != other_names:
            self.has_no_order = True

    def _learn_body(self, one: Exchange, other: Exchange) -> None:
        words, others = _TOKEN.findall(one.body), _TOKEN.findall(other.body)
        if len(words) != len(others):
            self.shapes.add(_kind(one))
            return
        changed = {place for place, (word, another) in enumerate(zip(words, others, strict=True)) if word != another}
        if changed:
            self.words.setdefault((_kind(one), len(words)), set()).update(changed)

    def _calm_body(self, exchange: Exchange) -> bytes:
        if _kind(exchange) in self.shapes:
            return b""
        words = _TOKEN.findall(exchange.body)
        for place in self.words.get((_kind(exchange), len(words)), ()):
            words[place] = _ANYTHING.encode()
        return b"".join(words)


def _kind(exchange: Exchange) -> _Kind:
    return exchange.status, exchange.media_type
