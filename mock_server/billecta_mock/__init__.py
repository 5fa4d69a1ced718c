"""A mock server for the API of limepkg-billecta-integration, and its client.

    from billecta_mock import MockServer

    with MockServer() as server:
        ...

Each name is imported when it is first used: a pytest plugin of this package is loaded in every project that has it
installed, and must cost nothing there.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from billecta_mock.client import (
        MockClient,
        WorldClient,
        at_least,
        at_most,
        between,
        ends,
        exactly,
        never,
        never_answers,
        pays,
        refuses,
        responds,
        waits,
    )
    from billecta_mock.config import Settings
    from billecta_mock.domain.payments import Progression
    from billecta_mock.server.runner import MockServer

_HOMES: Final = {
    "MockServer": "billecta_mock.server.runner",
    "Progression": "billecta_mock.domain.payments",
    "Settings": "billecta_mock.config",
}
_CLIENT: Final = "billecta_mock.client"

__all__ = [
    "MockClient",
    "MockServer",
    "Progression",
    "Settings",
    "WorldClient",
    "at_least",
    "at_most",
    "between",
    "ends",
    "exactly",
    "never",
    "never_answers",
    "pays",
    "refuses",
    "responds",
    "waits",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used (PEP 562)."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES.get(name, _CLIENT)), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
