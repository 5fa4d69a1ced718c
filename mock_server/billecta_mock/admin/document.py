"""The control API's own OpenAPI document."""

from pathlib import Path
from typing import Any, cast

import yaml


def load_admin_openapi() -> dict[str, Any]:
    """The document, references not resolved."""
    text = Path(__file__).with_name("openapi.yaml").read_text(encoding="utf-8")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return cast("dict[str, Any]", yaml.load(text, Loader=loader))  # noqa: S506 — a safe loader, see above
