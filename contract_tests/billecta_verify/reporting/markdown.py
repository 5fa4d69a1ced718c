"""report.md for the page of a pipeline's job, and what a workflow of GitHub Actions shows besides: annotations."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from billecta_verify.reporting.model import ClauseResult, Finding, Level, Outcome, Result, Verdict
from billecta_verify.reporting.sarif import DOCUMENT, place_of
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
from billecta_verify.reporting.text import plural

MOST: Final = 10
"""GitHub shows so many errors, and so many warnings, of a step."""


LARGEST: Final = 900_000
"""GitHub takes a mebibyte for the summaries of one step, and shows none of what is longer."""
_SIGNS: Final = {
    Verdict.CONFORMS: "✅",
    Verdict.KNOWN: "✅",
    Verdict.DOES_NOT_CONFORM: "❌",
    Verdict.INCONCLUSIVE: "⚠️",
    Verdict.INTERRUPTED: "⚠️",
}
_MEANING: Final = re.compile(r"[\\`*_{}\[\]<>#|~@&$!]|:(?=//)|(?<=www)\.", re.IGNORECASE)
"""What Markdown, HTML or GitHub make something of within a line: emphasis, links, mentions, formulas, addresses."""
_WITHIN: Final = "GITHUB_ACTIONS"
_SUMMARY: Final = "GITHUB_STEP_SUMMARY"


def annotate(result: Result) -> str:
    """Workflow commands, one a line; empty where there is nothing to say."""
    lines = [_annotation(group) for group in grouped(result.findings)[:MOST]]
    unknown = sum(item.verdict is Outcome.INCONCLUSIVE for item in result.clauses)
    if unknown:
        said = f"{plural(unknown, 'clause')} inconclusive" + (f": {result.cause}" if result.cause else "")
        lines.append(f"::warning title=Not verified::{_text(said)}")
    return "".join(f"{line}\n" for line in lines)


def _annotation(group: Group) -> str:
    finding = group.first
    place = place_of(finding.clause, finding.operation)
    command = "notice" if finding.known else "warning" if finding.level is Level.ADVICE else "error"
    title = _property(f"{finding.clause}: {name_of(finding)}")
    message = _text(f"expected {finding.expected}; observed {finding.observed}")
    return f"::{command} file={DOCUMENT},line={place.line},title={title}::{message}"


def _text(text: str) -> str:
    """As the runner reads a message: percent signs and line ends stand for themselves only when they are encoded."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _text(text).replace(":", "%3A").replace(",", "%2C")


def render(result: Result) -> str:
    """The text of report.md."""
    groups = grouped(result.findings)
    sections = [
        f"## {_SIGNS[result.verdict]} {escaped(str(result.target['base_url']))}",
        f"**{escaped(headline(result))}**",
        escaped(took(result)),
        escaped(advice(result, [group for group in groups if group.first.known is None])),
        *[_finding(number, group) for number, group in enumerate(groups, start=1)],
        _by_area(result.clauses),
        _folded("Every clause", _every_clause(result.clauses)),
        _to_go_further(result),
    ]
    return _within_bounds([section for section in sections if section])


def escaped(text: str) -> str:
    """The text as nothing but text: every character that means something to Markdown or HTML as an entity."""
    return _MEANING.sub(lambda found: f"&#{ord(found[0])};", text)


def code(text: str) -> str:
    """The text in the type of code, where GitHub makes neither links nor mentions of it."""
    return f"<code>{escaped(text)}</code>"


def _finding(number: int, group: Group) -> str:
    finding, count = group.first, len(group.findings)
    word = "Known" if finding.known else "Warning" if finding.level is Level.ADVICE else "Finding"
    several = f", {count} checks" if count > 1 else ""
    rows = [
        ("expected", code(finding.expected)),
        ("observed", code(finding.observed)),
        *([("known", escaped(f"{finding.known.reason} (until {finding.known.expires})"))] if finding.known else []),
    ]
    table = "\n".join(["| | |", "|---|---|", *(f"| {label} | {value} |" for label, value in rows)])
    head = f"### {word} {number}: {finding.clause} ({finding.level.value}{several})"
    return f"{head}\n\n{table}\n\n{_folded('Evidence', _evidence(group))}"


def _evidence(group: Group) -> str:
    """A block of HTML: nothing in it can end it, for every character of meaning is an entity."""
    finding = group.first
    said = [f"The page: “{words}”" for words in finding.rests_on]
    said += [f"Inferred: {finding.reason}"] if finding.reason else []
    said += [f"Contract: {DOCUMENT}, line {place_of(finding.clause, finding.operation).line}"]
    items = [escaped(words) for words in said] + [_repeat(one) for one in group.findings]
    return "<ul>" + "".join(f"<li>{item}</li>" for item in items) + "</ul>"


def _repeat(finding: Finding) -> str:
    warning = f" ({warning_on(finding)})" if warning_on(finding) else ""
    return escaped(name_of(finding) + warning) + (f"<pre>{escaped(finding.curl)}</pre>" if finding.curl else "")


def _by_area(clauses: Sequence[ClauseResult]) -> str:
    """One row for each area of the contract."""
    areas: dict[str, Counter[Outcome]] = {}
    for item in clauses:
        areas.setdefault(item.clause.id.partition("-")[0], Counter())[item.verdict] += 1
    head = ["| area | " + " | ".join(Outcome) + " |", "|---|" + "---:|" * len(Outcome)]
    rows = [
        f"| {area} | " + " | ".join(str(tally[one] or "") for one in Outcome) + " |" for area, tally in areas.items()
    ]
    return "\n".join([*head, *rows])


def _every_clause(clauses: Sequence[ClauseResult]) -> str:
    rows = [
        f"| {item.clause.id} | {word_of(item)} | {item.clause.level.value} | {code(item.evidence)} |"
        for item in clauses
    ]
    return "\n".join(["| clause | verdict | level | evidence |", "|---|---|---|---|", *rows])


def _to_go_further(result: Result) -> str:
    missing = needed(result)
    if not missing:
        return ""
    return "\n".join(["To verify what was not exercised, supply:", "", *(f"- {escaped(one)}" for one in missing)])


def _folded(title: str, content: str) -> str:
    return f"<details><summary>{html.escape(title)}</summary>\n\n{content}\n\n</details>"


def _within_bounds(sections: Sequence[str]) -> str:
    """As many sections as there is room for; the first ones matter most."""
    taken = 0
    kept: list[str] = []
    for section in sections:
        taken += len(section.encode()) + 2
        if taken > LARGEST:
            return "\n\n".join([*kept, "More is in the other reports: this one is cut."]) + "\n"
        kept.append(section)
    return "\n\n".join(kept) + "\n"


def is_workflow(environ: Mapping[str, str]) -> bool:
    """Whether this runs in a workflow of GitHub Actions."""
    return environ.get(_WITHIN) == "true"


def summarise(result: Result, environ: Mapping[str, str]) -> list[str]:
    """Append the result to the summary of the step; returns why that could not be done, if it could not."""
    path = environ.get(_SUMMARY)
    if not path:
        return []
    try:
        with Path(path).open("a", encoding="utf-8") as summary:
            summary.write(render(result) + "\n")
    except OSError as error:
        return [f"the summary of the step ({_SUMMARY}) cannot be written: {error.strerror}"]
    return []
