"""The lines of the checklist."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """What became of a line."""

    MET = "met"
    OPEN = "not_met"
    FINDING = "finding"


@dataclass(frozen=True, slots=True)
class Item:
    """One line: what it is about, what was seen, and in which exchanges.

    `advice` is, for what is not met yet, the call that brings it about; for a finding, what to do. `meaning` is what a
    finding means in production.
    """

    group: str
    name: str
    state: State
    sentence: str
    numbers: tuple[int, ...] = ()
    meaning: str = ""
    advice: str = ""
