"""What the terminal shows, as rich renderables: a table by clause, the findings, and a closing line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from rich.console import Console
from rich.text import Text

from billecta_verify.report.curl import warning_on
from billecta_verify.report.groups import Group, grouped, name_of
from billecta_verify.report.known import known_blocks
from billecta_verify.report.layout import Cell, lines, plural, table
from billecta_verify.report.model import CheckResult, Level, Outcome, Result, Verdict
from billecta_verify.report.summary import advice, headline, needed, took, word_of

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
