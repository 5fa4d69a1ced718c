"""What is needed to run the checks as a pytest suite, in an empty project, against small deployments."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from .cli.test_command_line import REAL_PHONE, described, environment
from .small_server import KEY, LIMITED_KEY, READ_ONLY_KEY

SECRETS = (KEY, LIMITED_KEY, READ_ONLY_KEY, REAL_PHONE)
Suite = Callable[..., subprocess.CompletedProcess[str]]

MINE = """
import pytest

def invoice(session, target, **headers):
    return session.get(f"{target.base_url}/fetch-invoice-pdf/{target.invoice_id}/", headers=headers)
"""
LOADS_THE_PLUGIN = 'pytest_plugins = ["billecta_verify.runner.plugin"]\n'


def suite_in(directory: Path) -> Suite:
    """Runs pytest in a directory with these arguments; variables are in its environment."""

    def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        plugins = ("--assert=plain", "-p", "no:cacheprovider", "-p", "no:schemathesis", "-p", "no:hypothesispytest")
        return subprocess.run(
            [sys.executable, "-m", "pytest", *plugins, *arguments],
            cwd=directory, env=environment(**variables), capture_output=True, text=True, timeout=200, check=False,
        )  # fmt: skip

    return run


def known(base_url: str, **changed: str) -> dict[str, str]:
    """All that is known of the small deployment but its address."""
    variables = {**described(base_url), **changed}
    return {name: value for name, value in variables.items() if name != "BILLECTA_BASE_URL" and value}


def outcome(done: subprocess.CompletedProcess[str]) -> str:
    return done.stdout.strip().splitlines()[-1]
