"""What the outcome of a test says of its clause."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from traceback import walk_tb
from typing import Any, Final

import pytest

from billecta_verify.fixtures.outcomes import Failure, Inconclusive, Skipped
from billecta_verify.reporting.model import CheckResult, Finding, Level, Outcome
from billecta_verify.runner.collector import RunCollector
from billecta_verify.transport.errors import NoResponseError
from billecta_verify.transport.exchange import Effect, Purpose
from billecta_verify.transport.safety import SafetyError

ITSELF_FAILED: Final = "the verifier itself failed"
"""How the reason of a check begins that ended by a fault of our own."""


def to_check_result(
    run_collector: RunCollector, item: pytest.Item, purpose: Purpose, call: pytest.CallInfo[None], *, is_ours: bool
) -> CheckResult:
    """The result of a check, from the phase that decides it. In a user's own test a failed assertion is a finding.

    Of that only the place is told: its text holds what was compared, which may be a key or the content of an answer.
    """
    error = None if call.excinfo is None else call.excinfo.value
    if isinstance(error, AssertionError | pytest.fail.Exception) and not is_ours and not isinstance(error, Failure):
        error = Failure(expected=f"what {item.name} asserts", observed=_place_of_assertion(item, error))
    if isinstance(error, SafetyError) and not is_ours:
        error = Inconclusive(refusal(error))
    outcome, reason, finding = _judged(run_collector, purpose, error)
    policy = run_collector.transport.policy
    return CheckResult(
        id=purpose.check,
        clause=purpose.clause,
        title=item.name.removeprefix("test_").replace("_", " "),
        effect=purpose.effect,
        outcome=outcome,
        reason=None if reason is None else run_collector.scrubbed(reason),
        finding=finding,
        requests=policy.requests_of[purpose.check],
        payments=policy.payments_of[purpose.check],
        seconds=call.duration,
    )


def to_json(check: CheckResult) -> dict[str, Any]:
    """A result as a worker of pytest-xdist can send it; nothing in it is a secret."""
    finding = None if check.finding is None else {**asdict(check.finding), "known": None}
    return {**asdict(check), "finding": finding}


def from_json(document: Mapping[str, Any]) -> CheckResult:
    """The result that a worker has sent."""
    found = document["finding"]
    finding = (
        None
        if found is None
        else Finding(**{**found, "level": Level(found["level"]), "rests_on": tuple(found["rests_on"])})
    )
    changed = {"effect": Effect(document["effect"]), "outcome": Outcome(document["outcome"]), "finding": finding}
    return CheckResult(**{**document, **changed})


def _judged(
    run_collector: RunCollector, purpose: Purpose, error: BaseException | None
) -> tuple[Outcome, str | None, Finding | None]:
    if error is None:
        return Outcome.PASSED, None, None
    if isinstance(error, Failure):
        return Outcome.FAILED, error.observed, run_collector.finding(purpose.clause, purpose.check, error)
    if isinstance(error, Inconclusive):
        return Outcome.INCONCLUSIVE, error.msg, None
    if isinstance(error, Skipped):
        return Outcome.NOT_EXERCISED, error.msg, None
    return Outcome.INCONCLUSIVE, f"{ITSELF_FAILED}: {_failure(error)}", None


def refusal(error: SafetyError) -> str:
    """Why a request of a user's own test was not sent."""
    return f"this test asked for what the guard refuses: {error}"


def failure_text(call: pytest.CallInfo[None]) -> str | None:
    """What pytest shows in place of a traceback where the guard or the network has ended a test; None for any other.

    The traceback holds arguments, and with `-l` all local names, of the libraries below: keys and ids among them.
    """
    error = None if call.excinfo is None else call.excinfo.value
    if isinstance(error, SafetyError):
        return refusal(error)
    return f"no answer: {error}" if isinstance(error, NoResponseError) else None


def check_failure_text(call: pytest.CallInfo[None], check: CheckResult) -> Any:
    """The same for a check of ours that failed, or that could not be verified."""
    if call.excinfo is None or check.finding is None:
        return check.reason
    told = Failure(expected=check.finding.expected, observed=check.finding.observed)
    return pytest.ExceptionInfo.from_exception(told.with_traceback(call.excinfo.tb)).getrepr(style="value")


def _place_of_assertion(item: pytest.Item, error: BaseException) -> str:
    """Where in the user's file the assertion stands that failed."""
    lines = [line for frame, line in walk_tb(error.__traceback__) if Path(frame.f_code.co_filename) == item.path]
    return f"an assertion failed ({item.path.name}{f', line {lines[-1]}' if lines else ''})"


def _failure(error: BaseException) -> str:
    """Where our own code failed. Messages of foreign errors may quote what was sent, so only our own are shown."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = "" if place is None else f" in {place.tb_frame.f_code.co_name}, line {place.tb_lineno}"
    message = f": {error}" if isinstance(error, SafetyError) else ""
    return f"{type(error).__name__}{message}{where}"
