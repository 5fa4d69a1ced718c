"""The overview on a terminal: a row for each clause, a column for each deployment, and what was not judged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from rich.text import Text

from billecta_verify.reporting.text import lines

if TYPE_CHECKING:
    from billecta_verify.fleet.overview import Overview, Row

NOT_JUDGED: Final = "-"
WORDS: Final = {
    "passed": ("passed", "green"),
    "failed": ("FAILED", "bold red"),
    "known": ("known", "yellow"),
    "warning": ("warning", "yellow"),
    "inconclusive": ("unclear", "yellow"),
    "not exercised": ("·", "dim"),
    "": ("", ""),
}
"""What stands for the state of a clause, and its style. Nothing stands where a deployment was not judged."""

_GAP: Final = "  "
_STATE_STYLES: Final = {"conforms": "bold green", "known deviations only": "bold green", "does not conform": "bold red"}


def overview_blocks(overview: Overview, width: int) -> Iterator[Text]:
    """The table, in parts where the terminal is too narrow for all columns, then a line for each deployment."""
    judged = [row for row in overview.rows if row.clauses]
    first = max(len(clause.id) for clause in overview.clauses)
    for rows in _parts(judged, width - first):
        yield _table(overview, rows, first)
    size = max(len(row.name) for row in overview.rows)
    for row in overview.rows:
        yield _line(row, size, width)


def _parts(rows: Sequence[Row], room: int) -> Iterator[list[Row]]:
    part: list[Row] = []
    for row in rows:
        if part and sum(_size(item) for item in [*part, row]) > room:
            yield part
            part = []
        part.append(row)
    if part:
        yield part


def _size(row: Row) -> int:
    return len(_GAP) + max(len(row.name), *(len(word) for word, _ in WORDS.values()))


def _table(overview: Overview, rows: Sequence[Row], first: int) -> Text:
    shown = Text("clause".ljust(first), "bold")
    for row in rows:
        shown.append(_GAP + row.name.ljust(_size(row) - len(_GAP)), "bold")
    for clause in overview.clauses:
        shown.append("\n" + clause.id.ljust(first))
        for row in rows:
            word, style = WORDS[row.clauses.get(clause.id, "")]
            shown.append(_GAP).append(word.ljust(_size(row) - len(_GAP)), style)
    return shown.append("\n")


def _line(row: Row, size: int, width: int) -> Text:
    state = f"{row.name.ljust(size)}{_GAP}{row.verdict}"
    took = f" ({row.counts['requests']} requests, {row.counts['payments']} payments)" if row.counts else ""
    said = f": {row.said}" if row.said else ""
    text = Text(lines(f"{state}{said}{took}", width, indent=" " * (size + len(_GAP))))
    text.stylize(_STATE_STYLES.get(row.state, "bold yellow"), size + len(_GAP), len(state))
    return text
