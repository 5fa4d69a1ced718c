"""Text fitted to a width: broken between words only, for half an id or half a path cannot be searched for."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rich.text import Text

UNBOUNDED: Final = 100_000
"""The width of what is no terminal: a log has none of its own, and who searches it wants whole lines."""

_NARROWEST: Final = 40
_GAP: Final = "  "
_INDENT: Final = "    "


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
