"""PERM-1, and AUTH-2: what the permission model denies, and that the key is validated before anything else."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest

from billecta_verify.fixtures import assertions
from billecta_verify.fixtures.deployment import Deployment
from billecta_verify.fixtures.diagnosis import DENIED_KIND, NO_KEY_KIND, denied_create
from billecta_verify.fixtures.outcomes import REFUSED_KEY, Failure, Inconclusive, NotExercised
from billecta_verify.fixtures.payments import PAGE_MESSAGE, Payments
from billecta_verify.transport.exchange import NO_KEY, Credential, Exchange, Text
from billecta_verify.transport.operations import (
    ASKED_OTHERWISE,
    UNKNOWN_KEY,
    create_payment,
    fetch_invoice,
    read_status,
)


@pytest.mark.clause("PERM-1", effect="read")
def test_an_invoice_that_the_key_may_not_see_is_denied(deployment: Deployment) -> None:
    hidden = deployment.hidden_invoice_id
    credential = deployment.key_that_sees_less()
    if credential != deployment.valid:  # what one key was allowed must not be remembered for another
        deployment.observe(fetch_invoice(hidden, deployment.valid))
    answer = deployment.send(fetch_invoice(hidden, credential))
    assertions.status(answer, {403, 404}, "for an invoice that the key may not see")


@pytest.mark.clause("PERM-1", effect="read")
def test_an_invoice_that_the_key_may_not_see_is_denied_to_head(deployment: Deployment) -> None:
    hidden = deployment.hidden_invoice_id
    answer = deployment.observe(fetch_invoice(hidden, deployment.key_that_sees_less(), method="HEAD"))
    assertions.status(answer, {403, 404, 405, 501}, "for HEAD of an invoice that the key may not see")


@pytest.mark.parametrize("how", ASKED_OTHERWISE)
@pytest.mark.clause("PERM-1", effect="read")
def test_an_invoice_that_the_key_may_not_see_is_denied_however_it_is_asked_for(
    deployment: Deployment, how: str
) -> None:
    hidden = deployment.hidden_invoice_id
    answer = deployment.observe(ASKED_OTHERWISE[how](hidden, deployment.key_that_sees_less()))
    if answer.status in range(200, 300):
        raise Failure(
            expected="no success for an invoice that the key may not see", observed=answer.describe(), exchange=answer
        )


@pytest.mark.clause("PERM-1", effect="none", kind=DENIED_KIND)
def test_a_create_that_the_key_may_not_make_is_denied(deployment: Deployment, payments: Payments) -> None:
    credential = deployment.read_only
    read = deployment.observe(fetch_invoice(deployment.invoice_id, credential))
    answer = denied_create(deployment, credential)
    if read.status != 200 and answer.status in REFUSED_KEY:
        raise Inconclusive("the read-only key was accepted on nothing; let it read the invoice of --invoice-id")
    if answer.status == 404 and not _is_action_known(payments):
        raise Inconclusive("a create with the API key was not accepted either: the action may not exist; see AUTH-1")
    assertions.status(answer, {403}, "for a key that may not create payments")


@pytest.mark.clause("PERM-1", effect="read")
def test_a_valid_key_that_may_see_less_is_denied_never_taken_for_invalid(
    deployment: Deployment, payments: Payments
) -> None:
    hidden = deployment.hidden_invoice_id
    credential = deployment.key_that_sees_less()
    answers = [deployment.observe(fetch_invoice(hidden, credential))]
    if deployment.target.payments:
        answers.append(deployment.observe(read_status(payments.request_id(), credential)))
    for answer in answers:
        if answer.status == 401:
            raise Failure(
                expected="403 or 404 where a valid key may not see something",
                observed=answer.describe(),
                exchange=answer,
            )


@pytest.mark.clause("PERM-1", effect="none", kind=DENIED_KIND)
def test_a_key_that_may_do_nothing_is_denied_the_invoice(deployment: Deployment) -> None:
    answer = _with_denied_key(deployment, lambda key: deployment.observe(fetch_invoice(deployment.invoice_id, key)))
    assertions.status(answer, {403, 404}, "for a key that may do nothing")


@pytest.mark.clause("PERM-1", effect="none", kind=DENIED_KIND)
def test_a_key_that_may_do_nothing_is_denied_the_status(deployment: Deployment, payments: Payments) -> None:
    request_id = payments.request_id()
    answer = _with_denied_key(deployment, lambda key: deployment.observe(read_status(request_id, key)))
    assertions.status(answer, {403}, "for a key that may do nothing")


@pytest.mark.clause("PERM-1", effect="none", kind=DENIED_KIND)
def test_a_key_that_may_do_nothing_is_denied_a_create(deployment: Deployment) -> None:
    answer = _with_denied_key(deployment, lambda key: denied_create(deployment, key))
    assertions.status(answer, {403}, "for a key that may do nothing")


def _with_denied_key(deployment: Deployment, ask: Callable[[Credential], Exchange]) -> Exchange:
    """The answer to the key that may do nothing, unless it may be one to a wrong key.

    That it is valid can be seen by a 403 alone, here or where it asks for a create.
    """
    credential = deployment.denied
    answer = ask(credential)
    if answer.status in REFUSED_KEY and denied_create(deployment, credential).status != 403:
        raise Inconclusive("the denied key was answered 403 nowhere: it may be no valid key")
    return answer


def _is_action_known(payments: Payments) -> bool:
    with suppress(Inconclusive, NotExercised, Failure):
        payments.accept()
    return bool(payments.accepted)


@pytest.mark.parametrize(
    "what",
    [
        *("no parameters", "no parameters, and a wrong key", "overlong parameters", "no message, and a wrong key"),
        "an unknown action",
    ],
)
@pytest.mark.clause("AUTH-2", effect="none", kind=NO_KEY_KIND)
def test_the_key_is_judged_before_the_parameters_of_create(deployment: Deployment, what: str) -> None:
    deployment.require_accepted_key()
    action, phone, message = deployment.action_id, deployment.harmless_phone, PAGE_MESSAGE
    requests = {
        "no parameters": create_payment(action, NO_KEY, phone=None, message=None),
        "no parameters, and a wrong key": create_payment(action, UNKNOWN_KEY, phone=None, message=None),
        "overlong parameters": create_payment(action, NO_KEY, phone=Text.plain("0" * 30), message="a" * 100),
        "no message, and a wrong key": create_payment(action, UNKNOWN_KEY, phone=phone, message=None),
        "an unknown action": create_payment(deployment.unknown_ids(action, 1)[0], NO_KEY, phone=phone, message=message),
    }
    assertions.refused_key(deployment.observe(requests[what]))


@pytest.mark.parametrize(
    ("invoice_id", "credential"), [("0", NO_KEY), ("-1", UNKNOWN_KEY), ("abc", NO_KEY), ("nan", UNKNOWN_KEY)]
)
@pytest.mark.clause("AUTH-2", effect="none")
def test_the_key_is_judged_before_the_form_of_an_invoice_id(
    deployment: Deployment, invoice_id: str, credential: Credential
) -> None:
    deployment.require_accepted_key()
    assertions.refused_key(deployment.observe(fetch_invoice(Text.plain(invoice_id), credential)))


@pytest.mark.clause("AUTH-2", effect="none")
def test_the_key_is_judged_before_the_form_of_a_requestid(deployment: Deployment) -> None:
    deployment.require_accepted_key()
    assertions.refused_key(deployment.observe(read_status(Text.plain("!"), UNKNOWN_KEY)))
