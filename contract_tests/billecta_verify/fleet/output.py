"""The overview of several deployments: as a table on the terminal, as Markdown, as one HTML page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from jinja2 import Environment, StrictUndefined
from rich.console import Console
from rich.text import Text

from billecta_verify.config.errors import UsageError
from billecta_verify.fleet import overview as report
from billecta_verify.fleet.overview import Overview, Row
from billecta_verify.fleet.runner import MemberRun, run_members
from billecta_verify.fleet.targets import Fleet, share_rate_limit
from billecta_verify.reporting.markdown import escaped
from billecta_verify.reporting.text import lines

NOT_JUDGED: Final = "-"
WORDS: Final = {
    "passed": ("passed", "green"),
    "failed": ("FAILED", "bold red"),
    "known": ("known", "yellow"),
    "warning": ("warning", "yellow"),
    "inconclusive": ("unclear", "yellow"),
    "not exercised": ("·", "dim"),
    "": ("", ""),
}
"""What stands for the state of a clause, and its style. Nothing stands where a deployment was not verified."""

_GAP: Final = "  "
_STATE_STYLES: Final = {"conforms": "bold green", "known deviations only": "bold green", "does not conform": "bold red"}


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
    NOT_JUDGED: "not verified",
}
"""What the words and signs of the page stand for, where they do not say it themselves."""


def overview_blocks(overview: Overview, width: int) -> Iterator[Text]:
    """The table, in parts where the terminal is too narrow for all columns, then a line for each deployment."""
    judged = [row for row in overview.rows if row.clauses]
    first = max(len(clause.id) for clause in overview.clauses)
    for rows in _parts(judged, width - first):
        yield _table(overview, rows, first)
    size = max(len(row.name) for row in overview.rows)
    for row in overview.rows:
        yield _line(row, size, width)


def _parts(rows: Sequence[Row], room: int) -> Iterator[list[Row]]:
    part: list[Row] = []
    for row in rows:
        if part and sum(_size(item) for item in [*part, row]) > room:
            yield part
            part = []
        part.append(row)
    if part:
        yield part


def _size(row: Row) -> int:
    return len(_GAP) + max(len(row.name), *(len(word) for word, _ in WORDS.values()))


def _table(overview: Overview, rows: Sequence[Row], first: int) -> Text:
    shown = Text("clause".ljust(first), "bold")
    for row in rows:
        shown.append(_GAP + row.name.ljust(_size(row) - len(_GAP)), "bold")
    for clause in overview.clauses:
        shown.append("\n" + clause.id.ljust(first))
        for row in rows:
            word, style = WORDS[row.clauses.get(clause.id, "")]
            shown.append(_GAP).append(word.ljust(_size(row) - len(_GAP)), style)
    return shown.append("\n")


def _line(row: Row, size: int, width: int) -> Text:
    state = f"{row.name.ljust(size)}{_GAP}{row.verdict}"
    took = f" ({row.counts['requests']} requests, {row.counts['payments']} payments)" if row.counts else ""
    said = f": {row.said}" if row.said else ""
    text = Text(lines(f"{state}{said}{took}", width, indent=" " * (size + len(_GAP))))
    text.stylize(_STATE_STYLES.get(row.state, "bold yellow"), size + len(_GAP), len(state))
    return text


_TEMPLATE: Final = Path(__file__).with_name("overview.html.jinja")


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
            ", ".join(f"{sign} {state or 'not verified'}" for state, sign in _SIGNS.items()),
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


_WRITTEN: Final = {"overview.json": report.render, "overview.md": markdown, "overview.html": html}


def judge_fleet(fleet: Fleet, console: Console) -> int:
    """Verify every deployment, show and write the overview, and return the exit status. Raises UsageError."""
    console.print(f"verifying {len(fleet.members)} deployments, {fleet.parallel} at a time", markup=False)
    for note in _notes(fleet):
        console.print(f"note: {note}", markup=False, soft_wrap=True)
    with ExitStack() as cleanup:
        directory = _directory(fleet, cleanup)
        runs = run_members(
            share_rate_limit(fleet.members, fleet.parallel),
            fleet.parallel,
            directory,
            lambda name, run: _tell(console, name, run),
        )
        overview = report.overview_of(runs)
        _show(overview, console)
        if fleet.report_dir is not None:
            _write(overview, fleet.report_dir)
            console.print(f"\n{', '.join(_WRITTEN)} and a directory for each are in {fleet.report_dir}", markup=False)
    console.print(f"\n{overview.tally}", markup=False, soft_wrap=True)
    return overview.status


def _directory(fleet: Fleet, cleanup: ExitStack) -> Path:
    if fleet.report_dir is None:
        return Path(cleanup.enter_context(TemporaryDirectory(prefix="billecta-verify-")))
    try:
        fleet.report_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"the report directory {fleet.report_dir} cannot be made: {error.strerror}") from error
    return fleet.report_dir.absolute()


def _notes(fleet: Fleet) -> list[str]:
    """A phone takes one live request at a time: two deployments that ring the same one disturb each other."""
    rung: dict[str, list[str]] = {}
    for member in fleet.members:
        target = member.configuration.target if member.configuration else None
        if target is not None and target.payments:
            for phone in target.phones:
                rung.setdefault(phone, []).append(member.name)
    shared = {tuple(names) for names in rung.values() if len(names) > 1}
    return [f"{' and '.join(names)} share a phone, which takes one live request at a time" for names in sorted(shared)]


def _tell(console: Console, name: str, run: MemberRun | None) -> None:
    if run is None:
        console.print(f"{name}: verifying", markup=False, soft_wrap=True)
        return
    row = report.overview_of([run]).rows[0]
    said = f": {row.said}" if row.said else ""
    console.print(f"{name}: {row.verdict}{said} ({row.seconds:.1f} s)", markup=False, soft_wrap=True)


def _show(overview: Overview, console: Console) -> None:
    console.print()
    for block in overview_blocks(overview, console.width):
        console.print(block, soft_wrap=True)
    if overview.status:
        console.print(Text(f"exit status {overview.status}", "dim"))


def _write(overview: Overview, directory: Path) -> None:
    for name, render in _WRITTEN.items():
        try:
            (directory / name).write_text(render(overview), encoding="utf-8")
        except OSError as error:
            raise UsageError(f"{directory / name} cannot be written: {error.strerror}") from error
