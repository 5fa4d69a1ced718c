"""billecta-verify: what it is told, what it prints, and how it exits. The only place that prints."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from contextlib import ExitStack
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, NoReturn

from hypothesis.configuration import set_hypothesis_home_dir
from rich.console import Console

from contract_tests.configuration import Configuration, UsageError, build_parser, resolve
from contract_tests.judgement import tool_versions
from contract_tests.mock_process import MockProcess, mock_target
from contract_tests.preflight import UnreachableError
from contract_tests.rehearsal import rehearse
from contract_tests.report import json_report, junit
from contract_tests.report.model import Result, Verdict
from contract_tests.report.plan import plan_summary
from contract_tests.report.progress import Progress
from contract_tests.report.terminal import show
from contract_tests.runner import RunnerError, run

if TYPE_CHECKING:
    from pathlib import Path

    from contract_tests.target import Target

WRONG_USE: Final = 2
INTERRUPTED: Final = 130
_WIDTH_OF_A_LOG: Final = 120
_EXIT_STATUSES: Final = {
    Verdict.CONFORMS: 0,
    Verdict.DOES_NOT_CONFORM: 1,
    Verdict.INCONCLUSIVE: 3,
    Verdict.INTERRUPTED: INTERRUPTED,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge, report, and return the exit status: 0, 1, 2, 3 or 130."""
    flags = vars(build_parser(tool_versions()["lime-billecta-contract"]).parse_args(arguments))
    errors = Console(stderr=True, highlight=False, soft_wrap=True)
    previous = signal.signal(signal.SIGTERM, _interrupt)
    try:
        return _judged(resolve(flags, os.environ))
    except (UsageError, UnreachableError, RunnerError) as error:
        errors.print(f"billecta-verify: {error}", markup=False)
        return WRONG_USE
    except KeyboardInterrupt:
        errors.print("billecta-verify: interrupted before the first check", markup=False)
        return INTERRUPTED
    finally:
        signal.signal(signal.SIGTERM, previous)


def _interrupt(_number: int, _frame: object) -> NoReturn:
    """A pipeline that is cancelled sends SIGTERM: end as for Ctrl-C, with what is known so far."""
    raise KeyboardInterrupt


def _judged(configuration: Configuration) -> int:
    console = _console(no_color=configuration.no_color)
    _prepare_directory(configuration.report_dir)
    with ExitStack() as cleanup:
        # Hypothesis keeps what it learns in the current directory, which is the user's.
        set_hypothesis_home_dir(cleanup.enter_context(TemporaryDirectory(prefix="billecta-verify-")))
        target = configuration.target or _mock(configuration, cleanup)
        if configuration.plan:
            return _plan(target, console)
        console.print(f"judging {target.base_url}", markup=False, soft_wrap=True)
        with Progress(console) as progress:
            result = run(target, progress)
    return _report(result, configuration, console)


def _console(*, no_color: bool) -> Console:
    """Where the run is shown. A log has no width of its own: there it is wide enough for the evidence."""
    console = Console(no_color=no_color or None, highlight=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = _WIDTH_OF_A_LOG
    return console


def _mock(configuration: Configuration, cleanup: ExitStack) -> Target:
    if configuration.plan:
        return mock_target("http://127.0.0.1:8080", configuration.limits)
    return mock_target(cleanup.enter_context(MockProcess()), configuration.limits)


def _plan(target: Target, console: Console) -> int:
    console.print(plan_summary(rehearse(target)), soft_wrap=True)
    return 0


def _report(result: Result, configuration: Configuration, console: Console) -> int:
    show(result, console)
    if configuration.report_dir is not None:
        _write(configuration.report_dir / "report.json", json_report.render(result))
        _write(configuration.report_dir / "junit.xml", junit.render(result))
        console.print(f"report.json and junit.xml are in {configuration.report_dir}", markup=False, soft_wrap=True)
    if result.interrupted:
        return INTERRUPTED
    if result.verdict is Verdict.INCONCLUSIVE and configuration.allow_inconclusive:
        return 0
    return _EXIT_STATUSES[result.verdict]


def _prepare_directory(directory: Path | None) -> None:
    """Make the report directory before anything is sent: a run whose report cannot be kept is a run wasted."""
    if directory is None:
        return
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"the report directory {directory} cannot be made: {error.strerror}") from error


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from error
