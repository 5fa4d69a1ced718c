"""report.html: the result as one page that needs no network, for a reader on any device."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import Final

from jinja2 import Environment, StrictUndefined

from billecta_verify.reporting.model import ClauseResult, Finding, Outcome, Result, Verdict
from billecta_verify.reporting.sarif import DOCUMENT, place_of
from billecta_verify.reporting.summary import advice, grouped, headline, name_of, needed, took, warning_on, word_of
from billecta_verify.reporting.text import plural

_TEMPLATE: Final = Path(__file__).with_name("report.html.jinja")
_TONES: Final = {
    Verdict.CONFORMS: "passed",
    Verdict.KNOWN: "known",
    Verdict.DOES_NOT_CONFORM: "failed",
    Verdict.INCONCLUSIVE: "inconclusive",
    Verdict.INTERRUPTED: "inconclusive",
}


def render(result: Result) -> str:
    """The text of report.html. Whatever a deployment said is escaped."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True)
    template = environment.from_string(_TEMPLATE.read_text(encoding="utf-8"))
    groups = grouped(result.findings)
    return template.render(
        result=result,
        groups=groups,
        areas=_areas(result),
        outcomes=tuple(Outcome),
        tone=_TONES[result.verdict],
        headline=headline(result).partition(": "),
        took=took(result),
        advice=advice(result, [group for group in groups if group.first.known is None]),
        needed=needed(result),
        class_of=_class_of,
        word_of=word_of,
        name_of=name_of,
        warning_on=warning_on,
        place=_place,
        plural=plural,
    )


def _areas(result: Result) -> list[tuple[str, list[ClauseResult]]]:
    """The clauses by the first part of their ids, in the order of the register."""
    return [(area, list(items)) for area, items in groupby(result.clauses, lambda item: item.clause.id.split("-")[0])]


def _class_of(item: ClauseResult) -> str:
    return word_of(item).replace(" ", "-")


def _place(finding: Finding) -> str:
    place = place_of(finding.clause, finding.operation)
    return f"{DOCUMENT}, line {place.line}: {place.words}"
