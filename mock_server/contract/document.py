"""The contract's document: the one that ships with the mock, or a user's variant of it from a file."""

from pathlib import Path
from typing import Any

import yaml

import spec


class SpecFileError(ValueError):
    """A file of `--spec-file` that cannot be served. The text is one sentence: which file, where in it, and why."""


def load_contract(file: Path | None) -> dict[str, Any]:
    """The OpenAPI document of this file, or the shipped one; references not resolved. Raises SpecFileError."""
    if file is None:
        return spec.load_openapi()
    document = _parse(_read(file), file)
    if not isinstance(document, dict):
        raise SpecFileError(f"{file}: an OpenAPI document is an object; this is none")
    return document


def _read(file: Path) -> str:
    if file.exists() and not file.is_file():
        raise SpecFileError(f"{file}: this is no regular file; name an OpenAPI document in YAML or JSON")
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise SpecFileError(f"{file}: byte {error.start} is not UTF-8; save the file as UTF-8") from None
    except OSError as error:
        raise SpecFileError(f"{file}: the spec file cannot be read: {error.strerror}") from None


def _parse(text: str, file: Path) -> Any:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return yaml.load(text, Loader=loader)  # noqa: S506 — a safe loader, see above
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise SpecFileError(f"{file}{line}: this is not YAML: {error.problem}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise SpecFileError(f"{file}: this is not YAML: {' '.join(str(error).split())}") from None
