"""CODES-1 and CODES-2: which status codes occur."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest

from billecta_verify.fixtures import assertions
from billecta_verify.fixtures.deployment import Deployment
from billecta_verify.fixtures.generation import generated_requests
from billecta_verify.fixtures.outcomes import Inconclusive, NotExercised
from billecta_verify.fixtures.payments import PAGE_MESSAGE, Payments
from billecta_verify.oracles.schema import PLACES, documented_statuses
from billecta_verify.transport.exchange import Credential, Exchange, Request, Text
from billecta_verify.transport.operations import (
    CREATE_PAYMENT,
    FETCH_INVOICE,
    READ_STATUS,
    create_payment,
    fetch_invoice,
    read_status,
)

OWN_CODES_OF_HTTP = frozenset({405, 429})
MALFORMED_KIND = "malformed create for an unknown action"
"""These come last: if one is accepted, no other create with a key is sent, and each has a clause that it is about."""
GENERATED = 4

MALFORMED_IDS = {
    "NUL": "%00",
    "no UTF-8": "%C3%28",
    "half a surrogate": "%ED%A0%80",
    "a stray percent sign": "%25",
    "an encoded slash": "a%2Fb",
    "an encoded question mark": "a%3Fb",
    "very long": "7" * 5000,
    "a line break": "a%0D%0Ab",
    "nothing": "",
}
MALFORMED_QUERIES = {
    "no UTF-8": "phone=%FF%FE&message=%C3%28",
    "NUL": "phone=%00&message=%00",
    "repeated parameters": "phone=46701740605&phone=46701740606&message=a&message=b",
    "a stray percent sign": "phone=%&message=%ZZ",
    "separators and brackets": "&&==&;&phone[]=46701740605&message[a]=b&__proto__[x]=1",
    "very long, with many parameters": "phone=46701740605&message=" + "a" * 4000 + "&more=1" * 99,
    "signs, and a letter beyond 16 bits": "phone=46701740605&message=%F0%9F%92%A9%27%22%0A%25%3C",
}
ODD_KEYS = {
    "letters outside ASCII": Credential("a key of UTF-8", Text.plain("nyckel-'åäö".encode().decode("latin-1"))),
    "very long": Credential("a very long key", Text.plain("k" * 1000)),
}
READS = 5
ODD_HEADERS = {
    "Accept of another type": (("Accept", "application/xml"),),
    "malformed Accept": (("Accept", ";;q=,"),),
    "malformed preferences": (
        ("Accept-Charset", ";q=x"),
        ("Accept-Language", "*;q=x"),
        ("If-Modified-Since", "yesterday"),
        ("If-Range", "=;"),
    ),
    "malformed Content-Type": (("Content-Type", "nonsense"),),
    "malformed Range": (("Range", "bytes=z-"),),
    "malformed Cookie": (("Cookie", "=;=\x7f"),),
    "malformed Authorization": (("Authorization", "Basic !!!"),),
    "malformed addresses": (
        ("Forwarded", "for=;;=x"),
        ("Origin", "null"),
        ("Referer", "::"),
        ("X-Forwarded-For", "somewhere"),
        ("X-Real-IP", "somewhere"),
    ),
    "very many": (("Cookie", "a" * 3500), *((f"X-More-{number}", "1") for number in range(50))),
}


@pytest.mark.last
@pytest.mark.parametrize("operation_id", PLACES)
@pytest.mark.clause("CODES-1", effect="read")
def test_only_documented_codes_occurred(deployment: Deployment, payments: Payments, operation_id: str) -> None:
    deployment.require_accepted_key()
    if operation_id == CREATE_PAYMENT:
        with suppress(Inconclusive, NotExercised):
            payments.attempt()
    else:
        absent = deployment.unknown_invoices(1)[0]
        build = fetch_invoice if operation_id == FETCH_INVOICE else read_status
        deployment.observe(build(absent, deployment.valid))
    allowed = documented_statuses(operation_id) | OWN_CODES_OF_HTTP
    for exchange in deployment.history:
        if exchange.request.operation == operation_id and _is_as_documented(exchange):
            assertions.status(exchange, allowed, "as the page has it")


@pytest.mark.clause("CODES-1", effect="read")
def test_a_tag_that_was_never_given_matches_no_document(deployment: Deployment) -> None:
    """304 is HTTP's own for a tag that the client has been given; for any other the document has to come."""
    deployment.require_accepted_invoice()
    headers = (("If-None-Match", '"never-given"'),)
    answer = deployment.observe(fetch_invoice(deployment.invoice_id, deployment.valid, headers=headers))
    assertions.status(answer, {200}, "for the invoice, with a tag that it never had")


@pytest.mark.last
@pytest.mark.clause("CODES-1", effect="create")
def test_a_second_create_for_the_same_phone_has_a_documented_code(payments: Payments) -> None:
    assertions.status(
        payments.second().created, documented_statuses(CREATE_PAYMENT) | OWN_CODES_OF_HTTP, "for a busy phone"
    )


@pytest.mark.last
@pytest.mark.clause("CODES-1", effect="none", kind=MALFORMED_KIND)
def test_a_create_for_an_unknown_action_has_a_documented_code(deployment: Deployment) -> None:
    deployment.require_accepted_key()
    request = _create(deployment, f"phone={deployment.harmless_phone.sent}&message=a")
    answer = deployment.observe(replace(request, headers=(("Accept", "application/json"),)))
    assertions.status(answer, documented_statuses(CREATE_PAYMENT) - {201} | OWN_CODES_OF_HTTP, "for an unknown action")


@pytest.mark.parametrize("form", MALFORMED_IDS)
@pytest.mark.clause("CODES-2", effect="read")
def test_a_malformed_requestid_is_no_server_error(deployment: Deployment, form: str) -> None:
    request = read_status(Text.encoded(MALFORMED_IDS[form]), deployment.valid, well_formed=False)
    _expect_no_server_error(deployment, request)


@pytest.mark.parametrize("form", ["half a surrogate", "an encoded question mark", "very long", "nothing"])
@pytest.mark.clause("CODES-2", effect="read")
def test_a_malformed_invoice_id_is_no_server_error(deployment: Deployment, form: str) -> None:
    request = fetch_invoice(Text.encoded(MALFORMED_IDS[form]), deployment.valid, well_formed=False)
    _expect_no_server_error(deployment, request)


@pytest.mark.last
@pytest.mark.parametrize("form", MALFORMED_QUERIES)
@pytest.mark.clause("CODES-2", effect="none", kind=MALFORMED_KIND)
def test_a_malformed_query_is_no_server_error(deployment: Deployment, form: str) -> None:
    _expect_no_server_error(deployment, _create(deployment, MALFORMED_QUERIES[form]))


@pytest.mark.last
@pytest.mark.parametrize("media_type", ["application/json", "multipart/form-data", "text/plain; charset=nonsense"])
@pytest.mark.clause("CODES-2", effect="none", kind=MALFORMED_KIND)
def test_an_unreadable_body_is_no_server_error(deployment: Deployment, media_type: str) -> None:
    request = create_payment(
        _absent_action(deployment),
        deployment.valid,
        phone=deployment.harmless_phone,
        message=PAGE_MESSAGE,
        form=(media_type, b'{"\xff": [1, ' + media_type.encode()),
        well_formed=False,
    )
    _expect_no_server_error(deployment, request)


@pytest.mark.clause("CODES-2", effect="read")
def test_a_malformed_query_of_a_read_is_no_server_error(deployment: Deployment) -> None:
    request = fetch_invoice(deployment.unknown_invoices(1)[0], deployment.valid, well_formed=False)
    _expect_no_server_error(deployment, replace(request, raw_query="%FF=%ZZ&a[]=1&=&;"))


@pytest.mark.last
@pytest.mark.clause("CODES-2", effect="none", kind=MALFORMED_KIND)
def test_a_malformed_action_is_no_server_error(deployment: Deployment) -> None:
    """The id carries the marker of what names nothing, for the rest of the request is complete."""
    action_id = Text.plain(_absent_action(deployment).sent + "å'\"<%" + "x" * 300)
    phone = deployment.harmless_phone
    request = create_payment(action_id, deployment.valid, phone=phone, message=PAGE_MESSAGE, well_formed=False)
    _expect_no_server_error(deployment, request)


@pytest.mark.parametrize("form", ODD_HEADERS)
@pytest.mark.clause("CODES-2", effect="read")
def test_an_odd_header_is_no_server_error(deployment: Deployment, form: str) -> None:
    absent = deployment.unknown_invoices(1)[0]
    request = fetch_invoice(absent, deployment.valid, headers=ODD_HEADERS[form], well_formed=False)
    _expect_no_server_error(deployment, request)


@pytest.mark.parametrize("form", ODD_KEYS)
@pytest.mark.clause("CODES-2", effect="none")
def test_an_odd_key_is_no_server_error(deployment: Deployment, form: str) -> None:
    absent = deployment.unknown_invoices(1)[0]
    _expect_no_server_error(deployment, fetch_invoice(absent, ODD_KEYS[form], well_formed=False))


@pytest.mark.clause("CODES-2", effect="read")
def test_head_of_the_invoice_is_no_server_error(deployment: Deployment) -> None:
    deployment.require_accepted_invoice()
    assertions.no_server_error(
        deployment.observe(fetch_invoice(deployment.invoice_id, deployment.valid, method="HEAD"))
    )


@pytest.mark.clause("CODES-2", effect="read")
def test_head_of_the_status_is_no_server_error(deployment: Deployment, payments: Payments) -> None:
    assertions.no_server_error(deployment.observe(read_status(payments.request_id(), deployment.valid, method="HEAD")))


@pytest.mark.clause("CODES-2", effect="read")
def test_no_copy_of_the_invoice_is_a_server_error(deployment: Deployment) -> None:
    for answer in deployment.repeated(deployment.require_accepted_invoice().request, READS):
        assertions.no_server_error(answer)


@pytest.mark.parametrize("operation_id", [FETCH_INVOICE, READ_STATUS])
@pytest.mark.clause("CODES-2", effect="read")
def test_no_generated_read_is_a_server_error(deployment: Deployment, operation_id: str) -> None:
    for request in _generated(deployment, operation_id):
        _expect_no_server_error(deployment, request)


@pytest.mark.last
@pytest.mark.clause("CODES-2", effect="none", kind=MALFORMED_KIND)
def test_no_generated_create_is_a_server_error(deployment: Deployment) -> None:
    for request in _generated(deployment, CREATE_PAYMENT):
        _expect_no_server_error(deployment, request)


@pytest.mark.last
@pytest.mark.clause("CODES-2", effect="read")
def test_no_request_of_the_run_was_a_server_error(deployment: Deployment) -> None:
    for exchange in deployment.history:
        assertions.no_server_error(exchange)
    deployment.require_accepted_key()
    strays = [*deployment.strays, *deployment.failures_of_gateway]
    if strays:
        raise Inconclusive(f"flaky: {strays[0].status} was answered once, and not again")


def _generated(deployment: Deployment, operation_id: str) -> list[Request]:
    seed = deployment.target.seed
    absent = _absent_action(deployment)
    return generated_requests(operation_id, deployment.valid, seed, GENERATED, absent_action=absent)


def _absent_action(deployment: Deployment) -> Text:
    return deployment.unknown_request_ids(4)[-1]


def _create(deployment: Deployment, raw_query: str) -> Request:
    action_id = _absent_action(deployment)
    return create_payment(action_id, deployment.valid, phone=None, message=None, raw_query=raw_query, well_formed=False)


def _is_as_documented(exchange: Exchange) -> bool:
    """Whether the page says what this request gets: its own method, its own slash, nothing stretched."""
    request = exchange.request
    path, method = PLACES[request.operation]
    return request.well_formed and request.method == method and request.path.sent.endswith("/") == path.endswith("/")


def _expect_no_server_error(deployment: Deployment, request: Request) -> None:
    """The request gets no 5xx, from a deployment that has let the key in: others may not even have looked at it."""
    assertions.no_server_error(deployment.observe(request))
    deployment.require_accepted_key()
