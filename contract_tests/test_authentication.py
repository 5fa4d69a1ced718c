"""AUTH-1 to AUTH-5: what a key opens, and that nothing else does."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote_plus, urlencode

import pytest

from contract_tests import expect
from contract_tests.blame import Fault, blame_for_create, blame_for_invoice
from contract_tests.deployment import CONTROL_KIND, Deployment
from contract_tests.exchange import API_KEY_HEADER, NO_KEY, Credential, Exchange, Request, Text
from contract_tests.operations import (
    FETCH_INVOICE,
    NOT_IN_ITS_PLACE,
    RESEMBLING,
    USUAL_MISTAKES,
    create_payment,
    fetch_invoice,
    read_status,
)
from contract_tests.outcomes import Inconclusive, NotExercised, Violation
from contract_tests.payments import PAGE_MESSAGE, Payments

READS = 6
WRONG_KEYS = 5
TEMPTING_HEADERS = (
    ("X-Forwarded-For", "127.0.0.1"),
    ("X-Real-IP", "127.0.0.1"),
    ("Range", "bytes=0-"),
    ("If-None-Match", "*"),
)
"""Headers at which a deployment may take a way around the question of the key."""
NO_KEY_KIND = "create without a valid key"


@pytest.mark.clause("AUTH-1", effect="none", kind=CONTROL_KIND)
def test_a_valid_key_is_not_refused_for_the_invoice_alone(deployment: Deployment) -> None:
    expect.not_to_blame(blame_for_invoice(deployment), Fault.KEY_REFUSED, "a valid key to be accepted for the invoice")
    deployment.accepted_invoice()


@pytest.mark.clause("AUTH-1", effect="none", kind=CONTROL_KIND)
def test_a_valid_key_is_not_refused_for_create_alone(deployment: Deployment) -> None:
    expect.not_to_blame(blame_for_create(deployment), Fault.KEY_REFUSED, "a valid key to be accepted for a create")
    deployment.accepted_key()


@pytest.mark.clause("AUTH-1", effect="read")
def test_a_valid_key_reads_the_invoice_every_time(deployment: Deployment) -> None:
    request = deployment.accepted_invoice().request
    for answer in deployment.repeated(request, READS):
        expect.status(answer, {200}, "each time with a valid key")


@pytest.mark.clause("AUTH-1", effect="none")
def test_a_valid_key_is_accepted_after_wrong_ones(deployment: Deployment) -> None:
    """Who asks with wrong keys must not lock out whoever has the right one."""
    request = deployment.accepted_invoice().request
    wrong = [how for how in RESEMBLING if _is_another_key(deployment, RESEMBLING[how](deployment.api_key))]
    for how in wrong[:WRONG_KEYS]:
        deployment.send(fetch_invoice(deployment.invoice_id, RESEMBLING[how](deployment.api_key)))
    expect.status(deployment.send(request), {200}, f"after {WRONG_KEYS} requests with a wrong key")


@pytest.mark.clause("AUTH-1", effect="read")
def test_a_valid_key_reads_the_status_every_time(deployment: Deployment, payments: Payments) -> None:
    for answer in deployment.repeated(read_status(payments.request_id(), deployment.valid), READS):
        expect.status(answer, {200}, "each time with a valid key")


@pytest.mark.clause("AUTH-1", effect="none", kind=CONTROL_KIND)
def test_a_valid_key_gets_as_far_as_the_parameters_of_create(deployment: Deployment) -> None:
    deployment.accepted_key()
    answer = deployment.incomplete_create()
    if answer.status == 401:
        expect.status(answer, {400, 403, 404}, "with a valid key and a parameter missing")


@pytest.mark.last
@pytest.mark.clause("AUTH-1", effect="read")
def test_no_request_with_the_valid_key_was_answered_401(deployment: Deployment) -> None:
    deployment.accepted_key()
    for exchange in deployment.history:
        if exchange.request.credential == deployment.valid and exchange.request.well_formed and exchange.status == 401:
            raise Violation(expected="no 401 with a valid key", observed=exchange.describe(), exchange=exchange)


@pytest.mark.last
@pytest.mark.clause("AUTH-1", effect="read")
def test_the_invoice_was_answered_alike_throughout_the_run(deployment: Deployment) -> None:
    first = deployment.accepted_invoice()
    for exchange in deployment.history:
        if exchange.request == first.request:
            expect.status(exchange, {first.status}, "as at every other time in this run")


@pytest.mark.parametrize("how", NOT_IN_ITS_PLACE)
@pytest.mark.clause("AUTH-2", effect="none")
def test_the_invoice_needs_a_valid_key_in_its_header(deployment: Deployment, how: str) -> None:
    deployment.accepted_invoice()
    credential = NOT_IN_ITS_PLACE[how](deployment.api_key)
    expect.refused_key(deployment.observe(fetch_invoice(deployment.invoice_id, credential)))


@pytest.mark.parametrize("how", USUAL_MISTAKES)
@pytest.mark.clause("AUTH-2", effect="none")
def test_the_status_needs_a_valid_key_in_its_header(deployment: Deployment, payments: Payments, how: str) -> None:
    credential = NOT_IN_ITS_PLACE[how](deployment.api_key)
    expect.refused_key(deployment.observe(read_status(payments.request_id(), credential)))


@pytest.mark.parametrize("how", USUAL_MISTAKES)
@pytest.mark.clause("AUTH-2", effect="none", kind=NO_KEY_KIND)
def test_a_create_needs_a_valid_key_in_its_header(deployment: Deployment, how: str) -> None:
    deployment.accepted_key()
    expect.refused_key(deployment.observe(_create(deployment, NOT_IN_ITS_PLACE[how](deployment.api_key))))


@pytest.mark.clause("AUTH-2", effect="none", kind=NO_KEY_KIND)
def test_a_create_does_not_take_its_key_from_a_form(deployment: Deployment) -> None:
    deployment.accepted_key()
    key = deployment.api_key
    if quote_plus(key.sent) != key.sent:
        raise NotExercised("a key of letters and digits: this one is spelled otherwise in a form, and might be shown")
    names = NOT_IN_ITS_PLACE["key in the query"](key).in_query
    body = urlencode(dict.fromkeys(names, key.sent)).encode()
    request = _create(deployment, NO_KEY)
    headers = (("Content-Type", "application/x-www-form-urlencoded"),)
    expect.refused_key(deployment.observe(replace(request, headers=headers, body=body)))


@pytest.mark.parametrize("how", ["without its slash", "with a slash too many", "in upper case"])
@pytest.mark.clause("AUTH-2", effect="none")
def test_the_invoice_path_needs_the_key_however_it_is_spelled(deployment: Deployment, how: str) -> None:
    request = deployment.accepted_invoice().request
    sent, shown = request.path.sent, request.path.shown
    spelled = {
        "without its slash": Text(sent.removesuffix("/"), shown.removesuffix("/")),
        "with a slash too many": Text(sent.replace("/", "//", 1), shown.replace("/", "//", 1)),
        "in upper case": Text(
            sent.replace("fetch-invoice-pdf", "FETCH-INVOICE-PDF"),
            shown.replace("fetch-invoice-pdf", "FETCH-INVOICE-PDF"),
        ),
    }
    _expect_no_success(deployment.observe(replace(request, path=spelled[how], credential=NO_KEY, well_formed=False)))


@pytest.mark.clause("AUTH-2", effect="none", kind=NO_KEY_KIND)
def test_the_payment_path_needs_the_key_however_it_is_spelled(deployment: Deployment) -> None:
    deployment.accepted_key()
    request = _create(deployment, NO_KEY)
    path = Text(request.path.sent + "/", request.path.shown + "/")
    _expect_no_success(deployment.observe(replace(request, path=path, well_formed=False)))


@pytest.mark.clause("AUTH-2", effect="none")
def test_no_other_header_stands_in_for_the_key(deployment: Deployment) -> None:
    deployment.accepted_invoice()
    answer = deployment.observe(fetch_invoice(deployment.invoice_id, NO_KEY, headers=TEMPTING_HEADERS))
    expect.refused_key(answer)


@pytest.mark.parametrize("what", ["no parameters", "an overlong phone", "an unknown action"])
@pytest.mark.clause("AUTH-2", effect="none", kind=NO_KEY_KIND)
def test_the_key_is_judged_before_the_parameters_of_create(deployment: Deployment, what: str) -> None:
    deployment.accepted_key()
    action, phone, message = deployment.action_id, deployment.harmless_phone, PAGE_MESSAGE
    requests = {
        "no parameters": create_payment(action, NO_KEY, phone=None, message=None),
        "an overlong phone": create_payment(action, NO_KEY, phone=Text.plain("0" * 30), message=message),
        "an unknown action": create_payment(deployment.absent_ids(action, 1)[0], NO_KEY, phone=phone, message=message),
    }
    expect.refused_key(deployment.observe(requests[what]))


@pytest.mark.parametrize("invoice_id", ["0", "-1", "abc"])
@pytest.mark.clause("AUTH-2", effect="none")
def test_the_key_is_judged_before_the_form_of_an_invoice_id(deployment: Deployment, invoice_id: str) -> None:
    deployment.accepted_key()
    expect.refused_key(deployment.observe(fetch_invoice(Text.plain(invoice_id), NO_KEY)))


@pytest.mark.parametrize("name", ["X-API-Key", "X-API-KEY", "X-Api-Key"])
@pytest.mark.clause("AUTH-3", effect="read")
def test_the_name_of_the_header_may_have_any_case(deployment: Deployment, name: str) -> None:
    expected = deployment.accepted_invoice().status
    credential = Credential(f"the valid key in {name}", deployment.api_key, in_headers=(name,))
    answer = deployment.send(fetch_invoice(deployment.invoice_id, credential))
    expect.status(answer, {expected}, f"with the key in {name}, as in x-api-key")


@pytest.mark.clause("AUTH-3", effect="read")
def test_the_name_of_the_header_may_have_any_case_for_the_status(deployment: Deployment, payments: Payments) -> None:
    credential = Credential("the valid key in X-API-KEY", deployment.api_key, in_headers=("X-API-KEY",))
    answer = deployment.send(read_status(payments.request_id(), credential))
    expect.status(answer, {200}, "with the key in X-API-KEY, as in x-api-key")


@pytest.mark.parametrize("how", RESEMBLING)
@pytest.mark.clause("AUTH-4", effect="none")
def test_a_key_that_resembles_the_valid_one_opens_no_invoice(deployment: Deployment, how: str) -> None:
    deployment.accepted_invoice()
    expect.refused_key(deployment.observe(fetch_invoice(deployment.invoice_id, _resembling(deployment, how))))


@pytest.mark.parametrize("how", ["other case", "without its last character", "one character changed", "a suffix"])
@pytest.mark.clause("AUTH-4", effect="none")
def test_a_key_that_resembles_the_valid_one_reads_no_status(
    deployment: Deployment, payments: Payments, how: str
) -> None:
    expect.refused_key(deployment.observe(read_status(payments.request_id(), _resembling(deployment, how))))


@pytest.mark.parametrize("how", ["other case", "without its last character", "one character changed", "a suffix"])
@pytest.mark.clause("AUTH-4", effect="none", kind="create with a key that resembles the valid one")
def test_a_key_that_resembles_the_valid_one_creates_nothing(deployment: Deployment, how: str) -> None:
    deployment.accepted_key()
    expect.refused_key(deployment.observe(_create(deployment, _resembling(deployment, how))))


@pytest.mark.parametrize("name", ["no key", "unknown key"])
@pytest.mark.clause("AUTH-5", effect="none")
def test_head_needs_the_key_for_the_invoice(deployment: Deployment, name: str) -> None:
    deployment.accepted_invoice()
    credential = NOT_IN_ITS_PLACE[name](deployment.api_key)
    _expect_nothing(deployment.observe(fetch_invoice(deployment.invoice_id, credential, method="HEAD")))


@pytest.mark.clause("AUTH-5", effect="none")
def test_head_needs_the_key_for_the_status(deployment: Deployment, payments: Payments) -> None:
    _expect_nothing(deployment.observe(read_status(payments.request_id(), NO_KEY, method="HEAD")))


@pytest.mark.clause("AUTH-5", effect="none")
def test_options_without_the_key_gives_no_data(deployment: Deployment) -> None:
    deployment.accepted_invoice()
    answer = deployment.observe(fetch_invoice(deployment.invoice_id, NO_KEY, method="OPTIONS"))
    if answer.body.startswith(b"%PDF") or answer.media_type == "application/pdf":
        raise Violation(expected="no document without a key", observed=f"OPTIONS: {answer.describe()}", exchange=answer)


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
@pytest.mark.clause("AUTH-5", effect="none")
def test_a_method_override_does_not_get_around_the_key(deployment: Deployment, header: str) -> None:
    deployment.accepted_invoice()
    request = fetch_invoice(deployment.invoice_id, NO_KEY, method="POST", headers=((header, "GET"),))
    _expect_nothing(deployment.observe(request))


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
@pytest.mark.clause("AUTH-5", effect="none")
def test_other_methods_need_the_key(deployment: Deployment, method: str) -> None:
    deployment.accepted_invoice()
    if not deployment.target.takes_any_method:
        raise NotExercised(f"{method} is sent to a deployment on another machine only with --probe-methods")
    _expect_nothing(deployment.observe(fetch_invoice(deployment.invoice_id, NO_KEY, method=method)))


def _resembling(deployment: Deployment, how: str) -> Credential:
    credential = RESEMBLING[how](deployment.api_key)
    if not _is_another_key(deployment, credential):
        raise NotExercised(f"a key that has such a variant: this one has none ({how})")
    return credential


def _is_another_key(deployment: Deployment, credential: Credential) -> bool:
    sent = dict(credential.headers()).get(API_KEY_HEADER)
    return bool(sent) and sent not in deployment.target.keys


def _create(deployment: Deployment, credential: Credential) -> Request:
    return create_payment(deployment.action_id, credential, phone=deployment.harmless_phone, message=PAGE_MESSAGE)


def _expect_no_success(exchange: Exchange) -> None:
    """Another spelling of a path may be anything, or nothing, but it opens nothing."""
    if exchange.status in range(200, 300):
        raise Violation(expected="no success without a key", observed=exchange.describe(), exchange=exchange)


def _expect_nothing(exchange: Exchange) -> None:
    """A refusal of the key, or of the method; a deployment without HEAD is free to say so."""
    if exchange.status == 501:
        raise Inconclusive(f"{exchange.request.method} is not implemented (501); see HTTP-2")
    allowed = {400, 401, 403, 404, 405} if exchange.request.operation == FETCH_INVOICE else {401, 404, 405}
    expect.status(exchange, allowed, f"for {exchange.request.method} with {exchange.request.credential.name}")
