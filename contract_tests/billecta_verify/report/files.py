"""The reports as files: each is written whole or not at all, and one that fails does not keep the others back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

from billecta_verify.failure import FailureError

if TYPE_CHECKING:
    from billecta_verify.report.model import Result

MACHINE: Final = "json"
"""The report that holds everything that the others show, and that programs read: it is always written."""


@dataclass(frozen=True, slots=True)
class Format:
    """A report: its file, and the module beside this one whose `render` makes its text."""

    file: str
    module: str

    def render(self, result: Result) -> str:
        """The text of the report. What it is made with is imported now: a run without reports needs none of it."""
        text: str = import_module(f"billecta_verify.report.{self.module}").render(result)
        return text


FORMATS: Final = {
    MACHINE: Format("report.json", "json_report"),
    "junit": Format("junit.xml", "junit"),
    "sarif": Format("report.sarif", "sarif"),
    "html": Format("report.html", "html"),
    "markdown": Format("report.md", "markdown"),
    "har": Format("report.har", "har"),
}


class ReportError(FailureError):
    """Reports could not be written; the text says which, and why."""


def formats(text: str) -> tuple[str, ...]:
    """The names in a list such as `html,sarif`, and the one that is always written. Raises ValueError."""
    names = {name.strip().lower() for name in text.split(",")}
    if not names <= set(FORMATS):
        raise ValueError(f"must be some of {', '.join(FORMATS)}, separated by commas")
    return tuple(name for name in FORMATS if name in names | {MACHINE})


def discard_reports(directory: Path) -> None:
    """Remove the reports of an earlier run, and no other file, so that none is taken for one of this run.

    Raises ReportError.
    """
    for file in (directory / item.file for item in FORMATS.values()):
        try:
            if file.is_file() or file.is_symlink():
                file.unlink()
        except OSError as error:
            raise ReportError(f"{file} of an earlier run cannot be removed: {error.strerror}") from error


def write_reports(result: Result, directory: Path, names: Collection[str]) -> list[str]:
    """Write the reports of these names into a directory that exists; returns why any could not be written."""
    failures = []
    for name in names:
        try:
            _write(directory / FORMATS[name].file, FORMATS[name].render(result))
        except OSError as error:
            failures.append(f"{directory / FORMATS[name].file} cannot be written: {error.strerror}")
        except Exception as error:  # noqa: BLE001 — the other reports must not be lost with this one
            failures.append(f"{directory / FORMATS[name].file} failed by itself ({type(error).__name__})")
    return failures


def _write(path: Path, text: str) -> None:
    """Through another file, so that who reads the report meanwhile, or after an accident, finds a whole one."""
    draft = path.with_name(f".{path.name}.part")
    try:
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
