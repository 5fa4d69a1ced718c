"""A running mock server, for tests that make several worlds there.

mock = MockClient("http://127.0.0.1:8080")
with mock.new_world() as world:
world.requests.assert_sequence(...)
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

from billecta_mock.client.connection import Connection, is_explained
from billecta_mock.client.world import WorldClient

__tracebackhide__ = is_explained


class MockClient:
    """A running mock server, which may be shared: the worlds that are made by it have names of their own."""

    def __init__(
        self,
        origin: str,
        *,
        token: str | None = None,
        ca_file: Path | str | None = None,
        client_file: Path | str | None = None,
    ) -> None:
        """Nothing is sent yet. Raises ValueError.

        `ca_file` is what a client must trust where the mock serves https, `client_file` the certificate, with its key,
        that it must show where the mock asks for one.
        """
        self._connection = Connection(origin, token, ca_file, client_file)
        self.origin = self._connection.origin
        self._token = token
        self.ca_file = ca_file
        self.client_file = client_file

    def check(self) -> None:
        """Raise UnreachableError where no mock server answers there, ControlError where it does not let us in."""
        self._connection.ask("GET", "health")
        self._connection.ask("GET", "bundles")

    def world(self, database: str, *, seed: Mapping[str, Any] | None = None, replace: bool = False) -> WorldClient:
        """The world of this name; not made yet, see WorldClient."""
        return WorldClient(
            self.origin,
            database,
            token=self._token,
            ca_file=self.ca_file,
            client_file=self.client_file,
            seed=seed,
            replace=replace,
        )

    def new_world(self, *, seed: Mapping[str, Any] | None = None, prefix: str = "test") -> WorldClient:
        """A world with a name that no other has, to be used as a context manager."""
        return self.world(f"{prefix}-{uuid4().hex[:12]}", seed=seed, replace=True)

    def close(self) -> None:
        """Let go of open connections."""
        self._connection.close()
