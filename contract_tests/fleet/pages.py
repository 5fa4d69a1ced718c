"""The overview as Markdown, for the summary of a job, and as one HTML page that needs no network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from jinja2 import Environment, StrictUndefined

from contract_tests.fleet.table import WORDS
from contract_tests.report.markdown import escaped

if TYPE_CHECKING:
    from contract_tests.fleet.overview import Overview, Row

_TEMPLATE: Final = Path(__file__).with_name("overview.html.jinja")
_SIGNS: Final = {
    "passed": "✅",
    "failed": "❌",
    "known": "☑️",
    "warning": "⚠️",
    "inconclusive": "❔",
    "not exercised": "·",
    "": "",
}


def markdown(overview: Overview) -> str:
    """The text of overview.md."""
    judged = [row for row in overview.rows if row.clauses]
    return "\n".join(
        [
            f"## {escaped(overview.tally)}",
            "",
            "| deployment | verdict | why |",
            "|---|---|---|",
            *(f"| {_name(row)} | {row.state} | {escaped(row.said or '')} |" for row in overview.rows),
            "",
            f"| clause | {' | '.join(escaped(row.name) for row in judged)} |",
            "|---|" + ":-:|" * len(judged),
            *(
                f"| {clause.id} | {' | '.join(_SIGNS[row.clauses.get(clause.id, '')] for row in judged)} |"
                for clause in overview.clauses
                if judged
            ),
            "",
            ", ".join(f"{sign} {state}" for state, sign in _SIGNS.items() if state),
            "",
        ]
    )


def html(overview: Overview) -> str:
    """The text of overview.html. Whatever is filled in is escaped."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True)
    template = environment.from_string(_TEMPLATE.read_text(encoding="utf-8"))
    judged = [row for row in overview.rows if row.clauses]
    return template.render(overview=overview, judged=judged, words=WORDS)


def _name(row: Row) -> str:
    return f"[{row.name}]({row.name}/)" if row.report else row.name
