"""billecta-mock as a process of its own, for a verification without a target.

Only its command line is known here: the verifier shares no code with what it verifies but the contract.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import Any, Final

from billecta_verify.config.phones import FICTION
from billecta_verify.config.target import Target
from billecta_verify.fixtures.deployment import UnreachableError

_START_LIMIT: Final = 30.0
_STOP_LIMIT: Final = 5.0
_POLL: Final = 0.02

_SAMPLE_WORLD: Final[Mapping[str, Any]] = {
    "api_key": "ABC123",
    "limited_key": "SALES-KEY",
    "read_only_key": "READ-ONLY-KEY",
    "denied_key": "NO-ACCESS-KEY",
    "invoice_id": "1001",
    "hidden_invoice_id": "123",
    "action_id": "action123",
    "payments": 8,
    "phones": FICTION[:8],
}
"""What the sample data of the mock holds."""


def mock_target(origin: str, limits: Mapping[str, Any]) -> Target:
    """The sample world of a mock as a target; `limits` are the user's: seed, time limit, rate, requests."""
    return Target(base_url=f"{origin}/database/limepkg-billecta-integration", **{**_SAMPLE_WORLD, **limits})


class MockProcess:
    """Starts the mock on a free port and stops it by its own process id."""

    def __init__(self, arguments: Sequence[str] = ()) -> None:
        self._arguments = list(arguments)
        self._process: subprocess.Popen[bytes] | None = None
        self._directory: TemporaryDirectory[str] | None = None

    def start(self) -> str:
        """Start and wait; returns the origin, such as `http://127.0.0.1:40001`. Raises UnreachableError."""
        self._directory = TemporaryDirectory(prefix="billecta-verify-")
        folder = Path(self._directory.name)
        ready_file, errors = folder / "ready", folder / "errors"
        command = [sys.executable, "-m", "billecta_mock", "--host", "127.0.0.1", "--port", "0"]
        with errors.open("wb") as stderr:
            # A session of its own: Ctrl-C reaches the verifier alone, which then stops the mock in good order.
            self._process = subprocess.Popen(  # noqa: S603 — our own interpreter and module
                [*command, "--ready-file", str(ready_file), *self._arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                start_new_session=True,
            )
        return self._awaited(self._process, ready_file, errors)

    def stop(self) -> None:
        """Stop the process, whatever state it is in."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(_STOP_LIMIT)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        if self._directory is not None:
            self._directory.cleanup()
            self._directory = None

    def __enter__(self) -> str:
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _awaited(self, process: subprocess.Popen[bytes], ready_file: Path, errors: Path) -> str:
        deadline = monotonic() + _START_LIMIT
        while monotonic() < deadline:
            if ready_file.exists() and (origin := ready_file.read_text(encoding="utf-8").strip()):
                return origin.rstrip("/")
            if process.poll() is not None:
                last_line = errors.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
                raise UnreachableError(f"billecta-mock did not start: {' '.join(last_line) or 'it said nothing'}")
            sleep(_POLL)
        raise UnreachableError(f"billecta-mock was not ready within {_START_LIMIT:.0f} s")
