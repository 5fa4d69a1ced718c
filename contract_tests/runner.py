"""Runs the checks with pytest, quietly, and returns the result."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from contract_tests.judgement import Judgement, Listener
from contract_tests.plugin import JUDGEMENT
from contract_tests.preflight import preflight
from contract_tests.transport import Transport

if TYPE_CHECKING:
    from contract_tests.report.model import Result
    from contract_tests.target import Target

_CHECKS: Final = Path(__file__).parent
_UNWANTED_PLUGINS: Final = (
    "terminal", "capture", "cacheprovider", "warnings", "faulthandler", "logging", "junitxml", "doctest", "unittest",
    "nose", "pastebin", "debugging", "stepwise", "threadexception", "unraisableexception",
)  # fmt: skip
_ARGUMENTS: Final = (
    "-c", os.devnull, "--rootdir", str(_CHECKS), "--noconftest", "--disable-plugin-autoload", "--assert=plain",
    "--import-mode=importlib", "-p", "contract_tests.plugin",
    *(argument for name in _UNWANTED_PLUGINS for argument in ("-p", f"no:{name}")),
)  # fmt: skip
"""pytest without anything of the user's: his settings must not change a verdict, nor its own output reach him."""


class RunnerError(Exception):
    """pytest itself could not run the checks."""


class _Seat:
    """Puts the judgement where the plugin looks for it."""

    def __init__(self, judgement: Judgement) -> None:
        self._judgement = judgement

    def pytest_configure(self, config: pytest.Config) -> None:
        config.stash[JUDGEMENT] = self._judgement


def run(target: Target, listener: Listener | None = None) -> Result:
    """Judge a deployment. Raises Unreachable when it cannot be reached at all.

    An interruption ends the run early; what is known so far is the result.
    """
    judgement = Judgement(Transport(target), listener)
    preflight(judgement.transport)
    return run_checks(judgement)


def run_checks(judgement: Judgement) -> Result:
    """Run every check of an open judgement."""
    with _without_pytest_variables():
        status = pytest.main([*_ARGUMENTS, str(_CHECKS)], plugins=[_Seat(judgement)])
    judgement.transport.close()
    if status not in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED}:
        raise RunnerError(f"the checks could not be run (pytest ended with {status})")
    return judgement.result(interrupted=status == pytest.ExitCode.INTERRUPTED)


@contextmanager
def _without_pytest_variables() -> Iterator[None]:
    hidden = {name: os.environ.pop(name) for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS") if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(hidden)
