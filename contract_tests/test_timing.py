"""MASK-3: what the time of an answer tells without a valid key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from contract_tests.deployment import Deployment
from contract_tests.exchange import NO_KEY, Exchange, Request
from contract_tests.operations import UNKNOWN_KEY, fetch_invoice, read_status
from contract_tests.oracles.timing import Comparison
from contract_tests.outcomes import NotExercised, Violation
from contract_tests.payments import Payments

SCREENING_PAIRS = 6
MOST_REQUESTS = 60
LOOKS = 4
"""How often, at most, the question is put to the times: one look for each sort, and one at the end."""


@dataclass(slots=True)
class Race:
    """Two requests whose answers take turns, and their times in seconds."""

    name: str
    known: Request
    absent: Request
    times: list[tuple[float, float]] = field(default_factory=list)
    last: Exchange | None = None

    @property
    def comparison(self) -> Comparison:
        """The times so far."""
        known, absent = zip(*self.times, strict=True)
        return Comparison(known, absent)


@pytest.mark.clause("MASK-3", effect="none")
def test_the_time_of_an_answer_tells_nothing(deployment: Deployment, payments: Payments) -> None:
    races = list(_races(deployment, payments))
    for race in races:
        _run(deployment, race, SCREENING_PAIRS)
    suspect = max(races, key=lambda race: abs(race.comparison.difference))
    spent = sum(2 * len(race.times) for race in races) + 2 * len(races)
    if suspect.comparison.matters and not suspect.comparison.tells(LOOKS):
        _run(deployment, suspect, (MOST_REQUESTS - spent) // 2 - 1)
    for race in races:
        _expect_nothing_told(race)


def _races(deployment: Deployment, payments: Payments) -> Iterator[Race]:
    """An invoice without a key and with a wrong one, and a payment where there is one."""
    deployment.accepted_invoice()
    absent = deployment.absent_invoices(1)[0]
    for credential in (NO_KEY, UNKNOWN_KEY):
        known = fetch_invoice(deployment.invoice_id, credential)
        yield Race(f"an invoice with {credential.name}", known, fetch_invoice(absent, credential))
    try:
        request_id = payments.request_id()
    except NotExercised:
        return
    missing = deployment.absent_request_ids(1, request_id)[0]
    yield Race("a payment with an unknown key", read_status(request_id, UNKNOWN_KEY), read_status(missing, UNKNOWN_KEY))


def _run(deployment: Deployment, race: Race, pairs: int) -> None:
    """Take the times in turns, each pair in an order left to chance; the first pair warms up and is not counted."""
    chance = deployment.random
    for pair in range(pairs + 1):
        known_first = chance.random() < 0.5
        order = (race.known, race.absent) if known_first else (race.absent, race.known)
        answers = [deployment.send(request) for request in order]
        known, absent = answers if known_first else reversed(answers)
        race.last = known
        if pair:
            race.times.append((known.elapsed, absent.elapsed))


def _expect_nothing_told(race: Race) -> None:
    comparison = race.comparison
    if comparison.tells(LOOKS):
        raise Violation(
            expected="what exists and what does not to be answered in the same time",
            observed=f"{race.name}: what exists takes {comparison.difference * 1000:+.0f} ms "
            f"(chance {comparison.p_value:.0e}, {len(race.times)} pairs)",
            exchange=race.last,
        )
