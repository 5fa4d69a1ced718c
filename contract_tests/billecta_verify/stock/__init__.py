"""What users of stock schemathesis need to run `st run` on a deployment without harm: a configuration and hooks."""

from pathlib import Path
from typing import Final

from billecta_spec import OPENAPI_FILE

CONFIGURATION: Final = Path(__file__).parent / "schemathesis.toml"
DOCUMENT: Final = OPENAPI_FILE
