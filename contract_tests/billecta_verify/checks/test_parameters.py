"""SWISH-7: that the parameters of a create are read from the query string, and from nowhere else."""

from __future__ import annotations

import json
import re
from urllib.parse import urlencode

import pytest

from billecta_verify.fixtures import assertions
from billecta_verify.fixtures.deployment import Deployment
from billecta_verify.fixtures.generation import OVERLONG_MESSAGES
from billecta_verify.fixtures.outcomes import Failure
from billecta_verify.fixtures.payments import PAGE_MESSAGE, PLAIN_MESSAGE, Payments
from billecta_verify.oracles.comparison import compare_responses
from billecta_verify.transport.exchange import Effect, Exchange, Purpose
from billecta_verify.transport.operations import create_payment

UNKNOWN_KIND = "create for an unknown action"
_ABSENCE = re.compile(r"missing|required|absent|empty|blank|saknas|krävs|obligatorisk|not (given|set|provided)")
_ANOTHER_FAULT = re.compile(
    r"invalid|not valid|not acceptable|wrong|malformed|too long|at most|ogiltig|felaktig|för lång"
)
"""Words for any fault at all say nothing of this one: a payer who is not enrolled may be refused in them."""


@pytest.mark.parametrize("media_type", ["application/x-www-form-urlencoded", "application/json"])
@pytest.mark.clause("SWISH-7", effect="none", kind="create with its parameters in the body")
def test_parameters_in_the_body_are_not_read(deployment: Deployment, media_type: str) -> None:
    """Once the query lacks the message alone, and once both. Never the phone alone: a deployment might supply one."""
    parameters = {"phone": deployment.harmless_phone.sent, "message": PAGE_MESSAGE}
    body = json.dumps(parameters) if media_type == "application/json" else urlencode(parameters)
    deployment.require_judged_parameters()
    request = create_payment(
        deployment.action_id,
        deployment.valid,
        phone=None if media_type == "application/json" else deployment.harmless_phone,
        message=None,
        form=(media_type, body.encode()),
    )
    assertions.status(deployment.observe(request), {400}, "with what is required in the body only")


@pytest.mark.clause("SWISH-7", effect="none", kind="create with its parameters in the body")
def test_a_body_does_not_mend_what_the_query_has_wrong(deployment: Deployment) -> None:
    deployment.require_judged_parameters()
    request = create_payment(
        deployment.action_id,
        deployment.valid,
        phone=deployment.harmless_phone,
        message=OVERLONG_MESSAGES["one character too many"],
        form=("application/x-www-form-urlencoded", urlencode({"message": PAGE_MESSAGE}).encode()),
    )
    assertions.status(
        deployment.observe(request), {400}, "with an overlong message in the query and a good one in the body"
    )


@pytest.mark.clause("SWISH-7", effect="create", kind="create without phone")
def test_parameters_in_the_query_are_read(deployment: Deployment, payments: Payments) -> None:
    attempt = payments.attempt()
    if attempt.is_refused_by_domain and attempt.control is None and _says_that_something_is_missing(attempt.created):
        nothing = create_payment(deployment.action_id, deployment.valid, phone=None, message=None)
        with deployment.transport.under(_refusable(deployment, "create without phone")):
            unread = deployment.observe(nothing)
        if compare_responses([attempt.created], [unread]) is None:
            raise Failure(
                expected="phone and message to be read from the query string",
                observed=f"{attempt.created.describe()}: something is missing, as when neither is sent",
                exchange=attempt.created,
            )
    payments.accept()


@pytest.mark.clause("SWISH-7", effect="none", kind=UNKNOWN_KIND)
def test_parameters_are_read_in_any_order_and_decoded(deployment: Deployment) -> None:
    """Asked of an action that does not exist, so that nothing is made: parameters that are read give no 400 there."""
    deployment.require_accepted_key()
    action_id = deployment.unknown_ids(deployment.action_id, 3)[0]
    phone = deployment.harmless_phone
    plain = deployment.observe(create_payment(action_id, deployment.valid, phone=phone, message=PLAIN_MESSAGE))
    encoded = "".join(f"%{ord(digit):02X}" for digit in phone.sent)
    raw_query = f"message={PLAIN_MESSAGE}&phone={encoded}"
    other = deployment.observe(
        create_payment(action_id, deployment.valid, phone=None, message=None, raw_query=raw_query)
    )
    assertions.status(other, {plain.status}, "with the same parameters in another order, and percent-encoded")


def _says_that_something_is_missing(exchange: Exchange) -> bool:
    said = exchange.body.decode("utf-8", "replace").lower()
    return bool(_ABSENCE.search(said)) and not _ANOTHER_FAULT.search(said)


def _refusable(deployment: Deployment, kind: str) -> Purpose:
    current = deployment.transport.purpose
    return Purpose(current.check, current.clause, Effect.NONE, kind)
