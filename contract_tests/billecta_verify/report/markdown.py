"""report.md: a short summary for the page of a pipeline's job, with the evidence folded."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from billecta_verify.report.curl import warning_on
from billecta_verify.report.groups import Group, grouped, name_of
from billecta_verify.report.model import ClauseResult, Finding, Level, Outcome, Result, Verdict
from billecta_verify.report.places import DOCUMENT, place_of
from billecta_verify.report.summary import advice, headline, needed, took, word_of

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
    return "\n".join(["To judge what was not exercised, supply:", "", *(f"- {escaped(one)}" for one in missing)])


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
