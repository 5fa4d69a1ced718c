"""A whole run over several deployments: judged, shown, and written down."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from rich.text import Text

from billecta_verify.config.loader import UsageError
from billecta_verify.fleet import overview as report
from billecta_verify.fleet import pages
from billecta_verify.fleet.politeness import polite
from billecta_verify.fleet.running import MemberRun, run_members
from billecta_verify.fleet.table import overview_blocks

if TYPE_CHECKING:
    from rich.console import Console

    from billecta_verify.fleet.members import Fleet
    from billecta_verify.fleet.overview import Overview

_WRITTEN: Final = {"overview.json": report.render, "overview.md": pages.markdown, "overview.html": pages.html}


def judge_fleet(fleet: Fleet, console: Console) -> int:
    """Judge every deployment, show and write the overview, and return the exit status. Raises UsageError."""
    console.print(f"judging {len(fleet.members)} deployments, {fleet.parallel} at a time", markup=False)
    for note in _notes(fleet):
        console.print(f"note: {note}", markup=False, soft_wrap=True)
    with ExitStack() as cleanup:
        directory = _directory(fleet, cleanup)
        runs = run_members(
            polite(fleet.members, fleet.parallel),
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
        console.print(f"{name}: judging", markup=False, soft_wrap=True)
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
