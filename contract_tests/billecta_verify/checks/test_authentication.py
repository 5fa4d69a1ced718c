"""AUTH-1 to AUTH-4: what a key opens, and that nothing else does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote_plus, urlencode

import pytest

from billecta_verify.config.phones import FICTION
from billecta_verify.fixtures import assertions
from billecta_verify.fixtures.deployment import CONTROL_KIND, Deployment
from billecta_verify.fixtures.diagnosis import NO_KEY_KIND, AccessFault, diagnose_create, diagnose_invoice
from billecta_verify.fixtures.outcomes import Failure, NotExercised
from billecta_verify.fixtures.payments import PAGE_MESSAGE, Payments
from billecta_verify.oracles.schema import PLACES, string_member_flaw
from billecta_verify.transport.exchange import API_KEY_HEADER, NO_KEY, Credential, Exchange, Request, Text
from billecta_verify.transport.operations import (
    MISPLACED_KEYS,
    SIMILAR_KEYS,
    USUAL_MISTAKES,
    create_payment,
    fetch_invoice,
    read_status,
    with_bypass_headers,
)

READS = 5
WRONG_KEYS = 5
SUSPICIOUS = frozenset({"a pattern", "a condition"})
"""Keys that a firewall in front may refuse by 403 on its own."""


@pytest.mark.clause("AUTH-1", effect="none", kind=CONTROL_KIND)
def test_a_valid_key_is_not_refused_for_the_invoice_alone(deployment: Deployment) -> None:
    assertions.assert_no_fault(
        diagnose_invoice(deployment), AccessFault.KEY_REFUSED, "a valid key to be accepted for the invoice"
    )
    deployment.require_accepted_invoice()


@pytest.mark.clause("AUTH-1", effect="none", kind=CONTROL_KIND)
def test_a_valid_key_is_not_refused_for_create_alone(deployment: Deployment) -> None:
    assertions.assert_no_fault(
        diagnose_create(deployment), AccessFault.KEY_REFUSED, "a valid key to be accepted for a create"
    )
    deployment.require_accepted_key()


@pytest.mark.clause("AUTH-1", effect="read")
def test_a_valid_key_reads_the_invoice_every_time(deployment: Deployment) -> None:
    request = deployment.require_accepted_invoice().request
    for answer in deployment.repeated(request, READS):
        assertions.status(answer, {200}, "each time with a valid key")


@pytest.mark.clause("AUTH-1", effect="none")
def test_a_valid_key_is_accepted_after_wrong_ones(deployment: Deployment) -> None:
    """Who asks with wrong keys must not lock out whoever has the right one."""
    request = deployment.require_accepted_invoice().request
    wrong = [how for how in SIMILAR_KEYS if _is_another_key(deployment, SIMILAR_KEYS[how](deployment.api_key))]
    for how in wrong[:WRONG_KEYS]:
        deployment.observe(fetch_invoice(deployment.invoice_id, SIMILAR_KEYS[how](deployment.api_key)))
    assertions.status(deployment.send(request), {200}, f"after {WRONG_KEYS} requests with a wrong key")


@pytest.mark.clause("AUTH-1", effect="read")
def test_a_valid_key_reads_the_status_every_time(deployment: Deployment, payments: Payments) -> None:
    for answer in deployment.repeated(read_status(payments.request_id(), deployment.valid), READS):
        assertions.status(answer, {200}, "each time with a valid key")


@pytest.mark.clause("AUTH-1", effect="none", kind=CONTROL_KIND)
def test_a_valid_key_gets_as_far_as_the_parameters_of_create(deployment: Deployment) -> None:
    deployment.require_accepted_key()
    answer = deployment.create_without_message()
    if answer.status == 401:
        assertions.status(answer, {400, 403, 404}, "with a valid key and a parameter missing")


@pytest.mark.last
@pytest.mark.clause("AUTH-1", effect="read")
def test_no_request_with_the_valid_key_was_answered_401(deployment: Deployment) -> None:
    """Of a method that the page does not give, 401 may be said with any key: see HTTP-2."""
    deployment.require_accepted_key()
    for exchange in deployment.history:
        request = exchange.request
        is_operation = request.well_formed and request.method == PLACES[request.operation][1]
        if is_operation and request.credential == deployment.valid and exchange.status == 401:
            raise Failure(expected="no 401 with a valid key", observed=exchange.describe(), exchange=exchange)


@pytest.mark.last
@pytest.mark.clause("AUTH-1", effect="read")
def test_the_invoice_was_answered_alike_throughout_the_run(deployment: Deployment) -> None:
    first = deployment.require_accepted_invoice()
    for exchange in deployment.history:
        if exchange.request == first.request:
            assertions.status(exchange, {first.status}, "as at every other time in this run")


@pytest.mark.parametrize("how", MISPLACED_KEYS)
@pytest.mark.clause("AUTH-2", effect="none")
def test_the_invoice_needs_a_valid_key_in_its_header(deployment: Deployment, how: str) -> None:
    deployment.require_accepted_invoice()
    credential = MISPLACED_KEYS[how](deployment.api_key)
    assertions.refused_key(deployment.observe(fetch_invoice(deployment.invoice_id, credential)))


@pytest.mark.parametrize("how", USUAL_MISTAKES)
@pytest.mark.clause("AUTH-2", effect="none")
def test_the_status_needs_a_valid_key_in_its_header(deployment: Deployment, payments: Payments, how: str) -> None:
    credential = MISPLACED_KEYS[how](deployment.api_key)
    assertions.refused_key(deployment.observe(read_status(payments.request_id(), credential)))


@pytest.mark.parametrize("how", USUAL_MISTAKES)
@pytest.mark.clause("AUTH-2", effect="none", kind=NO_KEY_KIND)
def test_a_create_needs_a_valid_key_in_its_header(deployment: Deployment, how: str) -> None:
    deployment.require_accepted_key()
    assertions.refused_key(deployment.observe(_create(deployment, MISPLACED_KEYS[how](deployment.api_key))))


@pytest.mark.parametrize("what", ["the invoice", "the status", "a create"])
@pytest.mark.clause("AUTH-2", effect="none", kind=NO_KEY_KIND)
def test_a_key_of_another_database_is_no_key(deployment: Deployment, payments: Payments, what: str) -> None:
    key = deployment.foreign
    deployment.require_accepted_key()
    make: dict[str, Callable[[], Request]] = {
        "the invoice": lambda: fetch_invoice(deployment.invoice_id, key),
        "the status": lambda: read_status(payments.request_id(), key),
        "a create": lambda: _create(deployment, key),
    }
    assertions.refused_key(deployment.observe(make[what]()))


@pytest.mark.clause("AUTH-2", effect="none", kind=NO_KEY_KIND)
def test_a_create_does_not_take_its_key_from_a_form(deployment: Deployment) -> None:
    deployment.require_accepted_key()
    key = deployment.api_key
    if quote_plus(key.sent) != key.sent:
        raise NotExercised("a key of letters and digits: this one is spelled otherwise in a form, and might be shown")
    names = MISPLACED_KEYS["key in the query"](key).in_query
    body = urlencode(dict.fromkeys(names, key.sent)).encode()
    request = _create(deployment, NO_KEY)
    headers = (("Content-Type", "application/x-www-form-urlencoded"),)
    assertions.refused_key(deployment.observe(replace(request, headers=headers, body=body)))


@pytest.mark.parametrize("how", ["without its slash", "with a slash too many", "in upper case"])
@pytest.mark.clause("AUTH-2", effect="none")
def test_the_invoice_path_needs_the_key_however_it_is_spelled(deployment: Deployment, how: str) -> None:
    """Another spelling of a path may be anything: a page for all that is not the API is nobody's document."""
    request = deployment.require_accepted_invoice().request
    sent, shown = request.path.sent, request.path.shown
    spelled = {
        "without its slash": Text(sent.removesuffix("/"), shown.removesuffix("/")),
        "with a slash too many": Text(sent.replace("/", "//", 1), shown.replace("/", "//", 1)),
        "in upper case": Text(
            sent.replace("fetch-invoice-pdf", "FETCH-INVOICE-PDF"),
            shown.replace("fetch-invoice-pdf", "FETCH-INVOICE-PDF"),
        ),
    }
    answer = deployment.observe(replace(request, path=spelled[how], credential=NO_KEY, well_formed=False))
    if answer.body.startswith(b"%PDF") or answer.media_type == "application/pdf":
        raise Failure(expected="no document without a key", observed=answer.describe(), exchange=answer)


@pytest.mark.clause("AUTH-2", effect="none", kind=NO_KEY_KIND)
def test_the_payment_path_needs_the_key_however_it_is_spelled(deployment: Deployment) -> None:
    deployment.require_accepted_key()
    request = _create(deployment, NO_KEY)
    path = Text(request.path.sent + "/", request.path.shown + "/")
    answer = deployment.observe(replace(request, path=path, well_formed=False))
    if answer.status in range(200, 300) and string_member_flaw(answer, "requestid") is None:
        raise Failure(expected="no payment request without a key", observed=answer.describe(), exchange=answer)


@pytest.mark.clause("AUTH-2", effect="none")
def test_no_other_header_stands_in_for_the_key(deployment: Deployment) -> None:
    deployment.require_accepted_invoice()
    assertions.refused_key(deployment.observe(with_bypass_headers(deployment.invoice_id, NO_KEY)))


@pytest.mark.clause("AUTH-2", effect="none")
def test_a_cookie_of_the_deployment_does_not_stand_in_for_the_key(deployment: Deployment) -> None:
    """Only a deployment that sets cookies is asked: who has been let in once must show the key again."""
    answer = deployment.require_accepted_invoice()
    pairs = [value.partition(";")[0] for name, value in answer.headers if name.lower() == "set-cookie"]
    if pairs:
        cookies = Text("; ".join(pairs), "<the cookies that the deployment has set>")
        credential = Credential("the cookies that were set, and no key", cookies, in_headers=("Cookie",))
        assertions.refused_key(deployment.observe(fetch_invoice(deployment.invoice_id, credential)))


@pytest.mark.parametrize("name", ["X-API-Key", "X-API-KEY"])
@pytest.mark.clause("AUTH-3", effect="read")
def test_the_name_of_the_header_may_have_any_case(deployment: Deployment, name: str) -> None:
    expected = deployment.require_accepted_invoice().status
    credential = Credential(f"the valid key in {name}", deployment.api_key, in_headers=(name,))
    answer = deployment.send(fetch_invoice(deployment.invoice_id, credential))
    assertions.status(answer, {expected}, f"with the key in {name}, as in x-api-key")


@pytest.mark.clause("AUTH-3", effect="read")
def test_the_name_of_the_header_may_have_any_case_for_the_status(deployment: Deployment, payments: Payments) -> None:
    credential = Credential("the valid key in X-API-KEY", deployment.api_key, in_headers=("X-API-KEY",))
    answer = deployment.send(read_status(payments.request_id(), credential))
    assertions.status(answer, {200}, "with the key in X-API-KEY, as in x-api-key")


@pytest.mark.clause("AUTH-3", effect="none", kind=CONTROL_KIND)
def test_the_name_of_the_header_may_have_any_case_for_create(deployment: Deployment) -> None:
    deployment.require_accepted_key()
    expected = deployment.create_without_message().status
    credential = Credential("the valid key in X-API-KEY", deployment.api_key, in_headers=("X-API-KEY",))
    asked = create_payment(deployment.action_id, credential, phone=Text.plain(FICTION[0]), message=None)
    assertions.status(deployment.observe(asked), {expected}, "with the key in X-API-KEY, as in x-api-key")


@pytest.mark.parametrize("how", SIMILAR_KEYS)
@pytest.mark.clause("AUTH-4", effect="none")
def test_a_key_that_resembles_the_valid_one_opens_no_invoice(deployment: Deployment, how: str) -> None:
    deployment.require_accepted_invoice()
    answer = deployment.observe(fetch_invoice(deployment.invoice_id, _resembling(deployment, how)))
    if how in SUSPICIOUS and answer.status == 403:
        return
    assertions.refused_key(answer)


@pytest.mark.clause("AUTH-4", effect="none")
def test_a_key_between_odd_spaces_opens_no_invoice(deployment: Deployment) -> None:
    """HTTP takes spaces and tabs away from a value, and nothing else; a server may refuse what is not ASCII."""
    deployment.require_accepted_invoice()
    credential = Credential("the key between no-break spaces", deployment.api_key, header_form="\xa0{}\xa0")
    asked = fetch_invoice(deployment.invoice_id, credential, well_formed=False)
    _expect_no_success(deployment.observe(asked))


@pytest.mark.parametrize("how", ["other case", "without its last character", "one character changed", "a suffix"])
@pytest.mark.clause("AUTH-4", effect="none")
def test_a_key_that_resembles_the_valid_one_reads_no_status(
    deployment: Deployment, payments: Payments, how: str
) -> None:
    assertions.refused_key(deployment.observe(read_status(payments.request_id(), _resembling(deployment, how))))


@pytest.mark.parametrize("how", ["other case", "without its last character", "one character changed", "a suffix"])
@pytest.mark.clause("AUTH-4", effect="none", kind="create with a key that resembles the valid one")
def test_a_key_that_resembles_the_valid_one_creates_nothing(deployment: Deployment, how: str) -> None:
    deployment.require_accepted_key()
    assertions.refused_key(deployment.observe(_create(deployment, _resembling(deployment, how))))


def _resembling(deployment: Deployment, how: str) -> Credential:
    credential = SIMILAR_KEYS[how](deployment.api_key)
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
        raise Failure(expected="no success without a key", observed=exchange.describe(), exchange=exchange)
