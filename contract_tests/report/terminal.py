"""What the terminal shows, as rich renderables: a table by clause, the findings, and a closing line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from contract_tests.report.model import CheckResult, ClauseResult, Finding, Level, Outcome, Result, Verdict

_STYLES: Final = {
    Outcome.PASSED: "green",
    Outcome.FAILED: "bold red",
    Outcome.INCONCLUSIVE: "yellow",
    Outcome.NOT_EXERCISED: "dim",
}
_VERDICT_STYLES: Final = {
    Verdict.CONFORMS: "bold green",
    Verdict.DOES_NOT_CONFORM: "bold red",
    Verdict.INCONCLUSIVE: "bold yellow",
    Verdict.INTERRUPTED: "bold yellow",
}


def show(result: Result, console: Console) -> None:
    """Everything that is said at the end. Only the table is fitted to the width: a curl line stays one line."""
    console.print(clause_table(result))
    blocks = [finding_block(number, finding) for number, finding in enumerate(result.findings, start=1)]
    for text in (*blocks, *_advice(result), closing_line(result)):
        console.print(text, soft_wrap=True)


def clause_table(result: Result) -> Table:
    """Each clause with its verdict, its level and the evidence."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("clause", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    table.add_column("level", no_wrap=True)
    table.add_column("evidence", overflow="fold")
    for item in result.clauses:
        word = "warning" if item.is_warning else item.verdict.value
        style = "yellow" if item.is_warning else _STYLES[item.verdict]
        table.add_row(item.clause.id, Text(word, style=style), item.clause.level.value, Text(item.evidence))
    return table


def finding_block(number: int, finding: Finding) -> Text:
    """One finding: what was promised, what was seen, how to see it again, and what it rests on."""
    word = "warning" if finding.level is Level.ADVICE else "finding"
    lines = [
        ("expected", finding.expected),
        ("observed", finding.observed),
        *([("repeat", finding.curl)] if finding.curl else []),
        *(("the page", f"“{words}”") for words in finding.rests_on),
        *([("inferred", finding.reason)] if finding.reason else []),
        ("check", finding.check),
    ]
    text = Text.assemble("\n", (f"{word} {number}: {finding.clause} ({finding.level.value})", "bold"))
    for label, value in lines:
        text.append(f"\n  {label:<10}", style="dim").append(value)
    return text


def progress_line(done: int, total: int, check: CheckResult) -> Text:
    """One line for a log as a check ends."""
    width = len(str(total))
    return Text.assemble(
        f"[{done:>{width}}/{total}] ",
        (f"{check.outcome.value:<13}", _STYLES[check.outcome]),
        f" {check.clause:<9} {check.title}",
    )


def closing_line(result: Result) -> Text:
    """The verdict and what it took."""
    counts = result.counts
    took = (
        f"{_plural(counts.requests, 'request')}, {_plural(counts.payments, 'payment')}, "
        f"{result.seconds:.1f} s, seed {result.seed}"
    )
    text = Text.assemble("\n", (result.verdict.value, _VERDICT_STYLES[result.verdict]), f": {_tally(result)} ({took})")
    if result.interrupted:
        text.append("\nThe run was interrupted: clauses without a verdict were not reached.")
    return text


def _tally(result: Result) -> str:
    words = {
        "failed": sum(item.is_error for item in result.clauses),
        "inconclusive": _count(result, Outcome.INCONCLUSIVE),
        "passed": _count(result, Outcome.PASSED),
        "not exercised": _count(result, Outcome.NOT_EXERCISED),
        "warned of": sum(item.is_warning for item in result.clauses),
    }
    return f"{len(result.clauses)} clauses: " + ", ".join(f"{count} {word}" for word, count in words.items() if count)


def _count(result: Result, outcome: Outcome) -> int:
    return sum(item.verdict is outcome for item in result.clauses)


def _advice(result: Result) -> Iterator[Text]:
    if result.counts.unexpected_payments:
        yield Text(
            f"\n{_plural(result.counts.unexpected_payments, 'payment request')} may exist that nobody asked for: the "
            "deployment accepted what it had to refuse. They went to numbers reserved for fiction.",
            style="bold yellow",
        )
    if result.counts.rate_limited:
        yield Text(f"\nThe deployment limited the rate {_plural(result.counts.rate_limited, 'time')}; the run waited.")
    missing = _needed(result.clauses)
    if missing:
        yield Text("\nNot everything was exercised. To go further, supply:", style="bold")
        yield Text("\n".join(f"  {need}" for need in missing))


def _needed(clauses: tuple[ClauseResult, ...]) -> list[str]:
    reasons = (check.reason for item in clauses for check in item.checks if check.outcome is Outcome.NOT_EXERCISED)
    return list(dict.fromkeys(reason for reason in reasons if reason and reason.startswith("--")))


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
