"""STATUS-1 to STATUS-4: reading the status of a payment request."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from urllib.parse import unquote
from uuid import UUID

import pytest

from billecta_verify.fixtures import assertions
from billecta_verify.fixtures.deployment import Deployment
from billecta_verify.fixtures.outcomes import Failure, Inconclusive, NotExercised
from billecta_verify.fixtures.payments import Payments
from billecta_verify.oracles.schema import schema_flaw, string_member_flaw
from billecta_verify.transport.exchange import Exchange, Text
from billecta_verify.transport.operations import READ_STATUS, read_status

READS = 5
LONG_ID = 16
SHORT_ID = 8


@pytest.mark.clause("STATUS-1", effect="read")
def test_a_payment_request_has_a_status(deployment: Deployment, payments: Payments) -> None:
    answer = deployment.observe(read_status(payments.request_id(), deployment.valid))
    assertions.status(answer, {200}, "for the requestid that create returned")
    flaw = string_member_flaw(answer, "requeststatus")
    assertions.no_flaw(answer, flaw, "a JSON object whose requeststatus is a string")


@pytest.mark.clause("STATUS-1", effect="read")
def test_the_status_fits_the_schema(deployment: Deployment, payments: Payments) -> None:
    answer = deployment.observe(read_status(payments.request_id(), deployment.valid))
    if answer.status == 200:
        assertions.no_flaw(answer, schema_flaw(answer), "an answer that fits openapi.yaml")


@pytest.mark.clause("STATUS-1", effect="read")
def test_the_status_is_given_to_who_takes_nothing_but_json(deployment: Deployment, payments: Payments) -> None:
    request = read_status(payments.request_id(), deployment.valid)
    answer = deployment.observe(replace(request, headers=(("Accept", "application/json"),)))
    assertions.status(answer, {200}, "for the requestid that create returned, with Accept: application/json")
    flaw = string_member_flaw(answer, "requeststatus")
    assertions.no_flaw(answer, flaw, "a JSON object whose requeststatus is a string")


@pytest.mark.last
@pytest.mark.clause("STATUS-2", effect="read")
def test_each_status_could_be_read_at_once(payments: Payments) -> None:
    payments.request_id()
    for attempt in payments.accepted:
        if attempt.first_read is not None:
            _expect_status(attempt.first_read, "directly after create")


@pytest.mark.clause("STATUS-2", effect="read")
def test_the_status_can_be_read_again_and_again(deployment: Deployment, payments: Payments) -> None:
    request = read_status(payments.request_id(), deployment.valid)
    for answer in deployment.repeated(request, READS):
        _expect_status(answer, "each time")


@pytest.mark.last
@pytest.mark.clause("STATUS-2", effect="read")
def test_no_read_of_a_status_failed_during_the_run(deployment: Deployment, payments: Payments) -> None:
    payments.request_id()
    known = {read_status(made.request_id, deployment.valid) for made in payments.accepted if made.request_id}
    for exchange in deployment.history:
        if exchange.request in known:
            _expect_status(exchange, "every time")


@pytest.mark.last
@pytest.mark.clause("STATUS-2", effect="read")
def test_each_status_can_be_read_at_the_end_of_the_run(deployment: Deployment, payments: Payments) -> None:
    payments.request_id()
    for attempt in payments.accepted:
        if attempt.request_id is not None:
            _expect_status(deployment.send(read_status(attempt.request_id, deployment.valid)), "at the end of the run")


@pytest.mark.parametrize("form", ["32 digits", "a GUID", "a number"])
@pytest.mark.clause("STATUS-3", effect="read")
def test_an_unknown_requestid_is_not_found(deployment: Deployment, form: str) -> None:
    deployment.require_accepted_key()
    made = UUID(int=deployment.random.getrandbits(128), version=4)
    forms = {"32 digits": made.hex.upper(), "a GUID": str(made), "a number": str(made.int >> 66)}
    answer = deployment.observe(read_status(Text.plain(forms[form]), deployment.valid))
    _expect_not_found(answer, "for an unknown requestid")


@pytest.mark.clause("STATUS-3", effect="read")
def test_an_unknown_requestid_of_the_known_form_is_not_found(deployment: Deployment, payments: Payments) -> None:
    absent = deployment.unknown_request_ids(1, payments.request_id())[0]
    _expect_not_found(deployment.observe(read_status(absent, deployment.valid)), "for an unknown requestid")


@pytest.mark.clause("STATUS-3", effect="read")
def test_a_requestid_with_a_suffix_is_not_found(deployment: Deployment, payments: Payments) -> None:
    """The suffix begins with signs at which a careless server stops to read."""
    longer = payments.request_id().followed_by_encoded("%3F%3B%23x")
    answer = deployment.observe(read_status(longer, deployment.valid, well_formed=False))
    assertions.status(answer, {400, 404}, "for a requestid with a suffix")


@pytest.mark.clause("STATUS-3", effect="read")
def test_a_part_of_a_requestid_is_not_found(deployment: Deployment, payments: Payments) -> None:
    """Other case is not asked: ids of hexadecimal digits may be the same in both."""
    request_id = payments.request_id()
    if len(request_id.sent) < LONG_ID or request_id.sent.isdigit():
        raise NotExercised("a requestid of which a part cannot be another one: these are short, or numbers")
    part = Text(request_id.sent[:-1], "${REQUEST_ID%?}")
    answer = deployment.observe(read_status(part, deployment.valid))
    assertions.status(answer, {400, 403, 404}, "for a requestid without its last character")


@pytest.mark.clause("STATUS-3", effect="read")
def test_an_action_is_no_payment_request(deployment: Deployment) -> None:
    deployment.require_accepted_key()
    answer = deployment.observe(read_status(deployment.action_id, deployment.valid))
    _expect_not_found(answer, "for the id of an invoice action")


@pytest.mark.clause("STATUS-3", effect="read")
def test_an_action_with_a_payment_request_is_still_none(deployment: Deployment, payments: Payments) -> None:
    payments.request_id()
    for attempt in payments.accepted:
        if attempt.request_id is not None and attempt.request_id.sent == deployment.action_id.sent:
            raise Failure(
                expected="a requestid that is not the id of the action",
                observed="the id of the action as requestid",
                exchange=attempt.created,
            )
    answer = deployment.send(read_status(deployment.action_id, deployment.valid))
    _expect_not_found(answer, "for the id of an invoice action that has a payment request")


@pytest.mark.clause("STATUS-3", effect="read")
def test_an_invoice_is_no_payment_request(deployment: Deployment, payments: Payments) -> None:
    deployment.require_accepted_invoice()
    if payments.request_id().sent.isdigit() and deployment.invoice_id.sent.isdigit():
        raise NotExercised("requestids of another form than invoice ids: these are numbers too, and may be the same")
    answer = deployment.observe(read_status(deployment.invoice_id, deployment.valid))
    assertions.status(answer, {400, 403, 404}, "for the id of an invoice")


@pytest.mark.last
@pytest.mark.clause("STATUS-3", effect="read")
def test_no_other_id_had_a_status(deployment: Deployment, payments: Payments) -> None:
    """Of all that was asked for in the run; numbers, and words of a few letters, may well be ids of other payments."""
    payments.request_id()
    known = {made.request_id.sent.lower() for made in payments.accepted if made.request_id}
    for exchange in deployment.history:
        request = exchange.request
        asked = unquote(request.path.sent.removeprefix("payments/swish/")).rstrip("/")
        is_read = request.operation == READ_STATUS and request.method == "GET" and not request.query
        if is_read and not _may_be_a_payment(asked, known) and string_member_flaw(exchange, "requeststatus") is None:
            assertions.status(exchange, {400, 404}, "for what is no requestid")


@pytest.mark.last
@pytest.mark.clause("STATUS-4", effect="read")
def test_no_status_was_empty(deployment: Deployment, payments: Payments) -> None:
    request = read_status(payments.request_id(), deployment.valid)
    deployment.observe(request)
    for exchange in deployment.history:
        if exchange.request.operation == request.operation and exchange.status == 200:
            _expect_word(exchange)


def _expect_status(exchange: Exchange, when: str) -> None:
    assertions.status(exchange, {200}, f"for the status of a payment request, {when}")
    flaw = string_member_flaw(exchange, "requeststatus")
    assertions.no_flaw(exchange, flaw, f"a JSON object whose requeststatus is a string, {when}")


def _expect_not_found(exchange: Exchange, when: str) -> None:
    if exchange.status == 403:
        raise Inconclusive("the key may not read payments (403)")
    assertions.status(exchange, {404}, when)


def _may_be_a_payment(asked: str, known: Collection[str]) -> bool:
    is_short_word = 0 < len(asked) < SHORT_ID and asked.isascii() and asked.isalnum()
    return asked.lower() in known or asked.isdigit() or is_short_word


def _expect_word(exchange: Exchange) -> None:
    document = exchange.json()
    word = document.get("requeststatus") if isinstance(document, dict) else None
    if isinstance(word, str) and not any(letter.isprintable() and not letter.isspace() for letter in word):
        raise Failure(
            expected="a requeststatus that is not empty", observed="an empty requeststatus", exchange=exchange
        )
