"""The entries of a baseline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

PROTECTED: Final = ("AUTH-", "MASK-")
"""Clauses whose violation opens the deployment: what is found there is covered only by --force."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A deviation that is accepted up to and with the day `expires` (UTC). `line` is where it stands in its file."""

    check: str
    fingerprint: str
    reason: str
    expires: date
    line: int

    @property
    def kind(self) -> tuple[str, str]:
        """What a finding must have in common with the entry."""
        return self.check, self.fingerprint


@dataclass(frozen=True, slots=True)
class Baseline:
    """A file of entries."""

    file: Path
    entries: tuple[Entry, ...]


def is_protected(clause: str) -> bool:
    """Whether a clause is one of authentication or masking."""
    return clause.startswith(PROTECTED)
