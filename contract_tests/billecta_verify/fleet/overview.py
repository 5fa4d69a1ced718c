"""What is known of several deployments, clause by clause: overview.json, described by overview.schema.json."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from billecta_verify.fleet.runner import INTERRUPTED, REPORT, WRONG_USE, MemberRun
from billecta_verify.reporting.model import Clause, Level, Outcome, Verdict, clauses
from billecta_verify.reporting.text import plural

SCHEMA_FILE: Final = Path(__file__).with_name("overview.schema.json")
_VERSION: Final = "1.0"
_PRECEDENCE: Final = (INTERRUPTED, 1, WRONG_USE, 3)
"""Which exit status of a deployment decides that of the run, the first of these that occurs."""


_WORST: Final = (1, WRONG_USE, INTERRUPTED, 3, 0)
"""The same from worst to best, for a reader."""


class Unjudged(StrEnum):
    """Why there is no verdict on a deployment."""

    MISCONFIGURED = "misconfigured"
    UNREACHABLE = "unreachable"
    FAILED = "not verified"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class Row:
    """One deployment: a verdict or why there is none (`state`), and its clauses by what is known of them.

    `said` is why it is so, in one sentence, where a verdict alone does not tell.
    """

    name: str
    base_url: str | None
    state: str
    status: int
    said: str | None
    clauses: Mapping[str, str]
    counts: Mapping[str, int]
    seconds: float
    report: str | None

    @property
    def verdict(self) -> str:
        """The state as a run of this deployment alone says it."""
        in_part = self.state == Verdict.CONFORMS and Outcome.NOT_EXERCISED in self.clauses.values()
        return f"{self.state}, as far as verified" if in_part else self.state


@dataclass(frozen=True, slots=True)
class Overview:
    """All deployments of a run, and the clauses of the register."""

    rows: tuple[Row, ...]
    clauses: tuple[Clause, ...]

    @property
    def status(self) -> int:
        """The exit status: 130 interrupted, 1 one fails, 2 one was not verified, 3 one is inconclusive, else 0."""
        found = {row.status for row in self.rows}
        return next((status for status in _PRECEDENCE if status in found), 0)

    @property
    def worst_first(self) -> tuple[Row, ...]:
        """The deployments with those first that need somebody; the order of the file among equals."""
        return tuple(sorted(self.rows, key=lambda row: _WORST.index(row.status)))

    @property
    def tally(self) -> str:
        """How many deployments are in which state: `3 deployments: 2 conforms, 1 unreachable`."""
        states = [row.state for row in self.rows]
        counted = ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))
        noun = "deployment" if len(self.rows) == 1 else "deployments"
        return f"{len(self.rows)} {noun}: {counted}"


def overview_of(runs: Sequence[MemberRun]) -> Overview:
    """The overview of what was run."""
    return Overview(tuple(_row(_with_a_verdict(run)) for run in runs), tuple(clauses().values()))


def _with_a_verdict(run: MemberRun) -> MemberRun:
    """The run without its report where it ended before there was a verdict."""
    return replace(run, report=None, failed=run.failed or run.report is not None) if run.status == WRONG_USE else run


def document(overview: Overview) -> dict[str, Any]:
    """The overview as JSON-ready data."""
    return {
        "schema_version": _VERSION,
        "exit_status": overview.status,
        "clauses": [
            {"id": clause.id, "level": clause.level.value, "promise": clause.promise} for clause in overview.clauses
        ],
        "deployments": [_deployment(row) for row in overview.rows],
    }


def render(overview: Overview) -> str:
    """The text of overview.json."""
    return json.dumps(document(overview), indent=2, ensure_ascii=False) + "\n"


def _row(run: MemberRun) -> Row:
    report = run.report
    return Row(
        name=run.member.name,
        base_url=run.member.base_url,
        state=_state(run),
        status=run.status,
        said=_said(run),
        clauses={} if report is None else {item["id"]: _word(item) for item in report["clauses"]},
        counts={} if report is None else report["counts"],
        seconds=round(run.seconds, 1),
        report=None if report is None else f"{run.member.name}/{REPORT}",
    )


def _state(run: MemberRun) -> str:
    if run.report is not None:
        return str(run.report["verdict"])
    if run.member.problem is not None:
        return Unjudged.MISCONFIGURED
    if run.failed:
        return Unjudged.FAILED
    return Unjudged.INTERRUPTED if run.status == INTERRUPTED else Unjudged.UNREACHABLE


def _said(run: MemberRun) -> str | None:
    if run.report is None:
        return run.sentence or "it ended without a report; its output says more"
    cause: str | None = run.report["cause"]
    return cause or _failures(run.report)


def _failures(report: Mapping[str, Any]) -> str | None:
    """What fails, by the first of its findings; None where nothing does."""
    errors = [found for found in report["findings"] if found["known"] is None and found["level"] != Level.ADVICE]
    if not errors:
        return None
    others = len({found["clause"] for found in errors}) - 1
    more = f", and {plural(others, 'more clause')}" if others else ""
    return f"{errors[0]['clause']}: {errors[0]['observed']}{more}"


def _word(item: Mapping[str, Any]) -> str:
    if item["known"]:
        return "known"
    failed_advice = item["verdict"] == "failed" and item["level"] == Level.ADVICE
    return "warning" if failed_advice else str(item["verdict"])


def _deployment(row: Row) -> dict[str, Any]:
    return {
        "name": row.name,
        "base_url": row.base_url,
        "state": str(row.state),
        "exit_status": row.status,
        "said": row.said,
        "seconds": row.seconds,
        "counts": dict(row.counts) or None,
        "clauses": dict(row.clauses),
        "report": row.report,
    }


STATES: Final = tuple(dict.fromkeys([*(verdict.value for verdict in Verdict), *(reason.value for reason in Unjudged)]))
"""Every state that a deployment may be in."""
