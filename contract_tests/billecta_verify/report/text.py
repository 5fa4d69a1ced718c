"""Text that does nothing where it is shown: what a deployment says may be quoted, and must not act on the reader."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_ACTING: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Control characters, those that turn the direction of writing, halves of characters, and what is no character."""
_LATIN: Final = 0x100
_BASIC: Final = 0x10000
_OLD_COMMAND: Final = "##["
_COMMAND: Final = "::"
"""What a runner of GitHub obeys: `##[command]` wherever it stands, `::set-output` at the beginning of a line."""


def printable(text: str) -> str:
    """The text in one line, with each character that acts replaced by its number."""
    flat = re.sub(r"[\r\n\t]+", " ", text).replace(_OLD_COMMAND, "## [")
    return "".join(_escape(character) if _acts(character) else character for character in flat)


def harmless(text: str) -> str:
    """The same for a text that may be broken into lines: no line begins with a command."""
    return printable(text).replace(_COMMAND, ": :")


def _acts(character: str) -> bool:
    return unicodedata.category(character) in _ACTING


def _escape(character: str) -> str:
    number = ord(character)
    if number < _LATIN:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < _BASIC else f"\\U{number:08x}"
