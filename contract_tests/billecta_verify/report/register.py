"""The clause register as the reports need it."""

from functools import cache
from typing import Any

from billecta_spec import load_clauses
from billecta_verify.report.model import Clause, Level


def clauses() -> dict[str, Clause]:
    """The clauses by id, in the order of the register."""
    return dict(_read())


@cache
def _read() -> tuple[tuple[str, Clause], ...]:
    """Once: the marker of each check is held against the register."""
    return tuple((entry["id"], _clause(entry)) for entry in load_clauses())


def _clause(entry: dict[str, Any]) -> Clause:
    return Clause(
        id=entry["id"],
        level=Level(entry["level"]),
        promise=entry["promise"],
        rests_on=tuple(entry["rests_on"]),
        reason=entry.get("reason"),
    )
