"""The contract, as data: `openapi.yaml` and the clause register `clauses.yaml`.

This is all that the mock and the verifier share. Each call reads afresh, so a caller may change what it gets.
"""

from pathlib import Path
from typing import Any, Final, cast

import yaml

OPENAPI_FILE: Final = Path(__file__).with_name("openapi.yaml")
CLAUSES_FILE: Final = Path(__file__).with_name("clauses.yaml")

_Loader: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load_openapi() -> dict[str, Any]:
    """The OpenAPI document, references not resolved."""
    return cast("dict[str, Any]", _load(OPENAPI_FILE))


def load_clauses() -> list[dict[str, Any]]:
    """The clauses in the register's order: id, level, operations, promise, rests_on and, unless documented, reason."""
    return cast("list[dict[str, Any]]", _load(CLAUSES_FILE)["clauses"])


def _load(file: Path) -> Any:
    return yaml.load(file.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 — a safe loader, see above
