"""Annotations for a workflow of GitHub Actions: one for each finding, at its line of the OpenAPI document."""

from __future__ import annotations

from typing import Final

from billecta_verify.report.groups import Group, grouped, name_of
from billecta_verify.report.layout import plural
from billecta_verify.report.model import Level, Outcome, Result
from billecta_verify.report.places import DOCUMENT, place_of

MOST: Final = 10
"""GitHub shows so many errors, and so many warnings, of a step."""


def render(result: Result) -> str:
    """Workflow commands, one a line; empty where there is nothing to say."""
    lines = [_annotation(group) for group in grouped(result.findings)[:MOST]]
    unknown = sum(item.verdict is Outcome.INCONCLUSIVE for item in result.clauses)
    if unknown:
        said = f"{plural(unknown, 'clause')} inconclusive" + (f": {result.cause}" if result.cause else "")
        lines.append(f"::warning title=Not judged::{_text(said)}")
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
