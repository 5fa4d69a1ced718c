"""MASK-3 and MASK-4: what the time of an answer tells of things that the asker may not see."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest

from billecta_verify.fixtures.deployment import Deployment
from billecta_verify.fixtures.diagnosis import NO_KEY_KIND
from billecta_verify.fixtures.outcomes import Inconclusive, NotExercised, Violation
from billecta_verify.fixtures.payments import PAGE_MESSAGE, Payments
from billecta_verify.oracles.timing import Contest, Race
from billecta_verify.transport.exchange import NO_KEY, Credential, Request, Text
from billecta_verify.transport.operations import UNKNOWN_KEY, create_payment, fetch_invoice, read_status

WITH_A_KEY = "an invoice that is hidden from a valid key"


@pytest.fixture(scope="module")
def contest(deployment: Deployment, payments: Payments) -> Contest:
    """All races, run once: those of both clauses share the requests that pick the suspect among them."""
    races = [*_races(deployment, payments), *_race_of_the_hidden(deployment)]
    found = Contest(races, deployment.send, deployment.random, seen=deployment.history)
    found.run()
    return found


@pytest.mark.clause("MASK-3", effect="none", kind=NO_KEY_KIND)
def test_the_time_of_an_answer_tells_nothing(deployment: Deployment, contest: Contest) -> None:
    deployment.accepted_invoice()
    _expect_nothing_told(contest.told, hidden=False)


@pytest.mark.clause("MASK-4", effect="none", kind=NO_KEY_KIND)
def test_the_time_of_an_answer_tells_nothing_of_a_hidden_invoice(deployment: Deployment, contest: Contest) -> None:
    deployment.key_that_sees_less()
    if not deployment.hidden_invoice_id:
        raise NotExercised("--hidden-invoice-id")
    _expect_nothing_told(contest.told, hidden=True)


def _races(deployment: Deployment, payments: Payments) -> Iterator[Race]:
    """An invoice, by GET and HEAD; an action and a payment where they are known."""
    with suppress(NotExercised, Inconclusive):
        deployment.accepted_invoice()
        invoice_id, absent = deployment.invoice_id, deployment.absent_invoices(1)[0]
        for credential, method in ((NO_KEY, "GET"), (UNKNOWN_KEY, "GET"), (NO_KEY, "HEAD")):
            known = fetch_invoice(invoice_id, credential, method=method)
            name = f"an invoice by {method} with {credential.name}"
            yield Race(name, known, fetch_invoice(absent, credential, method=method))
    for credential in (NO_KEY, UNKNOWN_KEY):
        with suppress(NotExercised):
            action_id = deployment.action_id
            absent = deployment.absent_ids(action_id, 1)[0]
            known, other = (_create(deployment, asked, credential) for asked in (action_id, absent))
            yield Race(f"an action with {credential.name}", known, other)
    with suppress(NotExercised, Inconclusive):
        request_id = payments.request_id()
        absent = deployment.absent_request_ids(1, request_id)[0]
        for credential in (NO_KEY, UNKNOWN_KEY):
            known = read_status(request_id, credential)
            yield Race(f"a payment with {credential.name}", known, read_status(absent, credential))


def _race_of_the_hidden(deployment: Deployment) -> Iterator[Race]:
    with suppress(NotExercised, Inconclusive):
        credential, hidden = deployment.key_that_sees_less(), deployment.hidden_invoice_id
        absent = deployment.absent_invoices(1)[0]
        yield Race(WITH_A_KEY, fetch_invoice(hidden, credential), fetch_invoice(absent, credential))


def _create(deployment: Deployment, action_id: Text, credential: Credential) -> Request:
    return create_payment(action_id, credential, phone=deployment.harmless_phone, message=PAGE_MESSAGE)


def _expect_nothing_told(race: Race | None, *, hidden: bool) -> None:
    if race is None or (race.name == WITH_A_KEY) is not hidden:
        return
    comparison = race.comparison
    raise Violation(
        expected="what exists and what does not to be answered in the same time",
        observed=f"{race.name}: what exists takes {comparison.difference * 1000:+.0f} ms "
        f"(chance {comparison.p_value:.0e}, {len(comparison.one) + len(comparison.other)} requests)",
        exchange=race.last,
    )
