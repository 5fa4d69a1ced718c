"""The pytest plugin: fixtures for the checks, the `clause` marker, and what each outcome means.

A check is a test with `@pytest.mark.clause(id, effect=…, kind=…)`. It passes, or it raises one of `outcomes`. While
it runs, every request that the shared transport sends is sent for its purpose. `@pytest.mark.last` puts a check that
looks at everything that was exchanged behind all others.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any, Final

import pytest

from contract_tests.configuration import UsageError, resolve
from contract_tests.console import open_console
from contract_tests.exchange import Effect, Purpose
from contract_tests.guard import RequestRefusedError
from contract_tests.judgement import Judgement
from contract_tests.mock_process import MockProcess, mock_target
from contract_tests.options import OF_THE_PROGRAM, OPTIONS
from contract_tests.outcomes import Inconclusive, Skipped, Violation
from contract_tests.payments import Payments
from contract_tests.preflight import UnreachableError, preflight
from contract_tests.report.model import CheckResult, Finding, Outcome
from contract_tests.report.terminal import closing_line, show
from contract_tests.transport import Transport

if TYPE_CHECKING:
    from contract_tests.deployment import Deployment
    from contract_tests.target import Target

JUDGEMENT: Final = pytest.StashKey[Judgement]()
_CHECK: Final = pytest.StashKey[CheckResult]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The flags of billecta-verify that describe the target, for `pytest --pyargs contract_tests`."""
    group = parser.getgroup("billecta", "judging a deployment of the Billecta integration")
    for option in OPTIONS:
        if option.name in OF_THE_PROGRAM:
            continue
        try:
            group.addoption(option.flag, **option.arguments(default=None))
        except ValueError:
            # Another plugin has this flag already (pytest-base-url, pytest-timeout): the environment and the target
            # file still say it, and a flag of the same name is read where its meaning is the same.
            continue


def pytest_configure(config: pytest.Config) -> None:
    """Make the markers known."""
    config.addinivalue_line("markers", "clause(id, effect, kind=''): the clause that a check judges, and its effect")
    config.addinivalue_line("markers", "last: runs behind all checks that are not marked so")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Checks that look back come last."""
    items.sort(key=lambda item: item.get_closest_marker("last") is not None)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Open the judgement, unless the caller has put one there or no check is to run."""
    checks = [item for item in session.items if item.get_closest_marker("clause")]
    if not checks or session.config.option.collectonly:
        return
    if JUDGEMENT not in session.config.stash:
        session.config.stash[JUDGEMENT] = _opened_judgement(session.config)
    session.config.stash[JUDGEMENT].start(len(checks))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    """Send everything on behalf of the check that runs."""
    purpose = purpose_of(item)
    if purpose is None:
        return (yield)
    with item.config.stash[JUDGEMENT].transport.under(purpose):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note the outcome of a check, from the phase that decides it."""
    report = yield
    purpose = purpose_of(item)
    if purpose is None:
        return report
    if call.when == "call" or (call.excinfo is not None and _CHECK not in item.stash):
        judgement = item.config.stash[JUDGEMENT]
        check = _check_result(judgement, item, purpose, call)
        item.stash[_CHECK] = check
        item.user_properties += [("clause", check.clause), ("outcome", check.outcome.value)]
        judgement.add(check)
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """The table by clause, below pytest's own output."""
    if JUDGEMENT in config.stash:
        console = open_console(no_color="NO_COLOR" in os.environ)
        result = config.stash[JUDGEMENT].result()
        with console.capture() as captured:
            show(result, console)
            console.print(closing_line(result, console.width), soft_wrap=True)
        terminalreporter.write_sep("=", "clauses")
        terminalreporter.write(captured.get())


@pytest.fixture(scope="session")
def judgement(pytestconfig: pytest.Config) -> Judgement:
    """The judgement under way."""
    return pytestconfig.stash[JUDGEMENT]


@pytest.fixture(scope="session")
def target(judgement: Judgement) -> Target:
    """The deployment under judgement and what may be done to it."""
    return judgement.transport.target


@pytest.fixture(scope="session")
def deployment(judgement: Judgement) -> Iterator[Deployment]:
    """Sends requests to the deployment, and shares what was observed."""
    yield judgement.deployment
    judgement.transport.close()


@pytest.fixture(scope="session")
def payments(deployment: Deployment) -> Payments:
    """Makes payment requests within the budget; the checks share them."""
    return Payments(deployment)


def purpose_of(item: pytest.Item) -> Purpose | None:
    """Clause, effect and kind of a check; None for a test that is none."""
    marker = item.get_closest_marker("clause")
    if marker is None:
        return None
    return Purpose(
        check=f"{item.path.name}::{item.name}",
        clause=marker.args[0],
        effect=Effect(marker.kwargs["effect"]),
        kind=marker.kwargs.get("kind", ""),
    )


def _check_result(
    judgement: Judgement, item: pytest.Item, purpose: Purpose, call: pytest.CallInfo[None]
) -> CheckResult:
    error = None if call.excinfo is None else call.excinfo.value
    outcome, reason, finding = _judged(judgement, purpose, error)
    guard = judgement.transport.guard
    return CheckResult(
        id=purpose.check,
        clause=purpose.clause,
        title=item.name.removeprefix("test_").replace("_", " "),
        effect=purpose.effect,
        outcome=outcome,
        reason=None if reason is None else judgement.scrubbed(reason),
        finding=finding,
        requests=guard.requests_of[purpose.check],
        payments=guard.payments_of[purpose.check],
        seconds=call.duration,
    )


def _judged(
    judgement: Judgement, purpose: Purpose, error: BaseException | None
) -> tuple[Outcome, str | None, Finding | None]:
    if error is None:
        return Outcome.PASSED, None, None
    if isinstance(error, Violation):
        return Outcome.FAILED, error.observed, judgement.finding(purpose.clause, purpose.check, error)
    if isinstance(error, Inconclusive):
        return Outcome.INCONCLUSIVE, error.msg, None
    if isinstance(error, Skipped):
        return Outcome.NOT_EXERCISED, error.msg, None
    return Outcome.INCONCLUSIVE, f"the judge itself failed: {_failure(error)}", None


def _failure(error: BaseException) -> str:
    """Where our own code failed. Messages of foreign errors may quote what was sent, so only our own are shown."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = "" if place is None else f" in {place.tb_frame.f_code.co_name}, line {place.tb_lineno}"
    message = f": {error}" if isinstance(error, RequestRefusedError) else ""
    return f"{type(error).__name__}{message}{where}"


def _opened_judgement(config: pytest.Config) -> Judgement:
    """The judgement that flags, environment and target file of a plain pytest run describe."""
    try:
        given = {
            option.name: config.getoption(option.name, None) for option in OPTIONS if option.name not in OF_THE_PROGRAM
        }
        configuration = resolve(given, os.environ)
        target = configuration.target
        if target is None:
            mock = MockProcess()
            config.add_cleanup(mock.stop)
            target = mock_target(mock.start(), configuration.limits)
        judgement = Judgement(Transport(target))
        preflight(judgement.transport)
    except (UsageError, UnreachableError) as error:
        raise pytest.UsageError(str(error)) from error
    return judgement
