"""Ids that name nothing, and that can be known for that on the wire.

What is sent to an absent action with a valid key must never reach somebody's real one. So such an id carries a marker
of twenty digits that no deployment hands out, and the guard lets nothing complete through that lacks it.
"""

from __future__ import annotations

import string
from random import Random
from typing import Final

_NO_ZERO: Final = "123456789"
"""Numbers may be known by a shorter form, without the zeros in front."""
_ALPHABETS: Final = (string.digits, string.ascii_uppercase, string.ascii_lowercase)
_ALPHANUMERIC: Final = frozenset("".join(_ALPHABETS))
_MARKER_SIZE: Final = 20
_FORM_KEPT_FROM: Final = 24
"""Ids with so many letters and digits have room for the marker, and some more to differ in."""
_PADDING: Final = 6
_SHORTEST_PART: Final = 4
_SHORT_NUMBER: Final = 8
_LAST_NUMBERS: Final = (960_000_000, 999_999_999)


def marker(seed: int) -> str:
    """Twenty digits, left to chance, the same throughout a run."""
    return "".join(Random(f"absent {seed}").choices(_NO_ZERO, k=_MARKER_SIZE))  # noqa: S311 — reproducible, no secret


def is_marked(resource_id: str, seed: int) -> bool:
    """Whether an id carries the marker of this run, in whatever grouping."""
    return marker(seed) in "".join(character for character in resource_id if character in _ALPHANUMERIC)


def part_of_id(known: str | None) -> str | None:
    """The first half of an id, where that is long enough to be hardly anybody's own; None where it is not."""
    half = known[: len(known) // 2] if known else ""
    return half if len(half) >= _SHORTEST_PART and not half.isdigit() else None


def unknown_id(model: str, seed: int, chance: Random) -> str:
    """An id of the form of `model` if that is long enough, else a longer one, with the marker in it."""
    if sum(character in _ALPHANUMERIC for character in model) < _FORM_KEPT_FROM:
        form = model if model.isascii() and model.isalnum() else ""
        return "".join(_like(character, chance) for character in form + "9" * _PADDING) + marker(seed)
    return _with_tail("".join(_like(character, chance) for character in model), marker(seed))


def unknown_number(model: str, chance: Random) -> str | None:
    """A number far beyond those that are given out, yet of nine digits; None where the model is no short one.

    For reads only: a number that is too great for the deployment may be answered otherwise than one that is unknown.
    """
    if not (model.isascii() and model.isdigit() and len(model) <= _SHORT_NUMBER):
        return None
    return str(chance.randint(*_LAST_NUMBERS))


def _with_tail(text: str, tail: str) -> str:
    """The text with its last letters and digits replaced by those of the tail."""
    rest = list(tail)
    found = [rest.pop() if rest and character in _ALPHANUMERIC else character for character in reversed(text)]
    return "".join(reversed(found))


def _like(character: str, chance: Random) -> str:
    for alphabet in _ALPHABETS:
        if character in alphabet:
            return chance.choice(_NO_ZERO if alphabet is string.digits else alphabet)
    return character
