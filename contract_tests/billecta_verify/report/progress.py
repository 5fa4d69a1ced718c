"""Progress while a run lasts: a bar on a terminal, a line per group of checks in a log."""

from __future__ import annotations

from collections import Counter
from types import TracebackType
from typing import Final, Self

from rich import progress as bars
from rich.console import Console

from billecta_verify.report.model import CheckResult, Outcome
from billecta_verify.report.terminal import progress_line

_LOOKING_BACK: Final = "looking back at the run"


class Progress:
    """A listener that shows how far a run is. A check that found something is said at once."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._total = 0
        self._done = 0
        self._group = ""
        self._said: set[str] = set()
        self._tally: Counter[Outcome] = Counter()
        self._bar = bars.Progress(
            bars.TextColumn("{task.description}"),
            bars.BarColumn(),
            bars.MofNCompleteColumn(),
            bars.TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("starting", total=None)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._bar.stop()
        self._say_group()

    def run_started(self, checks: int) -> None:
        """So many checks are about to run."""
        self._total = checks
        self._bar.update(self._task, total=checks)

    def check_finished(self, check: CheckResult) -> None:
        """A check ended."""
        self._done += 1
        group = self._group_of(check)
        if group != self._group:
            self._say_group()
            self._group = group
        self._tally[check.outcome] += 1
        self._bar.update(self._task, completed=self._done, description=group)
        if check.outcome is Outcome.FAILED:
            self._console.print(progress_line(self._done, self._total, check), soft_wrap=True)

    def waiting(self, seconds: float) -> None:
        """The deployment has asked for a pause, and gets it now."""
        self._console.print(f"waiting {seconds:.0f} s, as the deployment asks (429)", soft_wrap=True)

    def _group_of(self, check: CheckResult) -> str:
        """The area of a check. Those that come back to an area at the end of the run are one group."""
        area = check.id.partition(".py")[0].removeprefix("test_").replace("_", " ")
        return _LOOKING_BACK if area in self._said and area != self._group else area

    def _say_group(self) -> None:
        self._said.add(self._group)
        if self._group and not self._console.is_terminal:
            words = ", ".join(f"{count} {outcome.value}" for outcome, count in self._tally.items())
            self._console.print(f"{self._group}: {words}", soft_wrap=True)
        self._tally.clear()
