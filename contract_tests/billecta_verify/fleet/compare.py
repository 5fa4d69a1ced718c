"""`billecta-verify diff`: its command line, and where the two reports come from."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from billecta_verify.baseline.diff import DEFAULT_FACTOR, ReportComparison, Tolerance, compare, read_report
from billecta_verify.config.errors import UsageError
from billecta_verify.config.options import FlagParser
from billecta_verify.fleet.overview import overview_of
from billecta_verify.fleet.runner import INTERRUPTED, WRONG_USE, MemberRun, run_members
from billecta_verify.fleet.targets import fleet_of, share_rate_limit

DRIFT: Final = 1
_DESCRIPTION: Final = (
    "Say what changed between two reports (verdicts by clause, findings, and what was observed: status words, "
    "statuses, header sets, media types, members, forms of ids, times), or between two deployments of a target file, "
    "which are verified first."
)
_EPILOG: Final = "Exit status: 0 the same, 1 something changed, 2 wrong use or not reachable, 130 interrupted."
_PAIR: Final = 2


@dataclass(frozen=True, slots=True)
class Difference:
    """What is to be compared with what, and how it is to be shown."""

    comparison: ReportComparison
    names: tuple[str, str]
    as_json: bool
    no_color: bool


def difference(
    arguments: Sequence[str], environ: Mapping[str, str], report_progress: Callable[[str], None]
) -> Difference:
    """Compare what the command line names. Raises UsageError and KeyboardInterrupt.

    `report_progress` is called with each line of progress.
    """
    given = _parser().parse_args(arguments)
    if len(given.reports) != (0 if given.deployments else _PAIR):
        raise UsageError("diff: give two reports (OLD NEW), or --deployments A B with --target-file FILE")
    if given.target_file and not given.deployments:
        raise UsageError("diff: --target-file is for --deployments A B")
    if given.deployments:
        reports = _judged(given.deployments, given.target_file, environ, report_progress)
        names = (given.deployments[0], given.deployments[1])
    else:
        reports = [read_report(Path(path)) for path in given.reports]
        names = (given.reports[0], given.reports[1])
    tolerance = Tolerance(factor=given.latency_factor, ignores_times=given.ignore_latency)
    return Difference(compare(reports[0], reports[1], tolerance), names, given.json, given.no_color)


def _judged(
    names: Sequence[str], file: str | None, environ: Mapping[str, str], report_progress: Callable[[str], None]
) -> list[Mapping[str, Any]]:
    """The reports of two deployments, verified now, side by side."""
    if names[0] == names[1]:
        raise UsageError(f"diff: --deployments needs two, and {names[0]} is given twice")
    fleet = fleet_of({"target_file": file, "deployment": names}, environ)
    if fleet is None:
        raise UsageError("diff: --deployments needs --target-file FILE that holds several deployments")
    with TemporaryDirectory(prefix="billecta-verify-") as directory:
        runs = run_members(
            share_rate_limit(fleet.members, _PAIR),
            _PAIR,
            Path(directory),
            lambda name, run: report_progress(_progress(name, run)),
        )
    by_name = {run.member.name: run for run in runs}
    return [_report_of(by_name[name]) for name in names]


def _progress(name: str, run: MemberRun | None) -> str:
    return f"{name}: verifying" if run is None else f"{name}: {overview_of([run]).rows[0].state}"


def _report_of(run: MemberRun) -> Mapping[str, Any]:
    if run.status == INTERRUPTED:
        raise KeyboardInterrupt
    if run.report is None or run.status == WRONG_USE:
        raise UsageError(f"diff: {run.member.name} was not verified: {run.sentence}")
    return run.report


def _factor(text: str) -> float:
    value = float(text)
    if not (value >= 1 and math.isfinite(value)):
        raise argparse.ArgumentTypeError(f"must be a number of 1 or more, not {text}")
    return value


def _parser() -> argparse.ArgumentParser:
    parser = FlagParser(prog="billecta-verify diff", description=_DESCRIPTION, epilog=_EPILOG, allow_abbrev=False)
    parser.add_argument("reports", nargs="*", metavar="REPORT", help="report.json, or a directory that holds one")
    parser.add_argument("--deployments", nargs=2, metavar=("A", "B"), help="verify these two of the target file")
    parser.add_argument("--target-file", metavar="FILE", help="TOML file that describes the deployments")
    parser.add_argument(
        "--latency-factor",
        type=_factor,
        default=DEFAULT_FACTOR,
        metavar="N",
        help="a median or 95th percentile has changed when it is N times the other (3)",
    )
    parser.add_argument("--ignore-latency", action="store_true", help="compare no times")
    parser.add_argument("--json", action="store_true", help="show the changes as JSON")
    parser.add_argument("--no-color", action="store_true", help="no colours (also NO_COLOR)")
    return parser
