"""Takes out of a text what no output may show, however a deployment has spelled it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_SHORTEST_SECRET: Final = 4
"""Replacing shorter texts wherever they occur would garble a report and hide nothing."""
_IN_ITS_PLACE: Final = "…"


def scrubbed(text: str, secrets: Iterable[str], words: Iterable[str] = ()) -> str:
    """The text without the secrets, and without the words where they stand by themselves.

    Neither case nor percent-encoding hides them.
    """
    for secret in _held(text, secrets):
        text = _spellings(secret).sub(_IN_ITS_PLACE, text)
    for word in _held(text, words):
        text = _as_a_word(word).sub(_IN_ITS_PLACE, text)
    return text


def _held(text: str, secrets: Iterable[str]) -> list[str]:
    """Those that may stand in the text, the longest first: a run remembers many, and few stand in any one text.

    Where the text may hold percent-encoding, every one may.
    """
    shown = None if "%" in text else _folded(text)
    found = {secret for secret in secrets if len(secret) >= _SHORTEST_SECRET}
    return sorted((one for one in found if shown is None or _folded(one) in shown), key=len, reverse=True)


@lru_cache(maxsize=8192)
def _folded(text: str) -> str:
    return text.replace("+", " ").casefold()


@lru_cache(maxsize=4096)
def _spellings(secret: str) -> re.Pattern[str]:
    return re.compile(_pattern(secret), re.IGNORECASE)


@lru_cache(maxsize=4096)
def _as_a_word(word: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W_]){_pattern(word)}(?![^\W_])", re.IGNORECASE)


def _pattern(text: str) -> str:
    return "".join(f"(?:{_character(character)})" for character in text)


def _character(character: str) -> str:
    encoded = "".join(f"%{byte:02x}" for byte in character.encode("utf-8", "replace"))
    plus = r"|\+" if character == " " else ""
    return f"{re.escape(character)}|{encoded}{plus}"
