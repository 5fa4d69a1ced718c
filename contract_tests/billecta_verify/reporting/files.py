"""The reports as files: each is written whole or not at all, and one that fails does not keep the others back."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from billecta_verify.config.errors import FailureError
from billecta_verify.config.options import JSON_REPORT, REPORT_FILES
from billecta_verify.reporting.model import SCHEMA_VERSION, CheckResult, ClauseResult, Result

SCHEMA_FILE: Final = Path(__file__).with_name("report.schema.json")


def document(result: Result) -> dict[str, Any]:
    """The result as JSON-ready data."""
    return {
        "schema_version": SCHEMA_VERSION,
        "verdict": result.verdict.value,
        "interrupted": result.interrupted,
        "key_accepted": result.key_accepted,
        "cause": result.cause,
        "started": result.started,
        "seconds": round(result.seconds, 3),
        "seed": result.seed,
        "target": dict(result.target),
        "tools": dict(result.tools),
        "counts": asdict(result.counts),
        "clauses": [_clause(item) for item in result.clauses],
        "checks": [_check(item) for item in result.checks],
        "findings": [_plain(asdict(item)) for item in result.findings],
        "baseline": None if result.baseline is None else _plain(asdict(result.baseline)),
        "observed_profile": None if result.observed_profile is None else _plain(asdict(result.observed_profile)),
    }


def render(result: Result) -> str:
    """The text of report.json."""
    return json.dumps(document(result), indent=2, ensure_ascii=False) + "\n"


def _clause(item: ClauseResult) -> dict[str, Any]:
    return {
        "id": item.clause.id,
        "level": item.clause.level.value,
        "promise": item.clause.promise,
        "verdict": item.verdict.value,
        "known": item.is_known,
        "evidence": item.evidence,
        "checks": [check.id for check in item.checks],
    }


def _check(item: CheckResult) -> dict[str, Any]:
    members = asdict(item)
    del members["finding"]
    return {**members, "seconds": round(item.seconds, 3)}


def _plain(value: Any) -> Any:
    """The same with lists for tuples, however deep."""
    if isinstance(value, Mapping):
        return {name: _plain(member) for name, member in value.items()}
    return [_plain(member) for member in value] if isinstance(value, list | tuple) else value


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
    text: str = import_module(f"billecta_verify.reporting.{name}").render(result)
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
