"""billecta-verify in this process, with its own variables and in a directory of its own."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from billecta_verify.cli.main import main

from .small_server import KEY, LIMITED_KEY, READ_ONLY_KEY


@dataclass(frozen=True)
class Done:
    """How a run of the program ended."""

    returncode: int
    stdout: str
    stderr: str

    @property
    def words(self) -> str:
        """What was printed, in one line."""
        return " ".join(self.stdout.split())


@dataclass(frozen=True)
class Program:
    """Runs the program in a directory, with the variables that are given and none else that are the verifier's."""

    directory: Path
    monkeypatch: pytest.MonkeyPatch
    capture: pytest.CaptureFixture[str]

    def __call__(self, *arguments: str, **variables: str) -> Done:
        with self.monkeypatch.context() as patch:
            for name in [name for name in os.environ if name.startswith("BILLECTA_")]:
                patch.delenv(name)
            for name, value in variables.items():
                patch.setenv(name, value)
            patch.chdir(self.directory)
            status = main(arguments)
        return Done(status, *self.capture.readouterr())


def variables_for(base_url: str) -> dict[str, str]:
    """What the small deployment is verified with; nobody is asked to pay."""
    return {
        "BILLECTA_BASE_URL": base_url,
        "BILLECTA_API_KEY": KEY,
        "BILLECTA_LIMITED_KEY": LIMITED_KEY,
        "BILLECTA_READ_ONLY_KEY": READ_ONLY_KEY,
        "BILLECTA_INVOICE_ID": "1001",
        "BILLECTA_HIDDEN_INVOICE_ID": "2002",
        "BILLECTA_ACTION_ID": "action123",
    }
