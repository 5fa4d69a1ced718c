"""One verification under way: the transport, what the checks share, and what they have found so far."""

from __future__ import annotations

import platform
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from importlib.metadata import PackageNotFoundError, version
from time import monotonic
from typing import Final, Protocol

from billecta_verify.baseline.fingerprint import fingerprint
from billecta_verify.config.profiles import Profile
from billecta_verify.config.target import Target, public_fields
from billecta_verify.fixtures.deployment import Deployment
from billecta_verify.fixtures.diagnosis import Cause, cause
from billecta_verify.fixtures.outcomes import Failure
from billecta_verify.reporting.model import NO_CHECK, CheckResult, Clause, Counts, Finding, Result, clauses, judged
from billecta_verify.reporting.profile import observed_profile
from billecta_verify.reporting.requests import sent_requests
from billecta_verify.reporting.summary import curl_line
from billecta_verify.reporting.text import scrubbed
from billecta_verify.transport.client import Transport
from billecta_verify.transport.exchange import Exchange, Text

_TOOLS: Final = ("lime-billecta-contract", "pytest", "schemathesis", "hypothesis", "requests", "pikepdf")


class Listener(Protocol):
    """Is told how a run goes on."""

    def run_started(self, checks: int) -> None:
        """So many checks are about to run."""

    def check_finished(self, check: CheckResult) -> None:
        """A check ended."""

    def waiting(self, seconds: float) -> None:
        """The deployment has asked for a pause, and gets it now."""


@dataclass(slots=True)
class RunCollector:
    """Collects the outcome of every check and turns them into a result."""

    transport: Transport
    listener: Listener | None = None
    register: dict[str, Clause] = field(default_factory=clauses)
    checks: list[CheckResult] = field(default_factory=list)
    deployment: Deployment = field(init=False)
    worker_cause: Cause | None = field(default=None, init=False)
    """Why so much could not be verified, as another process of the run has it."""
    _started: datetime = field(default_factory=lambda: datetime.now(UTC), init=False)
    _began: float = field(default_factory=monotonic, init=False)

    def __post_init__(self) -> None:
        self.deployment = Deployment(self.transport)
        if self.listener is not None:
            self.transport.rate_limiter.told = self.listener.waiting

    def start(self, checks: int) -> None:
        """The checks are known and about to run."""
        if self.listener is not None:
            self.listener.run_started(checks)

    def add(self, check: CheckResult) -> None:
        """A check ended."""
        self.checks.append(check)
        if self.listener is not None:
            self.listener.check_finished(check)

    def finding(self, clause_id: str, check: str, violation: Failure) -> Finding:
        """A violation as the reports show it."""
        clause = self.register[clause_id]
        target = self.transport.target
        curl = None if violation.exchange is None else curl_line(target.base_url, violation.exchange.request)
        expected = self.scrubbed(violation.expected, foreign=False)
        observed = self.scrubbed(violation.observed) + _doubt(target, violation.exchange)
        return Finding(
            clause=clause_id,
            level=clause.level,
            check=check,
            expected=expected,
            observed=observed,
            curl=None if curl is None else self.scrubbed(curl, foreign=False),
            rests_on=clause.rests_on,
            reason=clause.reason,
            fingerprint=fingerprint(check, expected, observed, violation.exchange),
            operation=None if violation.exchange is None else violation.exchange.request.operation,
        )

    def scrubbed(self, text: str, *, foreign: bool = True) -> str:
        """The text without any secret that might have slipped into it.

        From `foreign` text, which may quote an answer, ids and messages are taken as well; ours has variables for them.
        """
        return scrubbed(text, self.transport.target.secrets, self.transport.words if foreign else ())

    @property
    def _without_checks(self) -> str:
        profile = self.transport.target.profile
        return f"not part of the profile {profile}" if profile is Profile.SMOKE else NO_CHECK

    def result(self, *, interrupted: bool = False) -> Result:
        """What is known now."""
        policy = self.transport.policy
        found_cause = self.worker_cause or cause(self.deployment)
        by_clause: dict[str, list[CheckResult]] = {clause_id: [] for clause_id in self.register}
        for check in self.checks:
            by_clause[check.clause].append(check)
        return Result(
            clauses=tuple(
                judged(self.register[clause_id], found, without_checks=self._without_checks)
                for clause_id, found in by_clause.items()
            ),
            counts=Counts(
                policy.requests, policy.payments, policy.unexpected_payments, self.transport.recorder.rate_limited
            ),
            target=public_fields(self.transport.target),
            seed=self.transport.target.seed,
            started=self._started.isoformat(timespec="seconds").replace("+00:00", "Z"),
            seconds=monotonic() - self._began,
            tools=tool_versions(),
            key_accepted=self.deployment.is_key_accepted,
            cause=None if found_cause is None else found_cause.reason,
            remedy=None if found_cause is None else found_cause.remedy,
            interrupted=interrupted,
            sent=sent_requests(self.transport.recorder, self.transport.target.base_url, self.scrubbed),
            observed_profile=observed_profile(self.transport.recorder.exchanges, self.scrubbed),
        )


def _doubt(target: Target, exchange: Exchange | None) -> str:
    """That a hidden invoice is shown to a valid key may be its user's slip: only the user knows who may see it."""
    if exchange is None or exchange.status != HTTPStatus.OK or target.hidden_invoice_id is None:
        return ""
    is_of_hidden = Text(target.hidden_invoice_id, "").in_path in exchange.request.path.sent.split("/")
    value = exchange.request.credential.value
    if not is_of_hidden or value is None or value.sent not in target.keys:
        return ""
    return (
        " (if this key may see the invoice of --hidden-invoice-id after all, the target is wrong, not the deployment)"
    )


def tool_versions() -> dict[str, str]:
    """The versions of the tools of this run, for a reader who wants to repeat it."""
    found = {"python": platform.python_version()}
    for name in _TOOLS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # run from a source tree that is not installed
            found[name] = "not installed"
    return found
