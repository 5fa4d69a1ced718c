"""What a run would send, by check."""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Group
from rich.table import Table
from rich.text import Text

from contract_tests.exchange import Effect
from contract_tests.report.model import CheckResult, Outcome, Result


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
    def left_out(self) -> tuple[CheckResult, ...]:
        """The checks that cannot be exercised with what is supplied."""
        return tuple(check for check in self.rehearsal.checks if check.outcome is Outcome.NOT_EXERCISED)


def plan_summary(plan: Plan) -> Group:
    """Each check with its clause, its effect and how much it would send, and the total."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("clause", "effect"):
        table.add_column(name, no_wrap=True)
    table.add_column("requests", justify="right")
    table.add_column("payments", justify="right")
    table.add_column("check", overflow="fold")
    table.add_row("", Effect.READ.value, str(plan.preflight_requests), "0", "preflight: is anything there?")
    for check in plan.checks:
        table.add_row(check.clause, check.effect.value, str(check.requests), str(check.payments), Text(check.title))
    return Group(table, _total(plan), *_left_out(plan))


def _total(plan: Plan) -> Text:
    counts = plan.rehearsal.counts
    refusable = sum(check.requests for check in plan.checks if check.effect is Effect.NONE)
    return Text(
        f"\nA conforming deployment would get {counts.requests} requests, {counts.payments} of them payment requests. "
        f"{refusable} requests must be refused; a deployment that accepts one is not asked the same kind again. "
        "Nothing was sent.",
        style="bold",
    )


def _left_out(plan: Plan) -> list[Text]:
    reasons = dict.fromkeys(check.reason for check in plan.left_out if check.reason)
    return (
        [Text("\nNot exercised; to go further, supply:"), *(Text(f"  {reason}") for reason in reasons)]
        if reasons
        else []
    )
