"""AUTH-5: that no method gets around the key."""

from __future__ import annotations

from dataclasses import replace

import pytest

from billecta_verify.fixtures import assertions
from billecta_verify.fixtures.deployment import Deployment
from billecta_verify.fixtures.diagnosis import NO_KEY_KIND
from billecta_verify.fixtures.outcomes import Inconclusive, NotExercised, Violation
from billecta_verify.fixtures.payments import PAGE_MESSAGE, Payments
from billecta_verify.oracles.schema import string_member_flaw
from billecta_verify.transport.exchange import NO_KEY, Exchange
from billecta_verify.transport.operations import (
    FETCH_INVOICE,
    NOT_IN_ITS_PLACE,
    create_payment,
    fetch_invoice,
    read_status,
)

OVERRIDING_HEADERS = (("X-HTTP-Method-Override", "GET"), ("X-HTTP-Method", "GET"), ("X-Method-Override", "GET"))


@pytest.mark.parametrize("name", ["no key", "unknown key"])
@pytest.mark.clause("AUTH-5", effect="none")
def test_head_needs_the_key_for_the_invoice(deployment: Deployment, name: str) -> None:
    deployment.accepted_invoice()
    credential = NOT_IN_ITS_PLACE[name](deployment.api_key)
    _expect_nothing(deployment.observe(fetch_invoice(deployment.invoice_id, credential, method="HEAD")))


@pytest.mark.parametrize("name", ["no key", "unknown key"])
@pytest.mark.clause("AUTH-5", effect="none")
def test_head_needs_the_key_for_the_status(deployment: Deployment, payments: Payments, name: str) -> None:
    credential = NOT_IN_ITS_PLACE[name](deployment.api_key)
    _expect_nothing(deployment.observe(read_status(payments.request_id(), credential, method="HEAD")))


@pytest.mark.clause("AUTH-5", effect="none", kind=NO_KEY_KIND)
def test_post_needs_the_key_for_the_status(deployment: Deployment, payments: Payments) -> None:
    answer = deployment.observe(read_status(payments.request_id(), NO_KEY, method="POST"))
    if answer.status in range(200, 300):
        raise Violation(expected="no success without a key", observed=f"POST: {answer.describe()}", exchange=answer)


@pytest.mark.clause("AUTH-5", effect="none")
def test_options_without_the_key_gives_no_data(deployment: Deployment) -> None:
    deployment.accepted_invoice()
    answer = deployment.observe(fetch_invoice(deployment.invoice_id, NO_KEY, method="OPTIONS"))
    if answer.body.startswith(b"%PDF") or answer.media_type == "application/pdf":
        raise Violation(expected="no document without a key", observed=f"OPTIONS: {answer.describe()}", exchange=answer)


@pytest.mark.clause("AUTH-5", effect="none")
def test_options_without_the_key_gives_no_status(deployment: Deployment, payments: Payments) -> None:
    answer = deployment.observe(read_status(payments.request_id(), NO_KEY, method="OPTIONS"))
    if string_member_flaw(answer, "requeststatus") is None:
        raise Violation(expected="no status without a key", observed=f"OPTIONS: {answer.describe()}", exchange=answer)


@pytest.mark.clause("AUTH-5", effect="none")
def test_a_method_override_does_not_get_around_the_key(deployment: Deployment) -> None:
    deployment.accepted_invoice()
    request = fetch_invoice(deployment.invoice_id, NO_KEY, method="POST", headers=OVERRIDING_HEADERS)
    _expect_nothing(deployment.observe(replace(request, raw_query="_method=GET")))


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
@pytest.mark.clause("AUTH-5", effect="none")
def test_other_methods_need_the_key(deployment: Deployment, method: str) -> None:
    deployment.accepted_invoice()
    if not deployment.target.takes_any_method:
        raise NotExercised(f"{method} is sent to a deployment on another machine only with --probe-methods")
    _expect_nothing(deployment.observe(fetch_invoice(deployment.invoice_id, NO_KEY, method=method)))


@pytest.mark.last
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
@pytest.mark.clause("AUTH-5", effect="none", kind=NO_KEY_KIND)
def test_other_methods_need_the_key_for_a_payment(deployment: Deployment, payments: Payments, method: str) -> None:
    known = payments.request_id()
    if not deployment.target.takes_any_method:
        raise NotExercised(f"{method} is sent to a deployment on another machine only with --probe-methods")
    create = create_payment(deployment.action_id, NO_KEY, phone=deployment.harmless_phone, message=PAGE_MESSAGE)
    asked = {"PUT": replace(create, method="PUT"), "DELETE": read_status(known, NO_KEY, method="DELETE")}
    answer = deployment.observe(asked[method])
    _expect_nothing(answer)
    if method == "DELETE" and deployment.send(read_status(known, deployment.valid)).status == 404:
        raise Violation(
            expected="nothing to be done without a key",
            observed=f"{method}: {answer.describe()}, and the payment request is gone",
            exchange=answer,
        )


def _expect_nothing(exchange: Exchange) -> None:
    """A refusal of the key, or of the method; a deployment without HEAD is free to say so."""
    if exchange.status == 501 and exchange.request.method == "HEAD":
        return
    if exchange.status == 501:
        raise Inconclusive(f"{exchange.request.method} is not implemented (501); see HTTP-2")
    allowed = {400, 401, 403, 404, 405} if exchange.request.operation == FETCH_INVOICE else {401, 404, 405}
    assertions.status(exchange, allowed, f"for {exchange.request.method} with {exchange.request.credential.name}")
