"""The comparison as a page of the documentation, with its picture."""

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import psutil

from benchmarks.cases import Case
from benchmarks.measuring import Record
from benchmarks.table import loads_table, starts_table

PAGE: Final = Path(__file__).parents[1] / "docs" / "performance.md"
_BEGIN: Final = "<!-- measured: written by make bench -->"
_END: Final = "<!-- end of what is measured -->"


def summary(records: Sequence[Record], cases: Sequence[Case], skipped: Sequence[str], rounds: int, seconds: int) -> str:
    """Both tables, on what they were measured, and what a reader must know of the peers."""
    notes = [f"- {record.contestant.name}: {record.contestant.note}." for record in records if record.contestant.note]
    reasons = [
        f"- {record.contestant.name} has no figures for {case}: {reason.splitlines()[0]}"
        for record in records
        for case, reason in record.refused.items()
    ]
    method = (
        f"16 connections, {rounds} rounds of {seconds} s for each server and case, in turn; medians of the rounds, "
        "ratios within a round."
    )
    loads, starts = loads_table(records, cases), starts_table(records)
    return "\n\n".join(filter(None, [_machine(), method, loads, starts, "\n".join([*notes, *reasons, *skipped])]))


def write_page(text: str) -> None:
    """Put the figures instead of those of the last time."""
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    PAGE.write_text(f"{before}{_BEGIN}\n\n{text}\n\n{_END}{after}", encoding="utf-8")


def _machine() -> str:
    memory = psutil.virtual_memory().total / 1024**3
    return (
        f"Measured on {datetime.now(UTC):%Y-%m-%d}: {os.cpu_count()} cores ({_processor()}), {memory:.0f} GB, "
        f"{platform.system()}, Python {platform.python_version()}."
    )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
