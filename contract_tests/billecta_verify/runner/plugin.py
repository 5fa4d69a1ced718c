"""The pytest plugin: fixtures for the checks, the `clause` marker, and what each outcome means.

A check is a test with `@pytest.mark.clause(id, effect=…, kind=…)`. It passes, or it raises one of `outcomes`. While
it runs, every request that the shared transport sends is sent for its purpose. `@pytest.mark.first` puts a check before
all others, `@pytest.mark.last` one that looks at everything that was exchanged behind them. A user's own tests may use
the same marker and fixtures.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from typing import Any, Final

import pytest

from billecta_verify.config.profiles import Profile, is_selected
from billecta_verify.config.target import Target
from billecta_verify.fixtures.deployment import Deployment
from billecta_verify.fixtures.payments import Payments
from billecta_verify.reporting.model import CheckResult
from billecta_verify.reporting.terminal import closing_line, open_console, show
from billecta_verify.runner import entry_point, xdist
from billecta_verify.runner.check_results import check_failure_text, failure_text, to_check_result
from billecta_verify.runner.collector import RunCollector
from billecta_verify.runner.run_context import (
    RUN_KEY,
    flaw_of_marker,
    get_run,
    is_controller,
    is_worker,
    profile_of,
    purpose_of,
)
from billecta_verify.transport.client import GuardedSession
from billecta_verify.transport.exchange import Effect, Purpose

_CHECK: Final = pytest.StashKey[CheckResult]()
_UNSEATED: Final = pytest.StashKey[str]()
_FIXTURE: Final = "billecta_run"
"""All fixtures of ours need this one: a test that has it among its own uses one of them."""
_RUN_NOTHING: Final = ("collectonly", "showfixtures", "show_fixtures_per_test", "setupplan")
"""Options of pytest that run no test: nothing may be sent."""


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """The flags, where pytest has not loaded their module by itself."""
    del parser
    if not pluginmanager.is_registered(entry_point):
        pluginmanager.register(entry_point, entry_point.NAME)


def pytest_configure(config: pytest.Config) -> None:
    """Make the markers known."""
    config.addinivalue_line("markers", "clause(id, effect='read', kind=''): the clause that a test verifies")
    config.addinivalue_line("markers", "deep: generates at length, for the deep profile alone")
    config.addinivalue_line("markers", "first: runs before all tests that are not marked so")
    config.addinivalue_line("markers", "last: runs behind all tests that are not marked so")
    config.pluginmanager.register(xdist)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the checks that are not of the profile, and put those that look back behind the others."""
    for flaw in filter(None, map(flaw_of_marker, items)):
        items.clear()  # pytest goes on to the end of the collection, where the verification would open
        raise pytest.UsageError(flaw)
    profile = profile_of(config)
    left_out = [item for item in items if _is_ours(item) and not _is_in(profile, item)]
    items[:] = [item for item in items if item not in set(left_out)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    if not _is_ours(item):  # another plugin may have markers of these names
        return 0
    return (item.get_closest_marker("last") is not None) - (item.get_closest_marker("first") is not None)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Open the verification, unless the caller has put one there or no test is to use it."""
    judged = [item for item in session.items if _is_judged(item)]
    if not judged or any(getattr(session.config.option, name, False) for name in _RUN_NOTHING):
        return
    try:
        get_run(session.config).start(len([item for item in judged if purpose_of(item)]))
    except pytest.UsageError as error:
        if not is_worker(session.config):
            raise
        session.config.stash[_UNSEATED] = str(error)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    """Send everything on behalf of the test that runs."""
    if not _is_judged(item) or RUN_KEY not in item.config.stash:
        return (yield)
    purpose = purpose_of(item) or Purpose(f"{item.path.name}::{item.name}", "", Effect.READ)
    with item.config.stash[RUN_KEY].transport.under(purpose):
        return (yield)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Say in one sentence why nothing can be verified."""
    if _UNSEATED in item.config.stash and _is_judged(item):
        pytest.fail(item.config.stash[_UNSEATED], pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note the outcome of a check, from the phase that decides it."""
    report = yield
    purpose = purpose_of(item)
    if RUN_KEY not in item.config.stash or not _is_judged(item):
        return report
    if report.failed:
        report.longrepr = failure_text(call) or report.longrepr
    if purpose is None:
        return report
    if call.when == "call" or (call.excinfo is not None and _CHECK not in item.stash):
        run_collector = item.config.stash[RUN_KEY]
        check = to_check_result(run_collector, item, purpose, call, is_ours=_is_ours(item))
        item.stash[_CHECK] = check
        item.user_properties += [("clause", check.clause), ("outcome", check.outcome.value)]
        run_collector.add(check)
        if report.failed and _is_ours(item):
            report.longrepr = check_failure_text(call, check)
        if is_worker(item.config):
            xdist.send(report, run_collector, check)
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """The table by clause, below pytest's own output."""
    if RUN_KEY in config.stash and (config.stash[RUN_KEY].checks or not is_controller(config)):
        console = open_console(no_color="NO_COLOR" in os.environ)
        result = config.stash[RUN_KEY].result()
        with console.capture() as captured:
            show(result, console)
            console.print(closing_line(result, console.width), soft_wrap=True)
        terminalreporter.write_sep("=", "clauses")
        terminalreporter.write(captured.get())


@pytest.fixture(scope="session")
def billecta_run(pytestconfig: pytest.Config) -> Iterator[RunCollector]:
    """The verification under way."""
    opened = get_run(pytestconfig)
    yield opened
    opened.transport.close()


@pytest.fixture(scope="session")
def target(billecta_run: RunCollector) -> Target:
    """The deployment under verification and what may be done to it: base URL, keys, known ids, budgets."""
    return billecta_run.transport.target


@pytest.fixture
def session(billecta_run: RunCollector) -> GuardedSession:
    """A `requests.Session` for tests of one's own, under the guards of the run.

    A test sends for what its `clause` marker says, and only reads without one. The session carries no key by itself.
    """
    return billecta_run.transport.session


@pytest.fixture(scope="session")
def deployment(billecta_run: RunCollector) -> Deployment:
    """Sends requests to the deployment, and shares what was observed."""
    return billecta_run.deployment


@pytest.fixture(scope="session")
def payments(deployment: Deployment) -> Payments:
    """Makes payment requests within the budget; the checks share them."""
    return Payments(deployment)


def _is_ours(item: pytest.Item) -> bool:
    return item.path.parent == xdist.FOLDER


def _is_in(profile: Profile, item: pytest.Item) -> bool:
    return is_selected(item.name, profile, is_deep=item.get_closest_marker("deep") is not None)


def _is_judged(item: pytest.Item) -> bool:
    """Whether a test is a check, or uses a fixture of ours."""
    return purpose_of(item) is not None or _FIXTURE in getattr(item, "fixturenames", ())
