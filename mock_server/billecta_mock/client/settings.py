"""How a world behaves."""

from collections.abc import Mapping
from typing import Any, Unpack

from billecta_mock.client.connection import Connection
from billecta_mock.client.errors import is_explained
from billecta_mock.client.forms import SettingsChange

__tracebackhide__ = is_explained


class Settings:
    """The settings of a world."""

    def __init__(self, connection: Connection, database: str) -> None:
        self._connection = connection
        self._path = ("worlds", database, "settings")

    def read(self) -> Mapping[str, Any]:
        """All of them, as they are now."""
        settings: Mapping[str, Any] = self._connection.ask("GET", *self._path)
        return settings

    def change(self, **changes: Unpack[SettingsChange]) -> Mapping[str, Any]:
        """Change those that are named; payments that exist keep the life they were made with."""
        settings: Mapping[str, Any] = self._connection.ask("PATCH", *self._path, body=changes)
        return settings
