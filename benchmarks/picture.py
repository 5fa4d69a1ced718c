"""The comparison as a picture: requests per second, by case and server."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.cases import Case
from benchmarks.measuring import Record, rate

PICTURE: Final = Path(__file__).parents[1] / "docs" / "performance.svg"
_OWN: Final = "#c2185b"
_LIMIT: Final = "#9e9e9e"
_OTHERS: Final = "#5c7fa3"


def draw(records: Sequence[Record], cases: Sequence[Case]) -> None:
    """Write the picture."""
    mpl.rcParams["svg.hashsalt"] = "performance"  # the same figures give the same file
    figure = Figure(figsize=(11, 3.2), layout="tight")
    for axis, case in zip(figure.subplots(1, len(cases), sharey=True), cases, strict=True):
        _draw_case(axis, records, case)
    figure.axes[0].invert_yaxis()
    figure.suptitle("requests per second, one worker, 16 connections (more is better)", fontsize=10)
    figure.savefig(PICTURE, metadata={"Date": None})


def _draw_case(axis: Axes, records: Sequence[Record], case: Case) -> None:
    names = [record.contestant.name for record in records]
    rates = [record.median(case.name, rate) or 0 for record in records]
    bars = axis.barh(names, rates, color=[_colour(name) for name in names])
    axis.bar_label(bars, labels=[f"{each:,.0f}" if each else "-" for each in rates], fontsize=7, padding=2)
    axis.set_title(case.name, fontsize=9)
    axis.set_xlim(0, max(rates) * 1.25)
    axis.xaxis.set_visible(False)
    axis.tick_params(labelsize=8)
    axis.spines[["top", "right", "bottom"]].set_visible(False)


def _colour(name: str) -> str:
    return {"billecta-mock": _OWN, "bare ASGI": _LIMIT}.get(name, _OTHERS)
