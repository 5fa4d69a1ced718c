"""Text that does nothing where it is shown: what a deployment says may be quoted, and must not act on the reader."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_ACTING: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Control characters, those that turn the direction of writing, halves of characters, and what is no character."""
_LATIN: Final = 0x100
_BASIC: Final = 0x10000
_COMMAND: Final = re.compile(r"::|##(?=\[)")
"""With these a line begins that a runner of GitHub obeys: `::set-output`, `##[command]`."""


def printable(text: str) -> str:
    """The text with each character that acts replaced by its number, in one line."""
    flat = re.sub(r"[\r\n\t]+", " ", text)
    return "".join(_escape(character) if _acts(character) else character for character in flat)


def harmless(text: str) -> str:
    """The same without commands to a runner of workflows, which reads what is printed."""
    return _COMMAND.sub(lambda found: " ".join(found[0]), printable(text))


def _acts(character: str) -> bool:
    return unicodedata.category(character) in _ACTING


def _escape(character: str) -> str:
    number = ord(character)
    if number < _LATIN:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < _BASIC else f"\\U{number:08x}"
