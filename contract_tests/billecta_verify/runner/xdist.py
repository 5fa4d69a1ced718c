"""The suite under pytest-xdist: one account for all workers, one worker for all checks.

The checks share what they observe and the payments that they make, so that they stay within the counts that are
promised; spread over workers, each would make its own. A user's own tests are spread as ever, under the same account.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from importlib import import_module
from pathlib import Path, PurePosixPath
from typing import Any, Final

import pytest

from billecta_verify.fixtures.diagnosis import Cause, cause
from billecta_verify.reporting.model import CheckResult
from billecta_verify.runner.check_results import from_json, to_json
from billecta_verify.runner.collector import RunCollector
from billecta_verify.runner.run_context import RUN_KEY, WORKER_INPUT, budget_of, get_run, is_controller
from billecta_verify.transport.budget import SharedBudget

FOLDER: Final = Path(__file__).parents[1] / "checks"
_MODULES: Final = frozenset(path.name for path in FOLDER.glob("test_*.py"))
_RESULT: Final = "billecta_check"
_ONE: Final = "contract_tests"


def is_check_of_ours(nodeid: str) -> bool:
    """Whether a test is one of this package, which pytest names without its folder when that lies elsewhere."""
    path = PurePosixPath(nodeid.partition("::")[0])
    return path.name in _MODULES and path.parent.name in {"", FOLDER.name}


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker which account it shares."""
    budget = budget_of(node.config)
    if isinstance(budget, SharedBudget):
        node.workerinput[WORKER_INPUT] = budget.invitation()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished(node: Any, ids: Sequence[str]) -> None:
    """Open the verification before any worker begins: what is wrong with the target is said once."""
    if any(map(is_check_of_ours, ids)):
        get_run(node.config)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """The scheduler that the user has chosen, but that all checks of ours go to one worker."""
    mode = str(config.getoption("dist"))
    return None if mode in {"no", "each"} else _scheduler(mode, config, log)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """What a dead worker waited for may have been carried out."""
    if error is not None and RUN_KEY in node.config.stash:
        node.config.stash[RUN_KEY].transport.policy.record_worker_crash(node.workerinput["workerid"])


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Take over the result that a worker has sent."""
    document = getattr(report, _RESULT, None)
    node = getattr(report, "node", None)
    if document is not None and node is not None and is_controller(node.config):
        take(get_run(node.config, ask=False), json.loads(document))


def send(report: pytest.TestReport, run_collector: RunCollector, check: CheckResult) -> None:
    """Let a report carry a result to the controller."""
    found = cause(run_collector.deployment)
    told = {
        "check": to_json(check),
        "key_accepted": run_collector.deployment.is_key_accepted,
        "cause": None if found is None else asdict(found),
        "rate_limited": run_collector.transport.recorder.rate_limited,
    }
    setattr(report, _RESULT, json.dumps(told))


def take(run_collector: RunCollector, document: dict[str, Any]) -> None:
    """Add a result that a worker has sent."""
    run_collector.add(from_json(document["check"]))
    run_collector.deployment.was_key_accepted |= document["key_accepted"]
    run_collector.worker_cause = None if document["cause"] is None else Cause(**document["cause"])
    run_collector.transport.recorder.rate_limited = max(
        run_collector.transport.recorder.rate_limited, document["rate_limited"]
    )


def _scheduler(mode: str, config: pytest.Config, log: Any) -> Any:
    scheduler = import_module("xdist.scheduler")  # only there when pytest-xdist is
    chosen: dict[str, Any] = {
        "loadfile": scheduler.LoadFileScheduling,
        "loadgroup": scheduler.LoadGroupScheduling,
        "loadscope": scheduler.LoadScopeScheduling,
    }
    base = chosen.get(mode, scheduler.LoadScopeScheduling)

    def split_scope(self: Any, nodeid: str) -> str:
        if is_check_of_ours(nodeid):
            return _ONE
        return str(base._split_scope(self, nodeid)) if mode in chosen else nodeid  # noqa: SLF001 — meant to be replaced

    return type("Together", (base,), {"_split_scope": split_scope})(config, log)
