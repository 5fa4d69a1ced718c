"""Runs the checks with pytest, quietly, and returns the result."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from billecta_verify.config.errors import FailureError
from billecta_verify.config.target import Target
from billecta_verify.fixtures.deployment import preflight
from billecta_verify.reporting.model import Result
from billecta_verify.reporting.summary import FAILED_BY_ITSELF
from billecta_verify.runner.collector import Listener, RunCollector
from billecta_verify.runner.run_context import RUN_KEY, purpose_of
from billecta_verify.transport.client import Transport

_CHECKS: Final = Path(__file__).parents[1] / "checks"
_UNWANTED_PLUGINS: Final = (
    "terminal", "capture", "cacheprovider", "warnings", "faulthandler", "logging", "junitxml", "doctest", "unittest",
    "nose", "pastebin", "debugging", "stepwise", "threadexception", "unraisableexception",
)  # fmt: skip
_ARGUMENTS: Final = (
    "-c", os.devnull, "--rootdir", str(_CHECKS), "--noconftest", "--disable-plugin-autoload", "--assert=plain",
    "--import-mode=importlib", "-p", "billecta_verify.runner.plugin",
    *(argument for name in _UNWANTED_PLUGINS for argument in ("-p", f"no:{name}")),
)  # fmt: skip
"""pytest without anything of the user's: his settings must not change a verdict, nor its own output reach him."""


class RunnerError(FailureError):
    """pytest itself could not run the checks; `result` is what was known by then."""

    def __init__(self, reason: str, result: Result) -> None:
        super().__init__(reason)
        self.result = result


class _Seat:
    """Puts the verification where the plugin looks for it, and leaves out the checks of other clauses."""

    def __init__(self, run_collector: RunCollector, clauses: Collection[str] | None) -> None:
        self._run_collector = run_collector
        self._clauses = clauses

    def pytest_configure(self, config: pytest.Config) -> None:
        config.stash[RUN_KEY] = self._run_collector

    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Modules without a wanted clause are not imported: a run of one clause takes half the time.

        pytest asks of everything in the folders above as well, which is for others to say.
        """
        if self._clauses is None or collection_path.parent != _CHECKS or collection_path.suffix != ".py":
            return None
        text = _text_of(collection_path)
        return None if any(f'"{clause}"' in text for clause in self._clauses) else True

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        if self._clauses is not None:
            items[:] = [item for item in items if _clause_of(item) in self._clauses]


def run(target: Target, listener: Listener | None = None, *, clauses: Collection[str] | None = None) -> Result:
    """Verify a deployment, on some clauses or on all. Raises UnreachableError when it cannot be reached at all.

    An interruption ends the run early; what is known so far is the result.
    """
    run_collector = RunCollector(Transport(target), listener)
    preflight(run_collector.transport)
    return run_checks(run_collector, clauses)


def run_checks(run_collector: RunCollector, clauses: Collection[str] | None = None) -> Result:
    """Run the checks of an open verification."""
    with _without_pytest_variables():
        status = pytest.main([*_ARGUMENTS, str(_CHECKS)], plugins=[_Seat(run_collector, clauses)])
    run_collector.transport.close()
    if status not in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED}:
        known = replace(run_collector.result(interrupted=True), cause=FAILED_BY_ITSELF)
        raise RunnerError(f"the checks could not be run (pytest ended with {status})", known)
    return run_collector.result(interrupted=status == pytest.ExitCode.INTERRUPTED)


@cache
def _text_of(module: Path) -> str:
    return module.read_text(encoding="utf-8")


def _clause_of(item: pytest.Item) -> str | None:
    purpose = purpose_of(item)
    return purpose.clause if purpose else None


@contextmanager
def _without_pytest_variables() -> Iterator[None]:
    hidden = {name: os.environ.pop(name) for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS") if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(hidden)
