"""HTTP-1, HTTP-2, AUTH-5, URL-1: media types, methods and paths."""

from __future__ import annotations

from dataclasses import replace

import pytest

from billecta_verify.fixtures import assertions
from billecta_verify.fixtures.deployment import CONTROL_KIND, Deployment
from billecta_verify.fixtures.diagnosis import (
    METHOD_KIND,
    NO_KEY_KIND,
    AccessFault,
    diagnose_create,
    diagnose_invoice,
    payment_by_other_method,
)
from billecta_verify.fixtures.outcomes import REFUSED_KEY, Failure, Inconclusive, NotExercised
from billecta_verify.fixtures.payments import PAGE_MESSAGE, Payments
from billecta_verify.oracles.schema import PLACES, json_body_flaw, json_flaw, string_member_flaw
from billecta_verify.transport.exchange import NO_KEY, Exchange, Request, Text
from billecta_verify.transport.operations import (
    CREATE_PAYMENT,
    FETCH_INVOICE,
    MISPLACED_KEYS,
    READ_STATUS,
    create_payment,
    fetch_invoice,
    read_status,
)

_REFUSED_METHOD = frozenset({401, 403, 404, 405})
_JSON_ANSWERS = {(READ_STATUS, 200), (CREATE_PAYMENT, 201), (CREATE_PAYMENT, 400)}


OVERRIDING_HEADERS = (("X-HTTP-Method-Override", "GET"), ("X-HTTP-Method", "GET"), ("X-Method-Override", "GET"))
_ELSEWHERE = frozenset({301, 302, 303, 307, 308, 404, 405})


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
    deployment.require_accepted_key()
    promised = [exchange for exchange in deployment.history if _is_promised_json(exchange)]
    if not promised and deployment.action_id:
        raise Inconclusive("no answer was seen for which the page promises JSON")
    for exchange in promised:
        assertions.no_flaw(exchange, json_flaw(exchange), "UTF-8 JSON with a JSON media type")


@pytest.mark.last
@pytest.mark.clause("HTTP-1", effect="read")
def test_every_body_that_is_called_json_is_json(deployment: Deployment) -> None:
    deployment.require_accepted_key()
    for exchange in deployment.history:
        if exchange.is_json and exchange.body and exchange.request.method != "HEAD":
            assertions.no_flaw(exchange, json_body_flaw(exchange), "valid UTF-8 JSON under a JSON media type")


@pytest.mark.last
@pytest.mark.clause("HTTP-1", effect="read")
def test_no_answer_has_two_media_types(deployment: Deployment) -> None:
    deployment.require_accepted_key()
    for exchange in deployment.history:
        types = [value for name, value in exchange.headers if name.lower() == "content-type"]
        if len(types) > 1:
            raise Failure(expected="one Content-Type", observed=f"{len(types)} of them", exchange=exchange)


@pytest.mark.clause("HTTP-1", effect="none", kind="create with an overlong message")
def test_a_refusal_of_non_ascii_text_is_json(deployment: Deployment) -> None:
    deployment.require_accepted_key()
    answer = deployment.observe(
        create_payment(deployment.action_id, deployment.valid, phone=deployment.harmless_phone, message="å" * 51)
    )
    if answer.status == 400:
        assertions.no_flaw(answer, json_flaw(answer), "UTF-8 JSON with a JSON media type")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.clause("HTTP-2", effect="none")
def test_another_method_on_the_invoice_path_is_refused(deployment: Deployment, method: str) -> None:
    deployment.require_accepted_invoice()
    _require_permission(deployment, method)
    _expect_refused_method(deployment.observe(fetch_invoice(deployment.invoice_id, deployment.valid, method=method)))


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
@pytest.mark.clause("HTTP-2", effect="none", kind=METHOD_KIND)
def test_another_method_on_the_payment_path_is_refused(deployment: Deployment, method: str) -> None:
    deployment.require_accepted_key()
    _require_permission(deployment, method)
    _expect_refused_method(deployment.observe(payment_by_other_method(deployment, method)))


@pytest.mark.clause("HTTP-2", effect="none")
def test_trace_sends_nothing_back(deployment: Deployment) -> None:
    deployment.require_accepted_invoice()
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
    deployment.require_accepted_key()
    create = create_payment(
        deployment.action_id, deployment.valid, phone=deployment.harmless_phone, message=PAGE_MESSAGE
    )
    answer = deployment.observe(replace(create, operation=READ_STATUS, method="GET", well_formed=False))
    assertions.status(answer, {400, 401, 403, 404, 405}, "for GET in place of POST on the path of create")
    _expect_allow(answer)


@pytest.mark.last
@pytest.mark.clause("HTTP-2", effect="read")
def test_another_method_left_the_invoice_as_it_was(deployment: Deployment) -> None:
    before = deployment.require_accepted_invoice()
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
        raise Failure(expected="405 with Allow", observed="405 without Allow", exchange=exchange)


def _is_promised_json(exchange: Exchange) -> bool:
    request = exchange.request
    _, method = PLACES[request.operation]
    promised = (request.operation, exchange.status) in _JSON_ANSWERS
    return promised and request.method == method and request.well_formed and request.operation != FETCH_INVOICE


@pytest.mark.parametrize("name", ["no key", "unknown key"])
@pytest.mark.clause("AUTH-5", effect="none")
def test_head_needs_the_key_for_the_invoice(deployment: Deployment, name: str) -> None:
    deployment.require_accepted_invoice()
    credential = MISPLACED_KEYS[name](deployment.api_key)
    _expect_nothing(deployment.observe(fetch_invoice(deployment.invoice_id, credential, method="HEAD")))


@pytest.mark.parametrize("name", ["no key", "unknown key"])
@pytest.mark.clause("AUTH-5", effect="none")
def test_head_needs_the_key_for_the_status(deployment: Deployment, payments: Payments, name: str) -> None:
    credential = MISPLACED_KEYS[name](deployment.api_key)
    _expect_nothing(deployment.observe(read_status(payments.request_id(), credential, method="HEAD")))


@pytest.mark.clause("AUTH-5", effect="none", kind=NO_KEY_KIND)
def test_post_needs_the_key_for_the_status(deployment: Deployment, payments: Payments) -> None:
    answer = deployment.observe(read_status(payments.request_id(), NO_KEY, method="POST"))
    if answer.status in range(200, 300):
        raise Failure(expected="no success without a key", observed=f"POST: {answer.describe()}", exchange=answer)


@pytest.mark.clause("AUTH-5", effect="none")
def test_options_without_the_key_gives_no_data(deployment: Deployment) -> None:
    deployment.require_accepted_invoice()
    answer = deployment.observe(fetch_invoice(deployment.invoice_id, NO_KEY, method="OPTIONS"))
    if answer.body.startswith(b"%PDF") or answer.media_type == "application/pdf":
        raise Failure(expected="no document without a key", observed=f"OPTIONS: {answer.describe()}", exchange=answer)


@pytest.mark.clause("AUTH-5", effect="none")
def test_options_without_the_key_gives_no_status(deployment: Deployment, payments: Payments) -> None:
    answer = deployment.observe(read_status(payments.request_id(), NO_KEY, method="OPTIONS"))
    if string_member_flaw(answer, "requeststatus") is None:
        raise Failure(expected="no status without a key", observed=f"OPTIONS: {answer.describe()}", exchange=answer)


@pytest.mark.clause("AUTH-5", effect="none")
def test_a_method_override_does_not_get_around_the_key(deployment: Deployment) -> None:
    deployment.require_accepted_invoice()
    request = fetch_invoice(deployment.invoice_id, NO_KEY, method="POST", headers=OVERRIDING_HEADERS)
    _expect_nothing(deployment.observe(replace(request, raw_query="_method=GET")))


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
@pytest.mark.clause("AUTH-5", effect="none")
def test_other_methods_need_the_key(deployment: Deployment, method: str) -> None:
    deployment.require_accepted_invoice()
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
        raise Failure(
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


@pytest.mark.first  # all that follows may cost more where it fails, up to the whole budget
@pytest.mark.clause("URL-1", effect="none", kind=CONTROL_KIND)
def test_the_invoice_path_ends_in_a_slash(deployment: Deployment) -> None:
    asked = fetch_invoice(deployment.invoice_id, deployment.valid)
    answer = deployment.observe(asked)
    if answer.status in _ELSEWHERE:
        without = deployment.observe(fetch_invoice(deployment.invoice_id, deployment.valid, slash=False))
        if without.status != 200:
            deployment.require_accepted_key()
        _expect_not_elsewhere(answer, without, "with a slash at the end of the invoice path")
    assertions.assert_no_fault(
        diagnose_invoice(deployment), AccessFault.PATH_UNKNOWN, "the invoice on its documented path"
    )
    if answer.status in REFUSED_KEY:
        raise Inconclusive(f"the invoice of --invoice-id is answered {answer.status} to the API key")


@pytest.mark.clause("URL-1", effect="read")
def test_the_payment_path_ends_without_a_slash(deployment: Deployment, payments: Payments) -> None:
    request_id = payments.request_id()
    answer = deployment.observe(read_status(request_id, deployment.valid))
    if answer.status in _ELSEWHERE:
        with_slash = deployment.observe(read_status(request_id, deployment.valid, slash=True))
        _expect_not_elsewhere(answer, with_slash, "without a slash at the end of the payment path")


@pytest.mark.clause("URL-1", effect="none", kind=CONTROL_KIND)
def test_create_lives_on_the_payment_path(deployment: Deployment) -> None:
    deployment.require_accepted_key()
    answer = deployment.create_without_message()
    if answer.status in _ELSEWHERE:
        with_slash = deployment.observe(_with_slash(answer.request))
        if with_slash.status == 400 or answer.status != 404:
            raise Failure(
                expected="a create without a slash at the end of its path",
                observed=f"{answer.describe()}, and with a slash {with_slash.status}",
                exchange=answer,
            )
    assertions.assert_no_fault(diagnose_create(deployment), AccessFault.PATH_UNKNOWN, "a create on its documented path")
    if answer.status == 404:
        raise Inconclusive("create was answered 404: the action of --action-id may not exist")
    assertions.status(answer, {400, 403}, "for a create on the documented path that lacks its message")


def _with_slash(request: Request) -> Request:
    path = Text(request.path.sent + "/", request.path.shown + "/")
    return replace(request, path=path, well_formed=False)


def _expect_not_elsewhere(documented: Exchange, other: Exchange, where: str) -> None:
    """The documented path is no worse than the same path with the other slash."""
    if documented.status in range(300, 400) or documented.status == 405 or other.status == 200:
        raise Failure(expected=f"an answer {where}", observed=documented.describe(), exchange=documented)
