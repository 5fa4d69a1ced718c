"""SWISH-9: creating a payment request for an action that does not exist."""

from __future__ import annotations

from contextlib import suppress

import pytest

from billecta_verify.fixtures import assertions
from billecta_verify.fixtures.deployment import Deployment
from billecta_verify.fixtures.outcomes import Inconclusive, NotExercised, Violation
from billecta_verify.fixtures.payments import PLAIN_MESSAGE, Attempt, Payments
from billecta_verify.transport.exchange import Exchange, Text
from billecta_verify.transport.operations import create_payment
from billecta_verify.transport.unknown_ids import part_of_id

UNKNOWN_KIND = "create for an unknown action"


@pytest.mark.clause("SWISH-9", effect="none", kind=UNKNOWN_KIND)
def test_an_unknown_action_is_not_found(deployment: Deployment, payments: Payments) -> None:
    deployment.accepted_key()
    action_id = deployment.absent_ids(deployment.action_id, 1)[0]
    answer = _expect_unknown_action(deployment, payments, action_id)
    if answer.status != 400 or action_id.sent.isdigit():
        return  # a number that is longer than those that are given out may be refused for its form
    phone = payments.granted_fiction
    if phone is None:
        raise Inconclusive("400 for an unknown action: it may be that a number for fiction is not acceptable here")
    again = Attempt(_expect_unknown_action(deployment, payments, action_id, phone=phone), None)
    if not again.is_refused_for_a_live_request:
        assertions.status(
            again.created, {404}, "for an unknown action, with a phone that was granted a payment request"
        )


@pytest.mark.parametrize("where", ["before", "after"])
@pytest.mark.clause("SWISH-9", effect="none", kind=UNKNOWN_KIND)
def test_a_known_action_with_more_to_its_id_is_not_found(
    deployment: Deployment, payments: Payments, where: str
) -> None:
    deployment.accepted_key()
    known, more = deployment.action_id, deployment.absent_ids(deployment.action_id, 1)[0].sent
    longer = {"before": Text(more + known.sent, more + known.shown), "after": known.followed_by(more)}
    _expect_unknown_action(deployment, payments, longer[where])


@pytest.mark.clause("SWISH-9", effect="none", kind=UNKNOWN_KIND)
def test_a_part_of_an_action_is_not_found(deployment: Deployment, payments: Payments) -> None:
    """On this machine alone: elsewhere the part of an id might be somebody else's action."""
    deployment.accepted_key()
    part = part_of_id(deployment.action_id.sent)
    if part is None or not deployment.target.is_loopback:
        raise NotExercised("a deployment on this machine, and an action's id that is long and no number")
    _expect_unknown_action(deployment, payments, Text(part, "(the first half of the action's id)"))


@pytest.mark.clause("SWISH-9", effect="none", kind=UNKNOWN_KIND)
def test_a_requestid_is_no_action(deployment: Deployment, payments: Payments) -> None:
    request_id = payments.request_id()
    if request_id.sent == deployment.action_id.sent:
        raise Inconclusive("the requestid is the id of the action; see STATUS-3")
    # Its form is the deployment's: it may be the id of an action too, so what is sent there is never complete.
    _expect_unknown_action(deployment, payments, request_id, message=None)


def _expect_unknown_action(
    deployment: Deployment,
    payments: Payments,
    action_id: Text,
    *,
    phone: Text | None = None,
    message: str | None = PLAIN_MESSAGE,
) -> Exchange:
    """An action that does not exist gets neither success nor failure; returns the answer, for 400 has several reasons.

    A key that was granted a payment request may create, so that 403 is no answer to it.
    """
    _make_a_payment(payments)
    phone = phone or deployment.harmless_phone
    answer = deployment.observe(create_payment(action_id, deployment.valid, phone=phone, message=message))
    if answer.status == 403 and not payments.accepted:
        raise Inconclusive("the key may not create payments (403), so an unknown action cannot be told")
    assertions.status(answer, {400, 404}, "for an unknown action")
    return answer


def _make_a_payment(payments: Payments) -> None:
    """So that it is known whether the key may create at all, as far as that can be known."""
    with suppress(Inconclusive, NotExercised, Violation):
        payments.accept()
