"""MASK-1 to MASK-4: what answers, and their times, leak of resources that the caller may not see."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from billecta_verify.fixtures import assertions
from billecta_verify.fixtures.comparison import find_difference
from billecta_verify.fixtures.deployment import Deployment
from billecta_verify.fixtures.diagnosis import NO_KEY_KIND
from billecta_verify.fixtures.outcomes import Failure, Inconclusive, NotExercised
from billecta_verify.fixtures.payments import PAGE_MESSAGE, Payments
from billecta_verify.oracles.timing import TimingPair, TimingTest
from billecta_verify.transport.exchange import NO_KEY, Credential, Request, Text
from billecta_verify.transport.operations import (
    ASKED_OTHERWISE,
    MISPLACED_KEYS,
    SIMILAR_KEYS,
    UNKNOWN_KEY,
    create_payment,
    fetch_invoice,
    read_status,
    with_bypass_headers,
)

INVALID = {"no key": NO_KEY, "an unknown key": UNKNOWN_KEY}
invalid_credentials = pytest.mark.parametrize("credential", INVALID.values(), ids=INVALID.keys())


WITH_A_KEY = "an invoice that is hidden from a valid key"


@invalid_credentials
@pytest.mark.clause("MASK-1", effect="none")
def test_401_or_404_answers_for_the_invoice(deployment: Deployment, credential: Credential) -> None:
    deployment.require_accepted_invoice()
    assertions.refused_key(deployment.observe(fetch_invoice(deployment.invoice_id, credential)))


@invalid_credentials
@pytest.mark.clause("MASK-1", effect="none")
def test_401_or_404_answers_for_the_status(deployment: Deployment, payments: Payments, credential: Credential) -> None:
    assertions.refused_key(deployment.observe(read_status(payments.request_id(), credential)))


@invalid_credentials
@pytest.mark.clause("MASK-1", effect="none", kind=NO_KEY_KIND)
def test_401_or_404_answers_for_create(deployment: Deployment, credential: Credential) -> None:
    deployment.require_accepted_key()
    request = create_payment(deployment.action_id, credential, phone=deployment.harmless_phone, message=PAGE_MESSAGE)
    assertions.refused_key(deployment.observe(request))


@invalid_credentials
@pytest.mark.clause("MASK-1", effect="none")
def test_401_or_404_answers_for_what_does_not_exist(deployment: Deployment, credential: Credential) -> None:
    deployment.require_accepted_key()
    assertions.refused_key(deployment.observe(fetch_invoice(deployment.unknown_invoices(1)[0], credential)))


@pytest.mark.parametrize(
    ("method", "credential"),
    [(method, credential) for method in ("GET", "HEAD") for credential in INVALID.values()],
    ids=[f"{method} with {name}" for method in ("GET", "HEAD") for name in INVALID],
)
@pytest.mark.clause("MASK-2", effect="none")
def test_without_a_valid_key_an_invoice_looks_like_none(
    deployment: Deployment, method: str, credential: Credential
) -> None:
    deployment.require_accepted_invoice()

    def request(invoice_id: Text) -> Request:
        return fetch_invoice(invoice_id, credential, method=method)

    expect_alike(deployment, deployment.invoice_id, deployment.unknown_invoices(2), request)


@pytest.mark.parametrize("method", ["OPTIONS", "POST"])
@pytest.mark.clause("MASK-2", effect="none")
def test_without_a_key_no_other_method_tells_an_invoice_from_none(deployment: Deployment, method: str) -> None:
    deployment.require_accepted_invoice()
    expect_alike(
        deployment,
        deployment.invoice_id,
        deployment.unknown_invoices(2),
        lambda invoice_id: fetch_invoice(invoice_id, NO_KEY, method=method),
    )


@pytest.mark.clause("MASK-2", effect="none")
def test_without_its_slash_an_invoice_looks_like_none(deployment: Deployment) -> None:
    deployment.require_accepted_invoice()
    expect_alike(
        deployment,
        deployment.invoice_id,
        deployment.unknown_invoices(2),
        lambda invoice_id: fetch_invoice(invoice_id, NO_KEY, slash=False, well_formed=False),
    )


@pytest.mark.clause("MASK-2", effect="none")
def test_without_a_key_no_other_header_tells_an_invoice_from_none(deployment: Deployment) -> None:
    deployment.require_accepted_invoice()
    expect_alike(
        deployment,
        deployment.invoice_id,
        deployment.unknown_invoices(2),
        lambda invoice_id: with_bypass_headers(invoice_id, NO_KEY),
    )


@invalid_credentials
@pytest.mark.clause("MASK-2", effect="none")
def test_without_a_valid_key_a_hidden_invoice_looks_like_none(deployment: Deployment, credential: Credential) -> None:
    hidden = deployment.hidden_invoice_id
    deployment.require_accepted_key()
    expect_alike(
        deployment, hidden, deployment.unknown_invoices(2), lambda invoice_id: fetch_invoice(invoice_id, credential)
    )


@pytest.mark.clause("MASK-2", effect="none", kind=NO_KEY_KIND)
def test_without_a_key_and_parameters_an_action_looks_like_none(deployment: Deployment) -> None:
    deployment.require_accepted_key()
    expect_alike(
        deployment,
        deployment.action_id,
        deployment.unknown_ids(deployment.action_id, 2),
        lambda action_id: create_payment(action_id, NO_KEY, phone=None, message=None),
    )


@pytest.mark.parametrize("how", ["first half", "a suffix"])
@pytest.mark.clause("MASK-2", effect="none")
def test_with_a_key_that_resembles_the_valid_one_an_invoice_looks_like_none(deployment: Deployment, how: str) -> None:
    deployment.require_accepted_invoice()
    credential = SIMILAR_KEYS[how](deployment.api_key)
    expect_alike(
        deployment,
        deployment.invoice_id,
        deployment.unknown_invoices(2),
        lambda invoice_id: fetch_invoice(invoice_id, credential),
    )


@pytest.mark.parametrize(
    "how", ["empty key", "key in the query", "key as Bearer token", "key in a cookie", "key in headers of other names"]
)
@pytest.mark.clause("MASK-2", effect="none")
def test_with_a_key_out_of_its_place_an_invoice_looks_like_none(deployment: Deployment, how: str) -> None:
    deployment.require_accepted_invoice()
    credential = MISPLACED_KEYS[how](deployment.api_key)
    expect_alike(
        deployment,
        deployment.invoice_id,
        deployment.unknown_invoices(2),
        lambda invoice_id: fetch_invoice(invoice_id, credential),
    )


@invalid_credentials
@pytest.mark.clause("MASK-2", effect="none")
def test_without_a_valid_key_a_payment_looks_like_none(
    deployment: Deployment, payments: Payments, credential: Credential
) -> None:
    expect_no_payment_seen(deployment, payments, credential, "GET")


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "POST"])
@pytest.mark.clause("MASK-2", effect="none", kind=NO_KEY_KIND)
def test_without_a_key_no_other_method_tells_a_payment_from_none(
    deployment: Deployment, payments: Payments, method: str
) -> None:
    expect_no_payment_seen(deployment, payments, NO_KEY, method)


@invalid_credentials
@pytest.mark.clause("MASK-2", effect="none", kind=NO_KEY_KIND)
def test_without_a_valid_key_an_action_looks_like_none(deployment: Deployment, credential: Credential) -> None:
    deployment.require_accepted_key()
    expect_alike(
        deployment,
        deployment.action_id,
        deployment.unknown_ids(deployment.action_id, 2),
        lambda action_id: create_payment(action_id, credential, phone=deployment.harmless_phone, message=PAGE_MESSAGE),
    )


@pytest.mark.clause("MASK-2", effect="none")
def test_without_a_key_a_get_tells_no_action_from_none(deployment: Deployment) -> None:
    deployment.require_accepted_key()
    absent = deployment.unknown_ids(deployment.action_id, 2)
    expect_alike(deployment, deployment.action_id, absent, lambda action_id: read_status(action_id, NO_KEY))


@pytest.mark.parametrize("how", ASKED_OTHERWISE)
@pytest.mark.clause("MASK-4", effect="read")
def test_a_hidden_invoice_looks_like_none_however_it_is_asked_for(deployment: Deployment, how: str) -> None:
    hidden = deployment.hidden_invoice_id
    credential = deployment.key_that_sees_less()
    expect_alike(
        deployment, hidden, deployment.unknown_invoices(2), lambda asked: ASKED_OTHERWISE[how](asked, credential)
    )


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
@pytest.mark.clause("MASK-4", effect="read")
def test_a_hidden_invoice_looks_like_none(deployment: Deployment, method: str) -> None:
    hidden = deployment.hidden_invoice_id
    credential = deployment.key_that_sees_less()
    expect_alike(
        deployment,
        hidden,
        deployment.unknown_invoices(2),
        lambda invoice_id: fetch_invoice(invoice_id, credential, method=method),
    )


def expect_alike(deployment: Deployment, known: Text, absent: list[Text], request: Callable[[Text], Request]) -> None:
    """What exists and what does not are answered alike."""
    found = find_difference(deployment, known, absent, request)
    if found is not None:
        credential = found.shown_by.request.credential.name
        raise Failure(
            expected="the same answer for what exists and for what does not",
            observed=f"they can be told apart with {credential} by {found.what}",
            exchange=found.shown_by,
        )


def expect_no_payment_seen(deployment: Deployment, payments: Payments, credential: Credential, method: str) -> None:
    """With this credential, a payment request that exists and ones that do not are answered alike."""
    known = payments.request_id()
    expect_alike(
        deployment,
        known,
        deployment.unknown_request_ids(2, known),
        lambda request_id: read_status(request_id, credential, method=method),
    )


@pytest.fixture(scope="module")
def timing_test(deployment: Deployment, payments: Payments) -> TimingTest:
    """All races, run once: those of both clauses share the requests that pick the suspect among them."""
    races = [*_races(deployment, payments), *_race_of_the_hidden(deployment)]
    found = TimingTest(races, deployment.send, deployment.random, seen=deployment.history)
    found.run()
    return found


@pytest.mark.clause("MASK-3", effect="none", kind=NO_KEY_KIND)
def test_the_time_of_an_answer_tells_nothing(deployment: Deployment, timing_test: TimingTest) -> None:
    deployment.require_accepted_invoice()
    _expect_nothing_told(timing_test.told, hidden=False)


@pytest.mark.clause("MASK-4", effect="none", kind=NO_KEY_KIND)
def test_the_time_of_an_answer_tells_nothing_of_a_hidden_invoice(
    deployment: Deployment, timing_test: TimingTest
) -> None:
    deployment.key_that_sees_less()
    if not deployment.hidden_invoice_id:
        raise NotExercised("--hidden-invoice-id")
    _expect_nothing_told(timing_test.told, hidden=True)


def _races(deployment: Deployment, payments: Payments) -> Iterator[TimingPair]:
    """An invoice, by GET and HEAD; an action and a payment where they are known."""
    with suppress(NotExercised, Inconclusive):
        deployment.require_accepted_invoice()
        invoice_id, absent = deployment.invoice_id, deployment.unknown_invoices(1)[0]
        for credential, method in ((NO_KEY, "GET"), (UNKNOWN_KEY, "GET"), (NO_KEY, "HEAD")):
            known = fetch_invoice(invoice_id, credential, method=method)
            name = f"an invoice by {method} with {credential.name}"
            yield TimingPair(name, known, fetch_invoice(absent, credential, method=method))
    for credential in (NO_KEY, UNKNOWN_KEY):
        with suppress(NotExercised):
            action_id = deployment.action_id
            absent = deployment.unknown_ids(action_id, 1)[0]
            known, other = (_create(deployment, asked, credential) for asked in (action_id, absent))
            yield TimingPair(f"an action with {credential.name}", known, other)
    with suppress(NotExercised, Inconclusive):
        request_id = payments.request_id()
        absent = deployment.unknown_request_ids(1, request_id)[0]
        for credential in (NO_KEY, UNKNOWN_KEY):
            known = read_status(request_id, credential)
            yield TimingPair(f"a payment with {credential.name}", known, read_status(absent, credential))


def _race_of_the_hidden(deployment: Deployment) -> Iterator[TimingPair]:
    with suppress(NotExercised, Inconclusive):
        credential, hidden = deployment.key_that_sees_less(), deployment.hidden_invoice_id
        absent = deployment.unknown_invoices(1)[0]
        yield TimingPair(WITH_A_KEY, fetch_invoice(hidden, credential), fetch_invoice(absent, credential))


def _create(deployment: Deployment, action_id: Text, credential: Credential) -> Request:
    return create_payment(action_id, credential, phone=deployment.harmless_phone, message=PAGE_MESSAGE)


def _expect_nothing_told(pair: TimingPair | None, *, hidden: bool) -> None:
    if pair is None or (pair.name == WITH_A_KEY) is not hidden:
        return
    comparison = pair.comparison
    raise Failure(
        expected="what exists and what does not to be answered in the same time",
        observed=f"{pair.name}: what exists takes {comparison.difference * 1000:+.0f} ms "
        f"(chance {comparison.p_value:.0e}, {len(comparison.one) + len(comparison.other)} requests)",
        exchange=pair.last,
    )
