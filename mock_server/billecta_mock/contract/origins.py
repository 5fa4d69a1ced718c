"""Under which address a server was asked."""

import re
from typing import Final

from starlette.types import Scope

_HOST: Final = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_LOCAL: Final = ("127.0.0.1", None)


def read_origin(scope: Scope) -> str:
    """Scheme, host and port as the caller has them: by its Host header, or else by the address of the server."""
    sent = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
    return f"{scope.get('scheme', 'http')}://{sent if _HOST.fullmatch(sent) else _read_server(scope)}"


def _read_server(scope: Scope) -> str:
    host, port = scope.get("server") or _LOCAL
    name = f"[{host}]" if ":" in host else host
    return name if port is None else f"{name}:{port}"
