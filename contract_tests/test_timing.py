"""MASK-3: what the time of an answer tells without a valid key."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random

import pytest

from contract_tests.deployment import Deployment
from contract_tests.exchange import NO_KEY, Exchange, Request, Text
from contract_tests.operations import UNKNOWN_KEY, create_payment, fetch_invoice, read_status
from contract_tests.oracles.timing import Comparison
from contract_tests.outcomes import Inconclusive, NotExercised, Violation
from contract_tests.payments import PAGE_MESSAGE, Payments

SCREENING_PAIRS = 4
MOST_REQUESTS = 60
MOST_RACES = 4
"""The chance of a false alarm is shared among the races, for the most suspicious one is picked."""


@dataclass(slots=True)
class Race:
    """Two requests whose answers take turns, and their times in seconds."""

    name: str
    known: Request
    absent: Request
    chance: Random
    times: list[tuple[float, float]] = field(default_factory=list)
    last: Exchange | None = None

    @property
    def comparison(self) -> Comparison:
        """The times so far."""
        known, absent = zip(*self.times, strict=True)
        return Comparison(known, absent)


@pytest.mark.clause("MASK-3", effect="none", kind="create without a valid key")
def test_the_time_of_an_answer_tells_nothing(deployment: Deployment, payments: Payments) -> None:
    races = list(_races(deployment, payments))
    for race in races:
        _run(deployment, race, 1)
        race.times.clear()  # the first answers warm up connections and caches
        _run(deployment, race, SCREENING_PAIRS)
    suspect = max(races, key=lambda race: abs(race.comparison.difference))
    if suspect.comparison.matters:
        spent = 2 * (SCREENING_PAIRS + 1) * len(races)
        _run(deployment, suspect, (MOST_REQUESTS - spent) // 2)
    _expect_nothing_told(suspect)


def _races(deployment: Deployment, payments: Payments) -> Iterator[Race]:
    """An invoice without a key and with a wrong one; an action and a payment where they are known."""
    deployment.accepted_invoice()
    chance = deployment.random
    invoice_id, absent = deployment.invoice_id, deployment.absent_invoices(1)[0]
    for credential in (NO_KEY, UNKNOWN_KEY):
        known = fetch_invoice(invoice_id, credential)
        yield Race(f"an invoice with {credential.name}", known, fetch_invoice(absent, credential), chance)
    with suppress(NotExercised):
        action_id = deployment.action_id
        absent = deployment.absent_ids(action_id, 1)[0]
        yield Race("an action with an unknown key", _create(deployment, action_id), _create(deployment, absent), chance)
    with suppress(NotExercised, Inconclusive):
        request_id = payments.request_id()
        absent = deployment.absent_request_ids(1, request_id)[0]
        known = read_status(request_id, UNKNOWN_KEY)
        yield Race("a payment with an unknown key", known, read_status(absent, UNKNOWN_KEY), chance)


def _create(deployment: Deployment, action_id: Text) -> Request:
    return create_payment(action_id, UNKNOWN_KEY, phone=deployment.harmless_phone, message=PAGE_MESSAGE)


def _run(deployment: Deployment, race: Race, pairs: int) -> None:
    """Take the times in turns, each pair in an order left to chance."""
    for _ in range(pairs):
        known_first = race.chance.random() < 0.5
        order = (race.known, race.absent) if known_first else (race.absent, race.known)
        answers = [deployment.send(request) for request in order]
        known, absent = answers if known_first else reversed(answers)
        race.last = known
        race.times.append((known.elapsed, absent.elapsed))


def _expect_nothing_told(race: Race) -> None:
    comparison = race.comparison
    if comparison.tells(MOST_RACES):
        raise Violation(
            expected="what exists and what does not to be answered in the same time",
            observed=f"{race.name}: what exists takes {comparison.difference * 1000:+.0f} ms "
            f"(chance {comparison.p_value:.0e}, {len(race.times)} pairs)",
            exchange=race.last,
        )
