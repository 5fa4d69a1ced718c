"""What changes by itself in the answers of a deployment: trace ids, cookies, counters, the order of headers.

It is learnt from answers to one and the same request, and spares further looks: where two answers differ in nothing
else, they need not be asked for again. What never changed for one request is never taken for restless.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final

from billecta_verify.transport.exchange import Exchange

_TOKEN: Final = re.compile(rb"[0-9A-Za-z_-]+|[^0-9A-Za-z_-]")
_ANYTHING: Final = "~"
_SIZE: Final = "content-length"
"""With HEAD it is all that is seen of a body, so it is learnt from HEAD alone."""

_Kind = tuple[int, str]
"""Status and media type: what bodies have in common that are made in one place."""


@dataclass(slots=True)
class Restless:
    """The headers that come and go, those whose values change, and the words of bodies that do.

    `shapes` are the kinds of bodies whose number of words changes, `words` the places of restless words by kind and
    number of words.
    """

    coming_and_going: set[str] = field(default_factory=set)
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

    def calmed(self, exchange: Exchange) -> Exchange:
        """The exchange without what is restless, or with one sign in its place."""
        headers = [
            (name, _ANYTHING if name.lower() in self.values else value)
            for name, value in exchange.headers
            if name.lower() not in self.coming_and_going
        ]
        if self.has_no_order:
            headers = sorted((name.lower(), value) for name, value in headers)
        return replace(exchange, headers=tuple(headers), body=self._calm_body(exchange))

    def _learn_headers(self, one: Exchange, other: Exchange) -> None:
        for name in {name.lower() for name, _ in (*one.headers, *other.headers)}:
            values, others = _values(one, name), _values(other, name)
            if len(values) != len(others):
                self.coming_and_going.add(name)
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


def _values(exchange: Exchange, name: str) -> list[str]:
    return [value for key, value in exchange.headers if key.lower() == name]
