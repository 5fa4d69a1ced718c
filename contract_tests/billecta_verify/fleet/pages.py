"""The overview as Markdown, for the summary of a job, and as one HTML page that needs no network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from jinja2 import Environment, StrictUndefined

from billecta_verify.fleet.table import NOT_JUDGED, WORDS
from billecta_verify.reporting.markdown import escaped

if TYPE_CHECKING:
    from billecta_verify.fleet.overview import Overview, Row

_TEMPLATE: Final = Path(__file__).with_name("overview.html.jinja")
_SIGNS: Final = {
    "passed": "✅",
    "failed": "❌",
    "known": "☑️",
    "warning": "⚠️",
    "inconclusive": "❔",
    "not exercised": "·",
    "": NOT_JUDGED,
}
_MEANINGS: Final = {
    WORDS["inconclusive"][0]: "inconclusive",
    WORDS["not exercised"][0]: "not exercised",
    NOT_JUDGED: "not judged",
}
"""What the words and signs of the page stand for, where they do not say it themselves."""


def markdown(overview: Overview) -> str:
    """The text of overview.md."""
    rows = overview.worst_first
    return "\n".join(
        [
            f"## {escaped(overview.tally)}",
            "",
            "| deployment | verdict | why |",
            "|---|---|---|",
            *(f"| {_name(row)} | {row.verdict} | {escaped(row.said or '')} |" for row in rows),
            "",
            f"| clause | {' | '.join(escaped(row.name) for row in rows)} |",
            "|---|" + ":-:|" * len(rows),
            *(
                f"| {clause.id} | {' | '.join(_SIGNS[row.clauses.get(clause.id, '')] for row in rows)} |"
                for clause in overview.clauses
            ),
            "",
            ", ".join(f"{sign} {state or 'not judged'}" for state, sign in _SIGNS.items()),
            "",
        ]
    )


def html(overview: Overview) -> str:
    """The text of overview.html. Whatever is filled in is escaped."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True)
    template = environment.from_string(_TEMPLATE.read_text(encoding="utf-8"))
    words = {state: word or NOT_JUDGED for state, (word, _) in WORDS.items()}
    return template.render(overview=overview, rows=overview.worst_first, words=words, meanings=_MEANINGS)


def _name(row: Row) -> str:
    return f"[{row.name}]({row.name}/)" if row.report else row.name
