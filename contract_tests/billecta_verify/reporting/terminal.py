"""What the terminal shows: the plan, progress, the table by clause, the findings, a closing line."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from rich import progress as bars
from rich.console import Console
from rich.text import Text

from billecta_verify.reporting.model import BaselineUse, CheckResult, Finding, Level, Outcome, Result, Verdict
from billecta_verify.reporting.summary import (
    Group,
    advice,
    grouped,
    headline,
    name_of,
    needed,
    took,
    warning_on,
    word_of,
)
from billecta_verify.reporting.text import UNBOUNDED, Cell, lines, plural, table
from billecta_verify.transport.exchange import Effect

_MARGIN: Final = " " * 12
_SHOWN_VARIANTS: Final = 3
_STYLES: Final = {
    Outcome.PASSED: "green",
    Outcome.FAILED: "bold red",
    Outcome.INCONCLUSIVE: "yellow",
    Outcome.NOT_EXERCISED: "dim",
}
_VERDICT_STYLES: Final = {
    Verdict.CONFORMS: "bold green",
    Verdict.KNOWN: "bold green",
    Verdict.DOES_NOT_CONFORM: "bold red",
    Verdict.INCONCLUSIVE: "bold yellow",
    Verdict.INTERRUPTED: "bold yellow",
}
_LOOKING_BACK: Final = "looking back at the run"


class SteadyConsole(Console):
    """Falls silent when its reader goes away (`| head`): a run is verified to its end, and its status stays true."""

    def on_broken_pipe(self) -> None:
        """Let what is still printed, by whomever, go nowhere."""
        self.quiet = True
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def open_console(*, no_color: bool) -> Console:
    """Standard output: a terminal with its width, anything else without one."""
    width = None if sys.stdout is not None and sys.stdout.isatty() else UNBOUNDED
    return SteadyConsole(width=width, no_color=no_color or None, highlight=False)


def known_blocks(result: Result, width: int) -> Iterator[Text]:
    """The findings that are known, then what of the baseline has to be mended."""
    use = result.baseline
    if use is None:
        return
    if use.force:
        yield Text("\n" + lines(_forced(use), width), style="bold yellow")
    known = [finding for finding in result.findings if finding.known]
    if known:
        yield Text("\n" + lines(_covered(use), width), style="bold")
        for finding in known:
            yield Text("  " + lines(_one(finding), width - 4, indent="    "), style="yellow")
    if use.notes:
        yield Text(
            f"\n{plural(len(use.notes), 'entry').replace('entrys', 'entries')} of {use.file} to look at:", "bold"
        )
    for note in use.notes:
        yield Text(
            "  " + lines(f"{note.kind}: {note.check} ({note.fingerprint}), {note.text}", width - 4, indent="    ")
        )


def _covered(use: BaselineUse) -> str:
    return f"{plural(use.covered, 'known deviation')}, accepted in {use.file}:"


def _forced(use: BaselineUse) -> str:
    covers = f"{plural(use.forced, 'finding')} of authentication or masking"
    return f"--force was used: the baseline covers {covers}, which it would not cover otherwise"


def _one(finding: Finding) -> str:
    if finding.known is None:
        return finding.check
    accepted = f"until {finding.known.expires}: {finding.known.reason}"
    return f"{finding.clause} {finding.check} {accepted} ({finding.observed})"


def show(result: Result, console: Console) -> None:
    """Everything that is said at the end but the closing line. A curl line stays one line, however long."""
    console.print(clause_table(result, console.width), soft_wrap=True)
    groups = grouped(finding for finding in result.findings if finding.known is None)
    blocks = [finding_block(number, group, console.width) for number, group in enumerate(groups, start=1)]
    known = known_blocks(result, console.width)
    for text in (*blocks, *known, *_where_to_begin(result, groups, console.width), *_advice(result, console.width)):
        console.print(text, soft_wrap=True)


def clause_table(result: Result, width: int) -> Text:
    """Each clause with its verdict, its level and the evidence. A reason that stands above is not said again."""
    said: dict[str, str] = {}
    rows = []
    for item in result.clauses:
        word = word_of(item)
        style = "yellow" if word in {"known", "warning"} else _STYLES[item.verdict]
        evidence = item.evidence
        if item.checks and item.verdict in {Outcome.INCONCLUSIVE, Outcome.NOT_EXERCISED}:
            first = said.setdefault(evidence, item.clause.id)
            evidence = evidence if first == item.clause.id else f"as {first}"
        rows.append([Cell(item.clause.id), Cell(word, style), Cell(item.clause.level.value), Cell(evidence)])
    return table(("clause", "verdict", "level", "evidence"), rows, width)


def finding_block(number: int, group: Group, width: int) -> Text:
    """Findings alike: what was promised, what was seen, what it rests on, and how to see each again."""
    finding, count = group.first, len(group.findings)
    word = "warning" if finding.level is Level.ADVICE else "finding"
    several = f", {count} checks" if count > 1 else ""
    prose = [
        ("expected", finding.expected),
        ("observed", finding.observed),
        *(("the page", f"“{words}”") for words in finding.rests_on),
        *([("inferred", finding.reason)] if finding.reason else []),
    ]
    text = Text.assemble("\n", (f"{word} {number}: {finding.clause} ({finding.level.value}{several})", "bold"))
    for label, value in prose:
        _add(text, label, lines(value, width - len(_MARGIN)).replace("\n", "\n" + _MARGIN))
    for variant in group.findings[:_SHOWN_VARIANTS]:
        _add(text, "check", lines(name_of(variant), width - len(_MARGIN)).replace("\n", "\n" + _MARGIN))
        if variant.curl:
            _add(text, "repeat", variant.curl)
        if warning_on(variant):
            _add(text, "", f"({warning_on(variant)})")
    if count > _SHOWN_VARIANTS:
        _add(text, "", f"and {count - _SHOWN_VARIANTS} more, each in report.json (--report-dir)")
    return text


def _add(text: Text, label: str, value: str) -> None:
    text.append(f"\n  {label:<10}", style="dim").append(value)


def progress_line(done: int, total: int, check: CheckResult) -> Text:
    """One line for a log as a check ends."""
    width = len(str(total))
    return Text.assemble(
        f"[{done:>{width}}/{total}] ",
        (f"{check.outcome.value:<13}", _STYLES[check.outcome]),
        f" {check.clause:<9} {check.title}",
    )


def closing_line(result: Result, width: int) -> Text:
    """The last line: the verdict, why if there is one reason for it, and what it took."""
    said = lines(f"{headline(result)} ({took(result)})", width)
    size = len(result.verdict.value)
    return Text.assemble("\n", (said[:size], _VERDICT_STYLES[result.verdict]), said[size:])


def _where_to_begin(result: Result, groups: Sequence[Group], width: int) -> Iterator[Text]:
    said = advice(result, groups)
    if said:
        yield Text.assemble("\n", ("what to do: ", "bold"), lines(said, width - len("what to do: ")))


def _advice(result: Result, width: int) -> Iterator[Text]:
    if result.counts.unexpected_payments:
        warning = (
            f"{plural(result.counts.unexpected_payments, 'payment request')} may exist that nobody asked for: the "
            "deployment accepted what it had to refuse. They went to numbers reserved for fiction."
        )
        yield Text("\n" + lines(warning, width), style="bold yellow")
    if result.counts.rate_limited:
        yield Text(f"\nThe deployment limited the rate {plural(result.counts.rate_limited, 'time')}; the run waited.")
    missing = needed(result)
    if missing:
        yield Text("\nNot everything was exercised. To go further, supply:", style="bold")
        yield Text("\n".join("  " + lines(need, width - 4, indent="    ") for need in missing))


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
        if not self._bar.disable:  # rich 13 ends even a bar that was never shown with an empty line
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


@dataclass(frozen=True, slots=True)
class Plan:
    """The result of a rehearsal, and what was sent before the first check."""

    rehearsal: Result
    preflight_requests: int

    @property
    def checks(self) -> tuple[CheckResult, ...]:
        """The checks that would be exercised, in the order of the register."""
        return tuple(check for check in self.rehearsal.checks if check.outcome is not Outcome.NOT_EXERCISED)

    @property
    def refused_creates(self) -> int:
        """How many creates would be sent that have to be refused."""
        creates = [sent for sent in self.rehearsal.sent if sent.method == "POST" and "/payments/" in sent.url]
        return len(creates) - self.rehearsal.counts.payments

    @property
    def left_out(self) -> tuple[CheckResult, ...]:
        """The checks that cannot be exercised with what is supplied."""
        return tuple(check for check in self.rehearsal.checks if check.outcome is Outcome.NOT_EXERCISED)


def plan_summary(plan: Plan, width: int) -> Text:
    """The total, then each check with its clause, its effect and how much it would send."""
    rows = [_row("", Effect.READ.value, plan.preflight_requests, 0, "preflight: is anything there?")]
    rows += [
        _row(check.clause, check.effect.value, check.requests, check.payments, check.title) for check in plan.checks
    ]
    shown = table(("clause", "effect", "requests", "payments", "check"), rows, width)
    return Text("\n").join([*_total(plan, width), Text(), shown, *_left_out(plan, width)])


def _row(clause: str, effect: str, requests: int, payments: int, check: str) -> list[Cell]:
    return [Cell(clause), Cell(effect), Cell(f"{requests:>8}"), Cell(f"{payments:>8}"), Cell(check)]


def _total(plan: Plan, width: int) -> list[Text]:
    counts = plan.rehearsal.counts
    refusable = sum(check.requests for check in plan.checks if check.effect is Effect.NONE)
    sentences = (
        f"A conforming deployment would get {plural(counts.requests, 'request')}, {counts.payments} of them to make a "
        f"payment. {refusable} must be refused, among them {plural(plan.refused_creates, 'create')} (POST) on numbers "
        "reserved for fiction; a deployment that accepts one is not asked the same kind again. Nothing was sent."
    )
    return [Text(lines(sentences, width), style="bold")]


def _left_out(plan: Plan, width: int) -> list[Text]:
    reasons = dict.fromkeys(check.reason for check in plan.left_out if check.reason)
    if not reasons:
        return []
    shown = [Text("  " + lines(reason, width - 4, indent="    ")) for reason in reasons]
    return [Text(), Text("Not exercised; to go further, supply:"), *shown]
