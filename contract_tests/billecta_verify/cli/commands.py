"""What billecta-verify does once it has understood its flags: verify one deployment or several, plan, or compare."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from threading import current_thread, main_thread
from typing import TYPE_CHECKING, Any, Final

from hypothesis.configuration import set_hypothesis_home_dir
from platformdirs import user_cache_path

from billecta_verify.baseline.apply import BaselineOfRun, baseline_of_run
from billecta_verify.baseline.diff import difference_blocks
from billecta_verify.config.errors import INTERRUPTED, WRONG_USE, UsageError
from billecta_verify.config.loader import Configuration, resolve
from billecta_verify.config.options import REPORT_FILES
from billecta_verify.config.target import USUAL_PATH
from billecta_verify.fleet.compare import DRIFT, difference
from billecta_verify.fleet.output import judge_fleet
from billecta_verify.fleet.targets import Fleet, fleet_of
from billecta_verify.reporting.files import ReportError, discard_reports, write_reports
from billecta_verify.reporting.markdown import annotate, is_workflow, summarise
from billecta_verify.reporting.model import Result, Verdict
from billecta_verify.reporting.terminal import Progress, closing_line, open_console, plan_summary, show
from billecta_verify.runner.dry_run import dry_run
from billecta_verify.runner.mock_process import MockProcess, mock_target
from billecta_verify.runner.run import RunnerError, run

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from billecta_verify.config.target import Target

_NAME: Final = "billecta-verify"
_EXIT_STATUSES: Final = {
    Verdict.CONFORMS: 0,
    Verdict.KNOWN: 0,
    Verdict.DOES_NOT_CONFORM: 1,
    Verdict.INCONCLUSIVE: 3,
    Verdict.INTERRUPTED: INTERRUPTED,
}


def judge(flags: Mapping[str, Any]) -> int:
    """Verify what the flags, the environment and a target file name; returns the exit status. Raises FailureError.

    Hypothesis would keep its tables of Unicode, which take a second to make, in the current directory, which is the
    user's. They are kept in the user's cache, and nothing of a deployment is with them.
    """
    set_hypothesis_home_dir(user_cache_path(_NAME))
    fleet = fleet_of(flags, os.environ)
    return _judged(resolve(flags, os.environ)) if fleet is None else _judged_fleet(fleet)


def compare(arguments: Sequence[str], note: Callable[[str], None]) -> int:
    """Show what changed; standard output holds that alone, so that it can be piped. Raises FailureError."""
    found = difference(arguments, os.environ, note)
    console = open_console(no_color=found.no_color or bool(os.environ.get("NO_COLOR")))
    if found.as_json:
        console.print(json.dumps(found.comparison.document(), indent=2, ensure_ascii=False), markup=False)
    else:
        for block in difference_blocks(found.comparison, found.names, console.width):
            console.print(block, soft_wrap=True)
    return DRIFT if found.comparison.changes else 0


def _judged_fleet(fleet: Fleet) -> int:
    console = open_console(no_color=fleet.no_color)
    return _planned_fleet(fleet, console) if fleet.plan else judge_fleet(fleet, console)


def _planned_fleet(fleet: Fleet, console: Console) -> int:
    status = 0
    for member in fleet.members:
        console.print(f"\n{member.name}: {member.problem or member.base_url}", style="bold", soft_wrap=True)
        if member.configuration is None or member.configuration.target is None:
            status = WRONG_USE
            continue
        _plan(member.configuration.target, console)
    return status


def _judged(configuration: Configuration) -> int:
    console = open_console(no_color=configuration.no_color)
    accepted = baseline_of_run(configuration)
    _prepare_directory(configuration.report_dir)
    with ExitStack() as cleanup:
        target = configuration.target or _mock(configuration, cleanup)
        if not target.has_usual_path:
            note = f"note: a base URL usually ends in /{USUAL_PATH}, and {target.base_url} does not"
            console.print(note, markup=False, soft_wrap=True)
        if configuration.plan:
            return _plan(target, console)
        if configuration.report_dir is not None:
            discard_reports(configuration.report_dir)
        console.print(f"verifying {target.base_url}", markup=False, soft_wrap=True)
        try:
            with Progress(console) as progress:
                result = run(target, progress)
        except RunnerError as error:
            _written(error.result, configuration)
            raise
        with _undisturbed():
            return _report(accepted.applied(result), configuration, accepted, console)


def _mock(configuration: Configuration, cleanup: ExitStack) -> Target:
    if configuration.plan:
        return mock_target("http://127.0.0.1:8080", configuration.limits)
    return mock_target(cleanup.enter_context(MockProcess()), configuration.limits)


def _plan(target: Target, console: Console) -> int:
    console.print(plan_summary(dry_run(target), console.width), soft_wrap=True)
    return 0


def _report(result: Result, configuration: Configuration, accepted: BaselineOfRun, console: Console) -> int:
    failures = _written(result, configuration)
    show(result, console)
    try:
        if told := accepted.write(result):
            console.print(f"\n{told}", markup=False, soft_wrap=True)
        if is_workflow(os.environ):
            console.print(annotate(result), end="", markup=False, soft_wrap=True)
        _say_where(configuration, failures, console)
        if failures:
            raise ReportError("; ".join(failures))
    finally:
        console.print(closing_line(result, console.width), soft_wrap=True)
    if result.interrupted:
        return INTERRUPTED
    if result.verdict is Verdict.INCONCLUSIVE and result.key_accepted and configuration.allow_inconclusive:
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


def _written(result: Result, configuration: Configuration) -> list[str]:
    """Write the reports before anything is shown, for a terminal may go away; returns why any is missing."""
    failures = summarise(result, os.environ) if is_workflow(os.environ) else []
    if configuration.report_dir is not None:
        failures += write_reports(result, configuration.report_dir, configuration.reports)
    return failures


def _say_where(configuration: Configuration, failures: Sequence[str], console: Console) -> None:
    if configuration.report_dir is not None and not failures:
        names = ", ".join(REPORT_FILES[name] for name in configuration.reports)
        console.print(f"\nreports are in {configuration.report_dir}: {names}", markup=False, soft_wrap=True)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Nothing interrupts the reports: a pipeline that is cancelled sends a second signal after the first."""
    if current_thread() is not main_thread():
        yield
        return
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
