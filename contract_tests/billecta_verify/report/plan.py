"""What a run would send, by check."""

from __future__ import annotations

from dataclasses import dataclass

from rich.text import Text

from billecta_verify.report.layout import Cell, lines, plural, table
from billecta_verify.report.model import CheckResult, Outcome, Result
from billecta_verify.transport.exchange import Effect


@dataclass(frozen=True, slots=True)
class Plan:
    """The result of a rehearsal, and what was sent before the first check."""

    rehearsal: Result
    preflight_requests: int

    @property
    def checks(self) -> tuple[CheckResult, ...]:
        """The checks that would be exercised, in the order of the register."""
        return tuple(check for check in self.rehearsal.checks if check.outcome is not Outcome.NOT_EXERCISED)

    @property
    def refused_creates(self) -> int:
        """How many creates would be sent that have to be refused."""
        creates = [sent for sent in self.rehearsal.sent if sent.method == "POST" and "/payments/" in sent.url]
        return len(creates) - self.rehearsal.counts.payments

    @property
    def left_out(self) -> tuple[CheckResult, ...]:
        """The checks that cannot be exercised with what is supplied."""
        return tuple(check for check in self.rehearsal.checks if check.outcome is Outcome.NOT_EXERCISED)


def plan_summary(plan: Plan, width: int) -> Text:
    """The total, then each check with its clause, its effect and how much it would send."""
    rows = [_row("", Effect.READ.value, plan.preflight_requests, 0, "preflight: is anything there?")]
    rows += [
        _row(check.clause, check.effect.value, check.requests, check.payments, check.title) for check in plan.checks
    ]
    shown = table(("clause", "effect", "requests", "payments", "check"), rows, width)
    return Text("\n").join([*_total(plan, width), Text(), shown, *_left_out(plan, width)])


def _row(clause: str, effect: str, requests: int, payments: int, check: str) -> list[Cell]:
    return [Cell(clause), Cell(effect), Cell(f"{requests:>8}"), Cell(f"{payments:>8}"), Cell(check)]


def _total(plan: Plan, width: int) -> list[Text]:
    counts = plan.rehearsal.counts
    refusable = sum(check.requests for check in plan.checks if check.effect is Effect.NONE)
    sentences = (
        f"A conforming deployment would get {plural(counts.requests, 'request')}, {counts.payments} of them to make a "
        f"payment. {refusable} must be refused, among them {plural(plan.refused_creates, 'create')} (POST) on numbers "
        "reserved for fiction; a deployment that accepts one is not asked the same kind again. Nothing was sent."
    )
    return [Text(lines(sentences, width), style="bold")]


def _left_out(plan: Plan, width: int) -> list[Text]:
    reasons = dict.fromkeys(check.reason for check in plan.left_out if check.reason)
    if not reasons:
        return []
    shown = [Text("  " + lines(reason, width - 4, indent="    ")) for reason in reasons]
    return [Text(), Text("Not exercised; to go further, supply:"), *shown]
