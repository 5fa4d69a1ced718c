"""The changes between two reports as a terminal shows them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from rich.text import Text

from billecta_verify.reporting.text import lines, plural

if TYPE_CHECKING:
    from billecta_verify.diff.changes import Change, Comparison


def difference_blocks(comparison: Comparison, names: tuple[str, str], width: int) -> Iterator[Text]:
    """The changes by kind, then what has to be known of them, then how many there are."""
    yield Text(f"from {names[0]} to {names[1]}")
    for kind, changes in groupby(comparison.changes, key=lambda change: change.kind):
        yield Text(f"\n{kind}", "bold")
        for change in changes:
            yield Text("  " + lines(_told(change), width - 4, indent="    "), _style(change))
    for note in comparison.notes:
        yield Text("\n" + lines(f"note: {note}", width), "yellow")
    yield Text("\n" + (plural(len(comparison.changes), "change") if comparison.changes else "the same"), "bold")


def _told(change: Change) -> str:
    if change.old is None:
        return f"{change.what}: new: {change.new}"
    if change.new is None:
        return f"{change.what}: gone: {change.old}"
    return f"{change.what}: {change.old} → {change.new}"


def _style(change: Change) -> str:
    if change.kind in {"verdict", "clause"}:
        return {"failed": "red", "does not conform": "red", "passed": "green", "conforms": "green"}.get(
            change.new or "", ""
        )
    if change.kind == "finding":
        return "green" if change.new is None else "red"
    return ""
