"""What a workflow of GitHub Actions is told besides the reports: annotations, and the summary of its step."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from billecta_verify.report import markdown
from billecta_verify.report.annotations import render as annotated

__all__ = ["annotated", "is_workflow", "summarise"]

if TYPE_CHECKING:
    from billecta_verify.report.model import Result

_WITHIN: Final = "GITHUB_ACTIONS"
_SUMMARY: Final = "GITHUB_STEP_SUMMARY"


def is_workflow(environ: Mapping[str, str]) -> bool:
    """Whether this runs in a workflow of GitHub Actions."""
    return environ.get(_WITHIN) == "true"


def summarise(result: Result, environ: Mapping[str, str]) -> list[str]:
    """Append the result to the summary of the step; returns why that could not be done, if it could not."""
    path = environ.get(_SUMMARY)
    if not path:
        return []
    try:
        with Path(path).open("a", encoding="utf-8") as summary:
            summary.write(markdown.render(result) + "\n")
    except OSError as error:
        return [f"the summary of the step ({_SUMMARY}) cannot be written: {error.strerror}"]
    return []
