"""The result of a run, with the register of clauses. Every report is a view of this, and nothing in it is a secret."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from billecta_spec import load_clauses
from billecta_verify.reporting.profile import ObservedProfile
from billecta_verify.reporting.requests import SentRequest
from billecta_verify.reporting.text import escape_control, sanitize
from billecta_verify.transport.exchange import Effect

SCHEMA_VERSION = "1.3"
NO_CHECK = "no check of this clause was run"


def clauses() -> dict[str, Clause]:
    """The clauses by id, in the order of the register."""
    return dict(_read())


@cache
def _read() -> tuple[tuple[str, Clause], ...]:
    """Once: the marker of each check is held against the register."""
    return tuple((entry["id"], _clause(entry)) for entry in load_clauses())


def _clause(entry: dict[str, Any]) -> Clause:
    return Clause(
        id=entry["id"],
        level=Level(entry["level"]),
        promise=entry["promise"],
        rests_on=tuple(entry["rests_on"]),
        reason=entry.get("reason"),
    )


class Outcome(StrEnum):
    """How a check ended, and what is known of a clause."""

    PASSED = "passed"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"
    NOT_EXERCISED = "not exercised"


class Level(StrEnum):
    """How firmly the page promises a clause."""

    DOCUMENTED = "documented"
    IMPLIED = "implied"
    ADVICE = "advice"


class Verdict(StrEnum):
    """What a run says of a deployment."""

    CONFORMS = "conforms"
    KNOWN = "known deviations only"
    DOES_NOT_CONFORM = "does not conform"
    INCONCLUSIVE = "inconclusive"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class Clause:
    """A promise of the register: `rests_on` is the page to the letter, `reason` why an unwritten one follows."""

    id: str
    level: Level
    promise: str
    rests_on: tuple[str, ...]
    reason: str | None


@dataclass(frozen=True, slots=True)
class Known:
    """That a finding stands in the baseline: why it is accepted, and the last day (ISO 8601) on which it is."""

    reason: str
    expires: str


@dataclass(frozen=True, slots=True)
class BaselineNote:
    """What the user should know of an entry of the baseline, and do about it."""

    kind: str
    check: str
    fingerprint: str
    text: str


@dataclass(frozen=True, slots=True)
class BaselineUse:
    """How a baseline was applied: how many findings it covers, how many of them only by --force, and what to mend.

    `force` is whether --force was given.
    """

    file: str
    force: bool
    covered: int
    forced: int
    notes: tuple[BaselineNote, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One violation: what the clause wants, what was seen, and a curl line that shows it again.

    `fingerprint` says which kind of deviation it is, the same in each run; `known` is set where the baseline has it.
    `operation` is the one that was asked, where the finding is about one answer.
    """

    clause: str
    level: Level
    check: str
    expected: str
    observed: str
    curl: str | None
    rests_on: tuple[str, ...]
    reason: str | None
    fingerprint: str = ""
    known: Known | None = None
    operation: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "expected", sanitize(self.expected))
        object.__setattr__(self, "observed", sanitize(self.observed))
        object.__setattr__(self, "curl", None if self.curl is None else escape_control(self.curl))


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check of one clause. `requests` and `payments` count what it sent itself; `seconds` is its duration."""

    id: str
    clause: str
    title: str
    effect: Effect
    outcome: Outcome
    reason: str | None
    finding: Finding | None
    requests: int
    payments: int
    seconds: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "reason", None if self.reason is None else sanitize(self.reason))

    @property
    def is_known(self) -> bool:
        """Whether it failed in a way that the baseline has."""
        return self.finding is not None and self.finding.known is not None


@dataclass(frozen=True, slots=True)
class ClauseResult:
    """What is known of a clause from all of its checks, and the evidence in a few words."""

    clause: Clause
    verdict: Outcome
    evidence: str
    checks: tuple[CheckResult, ...]

    @property
    def is_error(self) -> bool:
        """Whether the deployment does not conform because of this clause; a violated advice is a warning."""
        return self.verdict is Outcome.FAILED and self.clause.level is not Level.ADVICE and not self.is_known

    @property
    def is_known(self) -> bool:
        """Whether the clause is violated, and only in ways that the baseline has."""
        failed = [check for check in self.checks if check.outcome is Outcome.FAILED]
        return bool(failed) and all(check.is_known for check in failed)

    @property
    def is_warning(self) -> bool:
        """Whether good practice is violated."""
        return self.verdict is Outcome.FAILED and self.clause.level is Level.ADVICE and not self.is_known


@dataclass(frozen=True, slots=True)
class Counts:
    """What the run sent: payment requests by intent, and those that a broken deployment made of refusable requests."""

    requests: int
    payments: int
    unexpected_payments: int
    rate_limited: int


@dataclass(frozen=True, slots=True)
class Result:
    """A whole verification. `started` is an ISO 8601 time in UTC, `seconds` a duration.

    `key_accepted` is the positive control: whether an answer was seen that only a valid key gets. `cause` is the one
    reason, if there is one, why so much could not be verified, and `remedy` what may be done about it. `sent` has what
    went over the wire, in order.
    """

    clauses: tuple[ClauseResult, ...]
    counts: Counts
    target: Mapping[str, object]
    seed: int
    started: str
    seconds: float
    tools: Mapping[str, str]
    key_accepted: bool
    cause: str | None = None
    remedy: str | None = None
    interrupted: bool = False
    sent: tuple[SentRequest, ...] = ()
    observed_profile: ObservedProfile | None = None
    baseline: BaselineUse | None = None

    @property
    def checks(self) -> tuple[CheckResult, ...]:
        """Every check, in the order of the register."""
        return tuple(check for clause in self.clauses for check in clause.checks)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding, errors before warnings, and these before what is known."""
        found = [check.finding for check in self.checks if check.finding]
        return tuple(sorted(found, key=lambda finding: (finding.known is not None, finding.level is Level.ADVICE)))

    @property
    def verdict(self) -> Verdict:
        """One error makes a deployment not conform; what could not be verified makes a run inconclusive.

        Where the key was never accepted, it is not even known that this is the deployment.
        """
        if not self.key_accepted:
            return Verdict.INTERRUPTED if self.interrupted else Verdict.INCONCLUSIVE
        if any(clause.is_error for clause in self.clauses):
            return Verdict.DOES_NOT_CONFORM
        if self.interrupted:
            return Verdict.INTERRUPTED
        if any(clause.verdict is Outcome.INCONCLUSIVE for clause in self.clauses):
            return Verdict.INCONCLUSIVE
        if any(clause.is_known and clause.clause.level is not Level.ADVICE for clause in self.clauses):
            return Verdict.KNOWN
        return Verdict.CONFORMS


def verdict_of(checks: Sequence[CheckResult]) -> Outcome:
    """The verdict on a clause: one failed check fails it; it passes when a check passed and none is inconclusive.

    Checks that were not exercised take nothing away from the others.
    """
    outcomes = {check.outcome for check in checks}
    for outcome in (Outcome.FAILED, Outcome.INCONCLUSIVE, Outcome.PASSED):
        if outcome in outcomes:
            return outcome
    return Outcome.NOT_EXERCISED


def judged(clause: Clause, checks: Sequence[CheckResult], *, without_checks: str = NO_CHECK) -> ClauseResult:
    """A clause with its verdict and evidence; `without_checks` is what to say where none was run."""
    verdict = verdict_of(checks)
    evidence = _evidence(verdict, checks) if checks else without_checks
    return ClauseResult(clause, verdict, evidence, tuple(checks))


def _evidence(verdict: Outcome, checks: Sequence[CheckResult]) -> str:
    deciding = [check for check in checks if check.outcome is verdict]
    first = deciding[0]
    if verdict is Outcome.PASSED:
        others = len(checks) - len(deciding)
        noun = "check" if len(deciding) == 1 else "checks"
        return f"{len(deciding)} {noun} passed" + (f", {others} not exercised" if others else "")
    if first.finding is None:
        return first.reason or ""
    return first.finding.observed + (f" ({len(deciding)} checks)" if len(deciding) > 1 else "")
