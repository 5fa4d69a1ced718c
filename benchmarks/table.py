"""The figures as a table that is read in a terminal and as Markdown."""

from collections.abc import Iterable, Sequence
from statistics import median

from benchmarks.cases import Case
from benchmarks.measuring import Record, cpu, p50, p99, rate
from benchmarks.servers import MEGABYTE

_MISSING = "-"
_BARE = "bare ASGI"


def loads_table(records: Sequence[Record], cases: Iterable[Case]) -> str:
    """One row for each case and server; the best rate of a case comes first, behind the bare function's."""
    rows = [row for case in cases for row in _rows_of_case(records, case)]
    heads = ["", "server", "requests/s", "of bare", "CPU µs/request", "p50 ms", "p99 ms", "p99 of bare"]
    return aligned(heads, rows)


def starts_table(records: Sequence[Record]) -> str:
    """One row for each server: what its start takes, and its memory before and after the loads."""
    rows = [
        [
            record.contestant.name,
            record.contestant.version,
            f"{median(record.starts):.2f}",
            f"{record.memory_before / MEGABYTE:.0f}",
            f"{record.memory_after / MEGABYTE:.0f}",
        ]
        for record in sorted(records, key=lambda record: median(record.starts))
    ]
    return aligned(["server", "version", "first answer after s", "MB at start", "MB after the loads"], rows)


def aligned(heads: list[str], rows: list[list[str]]) -> str:
    """A Markdown table whose columns stand in line."""
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    numbers = [all(_is_number(row[place]) for row in rows) for place in range(len(heads))]
    rule = [("-" * (width - 1) + ":") if right else "-" * width for width, right in zip(widths, numbers, strict=True)]
    return "\n".join(_line(cells, widths, numbers) for cells in (heads, rule, *rows))


def _line(cells: list[str], widths: list[int], numbers: list[bool]) -> str:
    texts = [
        cell.rjust(width) if right else cell.ljust(width)
        for cell, width, right in zip(cells, widths, numbers, strict=True)
    ]
    return f"| {' | '.join(texts)} |"


def _is_number(text: str) -> bool:
    return text == _MISSING or text.replace(".", "").replace(",", "").isdigit()


def _rows_of_case(records: Sequence[Record], case: Case) -> list[list[str]]:
    bare = next(record for record in records if record.contestant.name == _BARE)
    ranked = sorted(records, key=lambda record: (record is not bare, -(record.median(case.name, rate) or 0)))
    return [[case.name, record.contestant.name, *_figures(record, bare, case.name)] for record in ranked]


def _figures(record: Record, bare: Record, case: str) -> list[str]:
    return [
        _text(record.median(case, rate), "{:,.0f}"),
        _text(record.ratio(bare, case, rate), "{:.2f}"),
        _text(record.median(case, cpu), "{:.0f}"),
        _text(record.median(case, p50), "{:.2f}"),
        _text(record.median(case, p99), "{:.2f}"),
        _text(record.ratio(bare, case, p99), "{:.1f}"),
    ]


def _text(figure: float | None, form: str) -> str:
    return _MISSING if figure is None else form.format(figure)
