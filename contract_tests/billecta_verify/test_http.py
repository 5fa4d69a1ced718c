"""HTTP-1 and HTTP-2: media types, and methods that the page does not give."""

from __future__ import annotations

from dataclasses import replace

import pytest

from billecta_verify.fixtures import assertions
from billecta_verify.fixtures.deployment import Deployment
from billecta_verify.fixtures.diagnosis import METHOD_KIND, payment_by_other_method
from billecta_verify.fixtures.outcomes import Inconclusive, NotExercised, Violation
from billecta_verify.fixtures.payments import PAGE_MESSAGE, Payments
from billecta_verify.oracles.schema import PLACES, json_body_flaw, json_flaw
from billecta_verify.transport.exchange import Exchange
from billecta_verify.transport.operations import (
    CREATE_PAYMENT,
    FETCH_INVOICE,
    READ_STATUS,
    create_payment,
    fetch_invoice,
    read_status,
)

_REFUSED_METHOD = frozenset({401, 403, 404, 405})
_JSON_ANSWERS = {(READ_STATUS, 200), (CREATE_PAYMENT, 201), (CREATE_PAYMENT, 400)}


@pytest.mark.clause("HTTP-1", effect="create")
def test_the_answer_to_a_create_is_json(payments: Payments) -> None:
    created = payments.accept().created
    assertions.no_flaw(created, json_flaw(created), "UTF-8 JSON with a JSON media type")


@pytest.mark.clause("HTTP-1", effect="read")
def test_a_status_is_json(deployment: Deployment, payments: Payments) -> None:
    answer = deployment.observe(read_status(payments.request_id(), deployment.valid))
    if answer.status == 200:
        assertions.no_flaw(answer, json_flaw(answer), "UTF-8 JSON with a JSON media type")


@pytest.mark.last
@pytest.mark.clause("HTTP-1", effect="read")
def test_every_promised_json_is_json(deployment: Deployment) -> None:
    deployment.accepted_key()
    promised = [exchange for exchange in deployment.history if _is_promised_json(exchange)]
    if not promised and deployment.action_id:
        raise Inconclusive("no answer was seen for which the page promises JSON")
    for exchange in promised:
        assertions.no_flaw(exchange, json_flaw(exchange), "UTF-8 JSON with a JSON media type")


@pytest.mark.last
@pytest.mark.clause("HTTP-1", effect="read")
def test_every_body_that_is_called_json_is_json(deployment: Deployment) -> None:
    deployment.accepted_key()
    for exchange in deployment.history:
        if exchange.is_json and exchange.body and exchange.request.method != "HEAD":
            assertions.no_flaw(exchange, json_body_flaw(exchange), "valid UTF-8 JSON under a JSON media type")


@pytest.mark.last
@pytest.mark.clause("HTTP-1", effect="read")
def test_no_answer_has_two_media_types(deployment: Deployment) -> None:
    deployment.accepted_key()
    for exchange in deployment.history:
        types = [value for name, value in exchange.headers if name.lower() == "content-type"]
        if len(types) > 1:
            raise Violation(expected="one Content-Type", observed=f"{len(types)} of them", exchange=exchange)


@pytest.mark.clause("HTTP-1", effect="none", kind="create with an overlong message")
def test_a_refusal_of_non_ascii_text_is_json(deployment: Deployment) -> None:
    deployment.accepted_key()
    answer = deployment.observe(
        create_payment(deployment.action_id, deployment.valid, phone=deployment.harmless_phone, message="å" * 51)
    )
    if answer.status == 400:
        assertions.no_flaw(answer, json_flaw(answer), "UTF-8 JSON with a JSON media type")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.clause("HTTP-2", effect="none")
def test_another_method_on_the_invoice_path_is_refused(deployment: Deployment, method: str) -> None:
    deployment.accepted_invoice()
    _require_permission(deployment, method)
    _expect_refused_method(deployment.observe(fetch_invoice(deployment.invoice_id, deployment.valid, method=method)))


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
@pytest.mark.clause("HTTP-2", effect="none", kind=METHOD_KIND)
def test_another_method_on_the_payment_path_is_refused(deployment: Deployment, method: str) -> None:
    deployment.accepted_key()
    _require_permission(deployment, method)
    _expect_refused_method(deployment.observe(payment_by_other_method(deployment, method)))


@pytest.mark.clause("HTTP-2", effect="none")
def test_trace_sends_nothing_back(deployment: Deployment) -> None:
    deployment.accepted_invoice()
    _require_permission(deployment, "TRACE")
    answer = deployment.observe(fetch_invoice(deployment.invoice_id, deployment.valid, method="TRACE"))
    assertions.status(answer, _REFUSED_METHOD | {400, 501}, "for a method that the page does not give")


@pytest.mark.last
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
@pytest.mark.clause("HTTP-2", effect="none", kind=METHOD_KIND)
def test_a_payment_request_cannot_be_changed(deployment: Deployment, payments: Payments, method: str) -> None:
    request_id = payments.request_id()
    _require_permission(deployment, method)
    _expect_refused_method(deployment.observe(read_status(request_id, deployment.valid, method=method)))


@pytest.mark.clause("HTTP-2", effect="none", kind="create by GET")
def test_a_get_creates_nothing(deployment: Deployment) -> None:
    deployment.accepted_key()
    create = create_payment(
        deployment.action_id, deployment.valid, phone=deployment.harmless_phone, message=PAGE_MESSAGE
    )
    answer = deployment.observe(replace(create, operation=READ_STATUS, method="GET", well_formed=False))
    assertions.status(answer, {400, 401, 403, 404, 405}, "for GET in place of POST on the path of create")
    _expect_allow(answer)


@pytest.mark.last
@pytest.mark.clause("HTTP-2", effect="read")
def test_another_method_left_the_invoice_as_it_was(deployment: Deployment) -> None:
    before = deployment.accepted_invoice()
    after = deployment.send(fetch_invoice(deployment.invoice_id, deployment.valid))
    assertions.status(after, {before.status}, "for the invoice after methods that must do nothing")


@pytest.mark.last
@pytest.mark.clause("HTTP-2", effect="read")
def test_another_method_left_the_payment_as_it_was(deployment: Deployment, payments: Payments) -> None:
    request = read_status(payments.request_id(), deployment.valid)
    if deployment.target.takes_any_method:
        assertions.status(deployment.send(request), {200}, "for a payment request after methods that must do nothing")


def _require_permission(deployment: Deployment, method: str) -> None:
    if method != "POST" and not deployment.target.takes_any_method:
        raise NotExercised(f"{method} is sent to a deployment on another machine only with --probe-methods")


def _expect_refused_method(exchange: Exchange) -> None:
    assertions.status(exchange, _REFUSED_METHOD, "for a method that the page does not give")
    _expect_allow(exchange)


def _expect_allow(exchange: Exchange) -> None:
    if exchange.status == 405 and not exchange.header("allow"):
        raise Violation(expected="405 with Allow", observed="405 without Allow", exchange=exchange)


def _is_promised_json(exchange: Exchange) -> bool:
    request = exchange.request
    _, method = PLACES[request.operation]
    promised = (request.operation, exchange.status) in _JSON_ANSWERS
    return promised and request.method == method and request.well_formed and request.operation != FETCH_INVOICE
