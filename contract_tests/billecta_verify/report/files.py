"""The reports as files: each is written whole or not at all, and one that fails does not keep the others back."""

from __future__ import annotations

from collections.abc import Collection
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from billecta_verify.config.errors import FailureError
from billecta_verify.config.options import JSON_REPORT, REPORT_FILES
from billecta_verify.report.json_report import render

if TYPE_CHECKING:
    from billecta_verify.report.model import Result


class ReportError(FailureError):
    """Reports could not be written; the text says which, and why."""


def discard_reports(directory: Path) -> None:
    """Remove the reports of an earlier run, and no other file, so that none is taken for one of this run.

    Raises ReportError.
    """
    for file in (directory / name for name in REPORT_FILES.values()):
        try:
            if file.is_file() or file.is_symlink():
                file.unlink()
        except OSError as error:
            raise ReportError(f"{file} of an earlier run cannot be removed: {error.strerror}") from error


def write_reports(result: Result, directory: Path, names: Collection[str]) -> list[str]:
    """Write the reports of these names into a directory that exists; returns why any could not be written."""
    failures = []
    for name in names:
        file = directory / REPORT_FILES[name]
        try:
            _write(file, _render(name, result))
        except OSError as error:
            failures.append(f"{file} cannot be written: {error.strerror}")
        except Exception as error:  # noqa: BLE001 — the other reports must not be lost with this one
            failures.append(f"{file} failed by itself ({type(error).__name__})")
    return failures


def _render(name: str, result: Result) -> str:
    """The text of a report. What it is made with is imported now: a run without reports needs none of it."""
    if name == JSON_REPORT:
        return render(result)
    text: str = import_module(f"billecta_verify.report.{name}").render(result)
    return text


def _write(path: Path, text: str) -> None:
    """Through another file, so that who reads the report meanwhile, or after an accident, finds a whole one."""
    draft = path.with_name(f".{path.name}.part")
    try:
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
