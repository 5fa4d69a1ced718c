"""MASK-3: what the time of an answer tells without a valid key."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random

import pytest

from contract_tests.deployment import Deployment
from contract_tests.exchange import NO_KEY, Credential, Exchange, Request, Text
from contract_tests.operations import UNKNOWN_KEY, create_payment, fetch_invoice, read_status
from contract_tests.oracles.timing import Comparison
from contract_tests.outcomes import Inconclusive, NotExercised, Violation
from contract_tests.payments import PAGE_MESSAGE, Payments

SCREENING_PAIRS = 2
MOST_PAIRS = 30
ROUNDS = (6, 5, 5)
"""So many pairs are taken of a suspect, until its times tell nothing or enough: 60 requests in all."""
LOOKS = 6
"""How often at most the times of a suspect are judged; the chance of a false alarm is shared among the looks."""


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
        _run(deployment, race, SCREENING_PAIRS)
    left = MOST_PAIRS - SCREENING_PAIRS * len(races)
    for suspect in sorted(races, key=lambda race: -abs(race.comparison.difference)):
        if left <= 0 or not suspect.comparison.matters:
            return
        left -= _judge(deployment, suspect, left)


def _judge(deployment: Deployment, suspect: Race, left: int) -> int:
    """Take new times of a suspect, at most `left` pairs; returns how many pairs it took.

    The times that made it a suspect are not among them: they were picked for their difference.
    """
    suspect.times.clear()
    for pairs in ROUNDS:
        _run(deployment, suspect, min(pairs, left - len(suspect.times)))
        _expect_nothing_told(suspect)
        if not suspect.comparison.matters or len(suspect.times) >= left:
            break
    return len(suspect.times)


def _races(deployment: Deployment, payments: Payments) -> Iterator[Race]:
    """An invoice, by GET and HEAD; an action and a payment where they are known."""
    deployment.accepted_invoice()
    chance = deployment.random
    invoice_id, absent = deployment.invoice_id, deployment.absent_invoices(1)[0]
    for credential, method in ((NO_KEY, "GET"), (UNKNOWN_KEY, "GET"), (NO_KEY, "HEAD")):
        known = fetch_invoice(invoice_id, credential, method=method)
        name = f"an invoice by {method} with {credential.name}"
        yield Race(name, known, fetch_invoice(absent, credential, method=method), chance)
    for credential in (NO_KEY, UNKNOWN_KEY):
        with suppress(NotExercised):
            action_id = deployment.action_id
            absent = deployment.absent_ids(action_id, 1)[0]
            known, other = (_create(deployment, asked, credential) for asked in (action_id, absent))
            yield Race(f"an action with {credential.name}", known, other, chance)
    with suppress(NotExercised, Inconclusive):
        request_id = payments.request_id()
        absent = deployment.absent_request_ids(1, request_id)[0]
        known = read_status(request_id, UNKNOWN_KEY)
        yield Race("a payment with an unknown key", known, read_status(absent, UNKNOWN_KEY), chance)


def _create(deployment: Deployment, action_id: Text, credential: Credential) -> Request:
    return create_payment(action_id, credential, phone=deployment.harmless_phone, message=PAGE_MESSAGE)


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
    if comparison.tells(LOOKS):
        raise Violation(
            expected="what exists and what does not to be answered in the same time",
            observed=f"{race.name}: what exists takes {comparison.difference * 1000:+.0f} ms "
            f"(chance {comparison.p_value:.0e}, {len(race.times)} pairs)",
            exchange=race.last,
        )
