"""A report.json of an earlier run, read to be compared."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from billecta_verify.config.loader import UsageError
from billecta_verify.reporting.files import SCHEMA_FILE
from billecta_verify.reporting.model import SCHEMA_VERSION

_NAME = "report.json"


def read_report(path: Path) -> dict[str, Any]:
    """The document in a file, or in the report.json of a directory. Raises UsageError."""
    file = path / _NAME if path.is_dir() else path
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(f"the report {file} does not exist: --report-dir DIR writes one") from None
    except OSError as error:
        raise UsageError(f"the report {file} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"the report {file} is not JSON: give a report.json of billecta-verify") from error
    _check(file, document)
    found: dict[str, Any] = document
    return found


def _check(file: Path, document: Any) -> None:
    version = document.get("schema_version") if isinstance(document, dict) else None
    if not isinstance(version, str):
        raise UsageError(f"the report {file} is no report.json of billecta-verify: it has no schema_version")
    if version != SCHEMA_VERSION:
        raise UsageError(
            f"the report {file} is of version {version[:10]}, and this program compares reports of version "
            f"{SCHEMA_VERSION}: judge again"
        )
    flaw = next(_validator().iter_errors(document), None)
    if flaw is not None:
        place = "/".join(map(str, flaw.instance_path)) or "the whole"
        raise UsageError(f"the report {file} is damaged: {place} is not as report.schema.json has it")


@cache
def _validator() -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))
