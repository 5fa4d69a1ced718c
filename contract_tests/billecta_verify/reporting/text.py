"""Text that is safe to show: secrets removed, control characters escaped, broken between words."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from rich.text import Text

_SHORTEST_SECRET: Final = 4
"""Replacing shorter texts wherever they occur would garble a report and hide nothing."""
_IN_ITS_PLACE: Final = "…"


_ACTING: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Control characters, those that turn the direction of writing, halves of characters, and what is no character."""
_LATIN: Final = 0x100
_BASIC: Final = 0x10000
_OLD_COMMAND: Final = "##["
_COMMAND: Final = "::"
"""What a runner of GitHub obeys: `##[command]` wherever it stands, `::set-output` at the beginning of a line."""
UNBOUNDED: Final = 100_000
"""The width of what is no terminal: a log has none of its own, and who searches it wants whole lines."""
_NARROWEST: Final = 40
_GAP: Final = "  "
_INDENT: Final = "    "


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


def escape_control(text: str) -> str:
    """The text in one line, with each character that acts replaced by its number."""
    flat = re.sub(r"[\r\n\t]+", " ", text).replace(_OLD_COMMAND, "## [")
    return "".join(_escape(character) if _acts(character) else character for character in flat)


def sanitize(text: str) -> str:
    """The same for a text that may be broken into lines: no line begins with a command."""
    return escape_control(text).replace(_COMMAND, ": :")


def _acts(character: str) -> bool:
    return unicodedata.category(character) in _ACTING


def _escape(character: str) -> str:
    number = ord(character)
    if number < _LATIN:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < _BASIC else f"\\U{number:08x}"


@dataclass(frozen=True, slots=True)
class Cell:
    """A word of a table and its style."""

    text: str
    style: str = ""


def lines(text: str, width: int, *, indent: str = "") -> str:
    """The text in lines of at most this width, or of one word that is longer; all but the first are indented."""
    return textwrap.fill(
        text, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False, replace_whitespace=False
    )


def table(header: Sequence[str], rows: Sequence[Sequence[Cell]], width: int) -> Text:
    """Rows in columns; the last column is prose, which goes below the others where they leave it too little room."""
    every = [[Cell(name, "bold") for name in header], *rows]
    widths = [max(len(row[number].text) for row in every) for number in range(len(header) - 1)]
    taken = sum(widths) + len(_GAP) * len(widths)
    room = width - taken
    shown = Text()
    for row in every:
        for size, cell in zip(widths, row[:-1], strict=True):
            shown.append(cell.text.ljust(size), cell.style).append(_GAP)
        shown.append(_prose(row[-1].text, room, width, taken), row[-1].style).append("\n")
    return shown[:-1]


def _prose(text: str, room: int, width: int, taken: int) -> str:
    if room >= _NARROWEST or len(text) <= room:
        return lines(text, max(room, 1)).replace("\n", "\n" + " " * taken)
    return "\n" + _INDENT + lines(text, width - len(_INDENT)).replace("\n", "\n" + _INDENT)


def plural(count: int, noun: str) -> str:
    """`1 request`, `2 requests`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
