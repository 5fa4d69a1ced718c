"""The run of a plain pytest: opened from flags, environment and target file, one for all of its processes."""

from __future__ import annotations

import os
import secrets
from difflib import get_close_matches
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pytest

from billecta_verify.config.errors import UsageError
from billecta_verify.config.loader import build_config, merge_sources
from billecta_verify.config.profiles import Profile
from billecta_verify.config.target import Target
from billecta_verify.fixtures.deployment import UnreachableError, preflight
from billecta_verify.reporting.model import clauses
from billecta_verify.runner.collector import RunCollector
from billecta_verify.runner.entry_point import OPTIONS_OF_PYTEST, destination
from billecta_verify.transport.budget import Budget, BudgetError, LocalBudget, SharedBudget
from billecta_verify.transport.client import Transport
from billecta_verify.transport.exchange import Effect, Purpose

RUN_KEY: Final = pytest.StashKey[RunCollector]()
WORKER_INPUT: Final = "billecta_account"
"""Where a worker of pytest-xdist is told which account it shares."""

_ACCOUNT: Final = pytest.StashKey[Budget]()
_CONTROLLER: Final = "the controller"
_FILE: Final = "account.sqlite"
_NO_TARGET: Final = (
    "no deployment to verify is given: set BILLECTA_BASE_URL and BILLECTA_API_KEY, or give --billecta-target-file; "
    "billecta-verify without any verifies the mock"
)
_NO_ACCOUNT: Final = (
    "the workers of pytest-xdist share no account, so nothing is sent: let the controller load the plugin as well, "
    "with -p billecta_verify.runner.plugin"
)


def get_run(config: pytest.Config, *, ask: bool = True) -> RunCollector:
    """The verification of the run, opened if it is not open yet. Raises pytest.UsageError with one sentence.

    With `ask` the deployment is asked once whether anything is there; a worker leaves that to its controller.
    """
    if RUN_KEY not in config.stash:
        try:
            run_collector = RunCollector(Transport(load_target(config), budget=budget_of(config)))
            if ask and not is_worker(config):
                preflight(run_collector.transport)
        except (UsageError, UnreachableError, BudgetError) as error:
            raise pytest.UsageError(str(error)) from error
        config.stash[RUN_KEY] = run_collector
    return config.stash[RUN_KEY]


def load_target(config: pytest.Config) -> Target:
    """The deployment that flags, environment and target file describe. Raises UsageError."""
    flags = {option.name: config.getoption(destination(option), None) for option in OPTIONS_OF_PYTEST}
    given = merge_sources(flags, os.environ)
    if "base_url" not in given:
        raise UsageError(_NO_TARGET)
    target = build_config(given, os.environ).target
    if target is None:
        raise UsageError(_NO_TARGET)
    return target


def profile_of(config: pytest.Config) -> Profile:
    """How much the run asks; standard where that cannot be known, for then nothing is asked at all."""
    if RUN_KEY in config.stash:
        return config.stash[RUN_KEY].transport.target.profile
    try:
        return load_target(config).profile
    except UsageError:
        return Profile.STANDARD


def is_worker(config: pytest.Config) -> bool:
    """Whether this process is a worker of pytest-xdist."""
    return hasattr(config, "workerinput")


def is_controller(config: pytest.Config) -> bool:
    """Whether this process hands the tests to workers of pytest-xdist."""
    return not is_worker(config) and config.getoption("dist", "no") != "no"


def budget_of(config: pytest.Config) -> Budget:
    """What the run has spent. Raises UsageError or AccountError for a worker that does not know."""
    if _ACCOUNT not in config.stash:
        if is_worker(config):
            config.stash[_ACCOUNT] = _shared(config)
        else:
            config.stash[_ACCOUNT] = _created(config) if is_controller(config) else LocalBudget()
    return config.stash[_ACCOUNT]


def _shared(config: pytest.Config) -> SharedBudget:
    worker_input: dict[str, Any] = vars(config)["workerinput"]
    if WORKER_INPUT not in worker_input:
        raise UsageError(_NO_ACCOUNT)
    told = worker_input[WORKER_INPUT]
    return SharedBudget(Path(told["path"]), bytes.fromhex(told["secret"]), worker_input["workerid"])


def _created(config: pytest.Config) -> SharedBudget:
    directory = TemporaryDirectory(prefix="billecta-")
    config.add_cleanup(directory.cleanup)
    budget = SharedBudget.create(Path(directory.name) / _FILE, secrets.token_bytes(), _CONTROLLER)
    config.add_cleanup(budget.close)
    return budget


def purpose_of(item: pytest.Item) -> Purpose | None:
    """Clause, effect and kind of a check; None for a test that is none."""
    marker = item.get_closest_marker("clause")
    if marker is None:
        return None
    return Purpose(
        check=f"{item.path.name}::{item.name}",
        clause=marker.args[0],
        effect=Effect(marker.kwargs.get("effect", Effect.READ)),
        kind=marker.kwargs.get("kind", ""),
    )


def flaw_of_marker(item: pytest.Item) -> str | None:
    """What is wrong with the `clause` marker of a test, in one sentence."""
    marker = item.get_closest_marker("clause")
    if marker is None:
        return None
    known = clauses()
    name = str(marker.args[0]) if marker.args else ""
    if name not in known:
        close = get_close_matches(name.upper(), known, n=1)
        advice = f"did you mean {close[0]}?" if close else "spec/billecta_spec/clauses.yaml has them all"
        return f"{item.nodeid} is marked with the clause {name!r}, which is not in the register: {advice}"
    effect = marker.kwargs.get("effect", Effect.READ)
    if effect not in set(Effect):
        return f"{item.nodeid} is marked with the effect {effect!r}: use one of {', '.join(Effect)}"
    return None
