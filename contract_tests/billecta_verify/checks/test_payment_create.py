"""SWISH-1 to SWISH-10: creating a payment request."""

from __future__ import annotations

from contextlib import suppress

import pytest

from billecta_verify.config.phones import FICTION
from billecta_verify.fixtures import assertions
from billecta_verify.fixtures.deployment import CONTROL_KIND, Deployment
from billecta_verify.fixtures.generation import (
    LONGEST_MESSAGE,
    LONGEST_PHONE,
    OVERLONG_MESSAGES,
    OVERLONG_PHONES,
    SHORT_MESSAGES,
    drawn,
    longest_message,
    overlong_messages,
    overlong_phones,
)
from billecta_verify.fixtures.outcomes import Failure, Inconclusive, NotExercised
from billecta_verify.fixtures.payments import (
    PAGE_MESSAGE,
    PLAIN_MESSAGE,
    SECOND_SPELLING,
    TRIMMED_MESSAGE,
    Attempt,
    Payments,
)
from billecta_verify.oracles.schema import error_envelope_flaw, schema_flaw, string_member_flaw
from billecta_verify.transport.exchange import Exchange, Text
from billecta_verify.transport.operations import create_payment
from billecta_verify.transport.unknown_ids import part_of_id

EMPTY = ""
BLANK = "   "
GENERATED = 1
TWO = 2
LOOKS_ESCAPED = "Faktura %61 &#97;".ljust(LONGEST_MESSAGE + 1, "a")
"""One character too many, unless what was decoded is decoded once more."""


UNKNOWN_KIND = "create for an unknown action"


@pytest.mark.clause("SWISH-1", effect="create")
def test_a_valid_create_is_answered_201_with_a_requestid(payments: Payments) -> None:
    created = payments.granted().created
    assertions.no_flaw(created, string_member_flaw(created, "requestid"), "a JSON object whose requestid is a string")


@pytest.mark.clause("SWISH-1", effect="create")
def test_the_answer_to_a_valid_create_fits_the_schema(payments: Payments) -> None:
    created = payments.granted().created
    assertions.no_flaw(created, schema_flaw(created), "an answer that fits openapi.yaml")


@pytest.mark.last
@pytest.mark.clause("SWISH-1", effect="create")
def test_every_accepted_create_returned_a_requestid(payments: Payments) -> None:
    payments.granted()
    for attempt in payments.accepted:
        flaw = string_member_flaw(attempt.created, "requestid")
        assertions.no_flaw(attempt.created, flaw, "a JSON object whose requestid is a string, each time")


@pytest.mark.clause("SWISH-2", effect="create")
def test_the_requestid_is_not_empty(payments: Payments) -> None:
    attempt = payments.accept()
    if attempt.request_id is None and string_member_flaw(attempt.created, "requestid") is None:
        raise Failure(
            expected="a requestid that is not empty", observed=attempt.created.describe(), exchange=attempt.created
        )


@pytest.mark.last
@pytest.mark.clause("SWISH-2", effect="create")
def test_each_payment_request_has_an_id_of_its_own(payments: Payments) -> None:
    payments.accept()
    payments.accept(raw_query=SECOND_SPELLING)
    _expect_an_id_for_each(payments.accepted)


@pytest.mark.last
@pytest.mark.clause("SWISH-2", effect="create")
def test_a_second_payment_request_for_the_same_phone_has_an_id_of_its_own(payments: Payments) -> None:
    """It may be refused, for Swish takes one live request per payer at a time."""
    first = payments.accept()
    second = payments.second()
    if second.request_id is not None and first.request_id is not None:
        earlier = {made.request_id.sent for made in payments.accepted if made.request_id and made is not second}
        if second.is_accepted and second.request_id.sent in earlier:
            raise Failure(
                expected="a new requestid for each payment request",
                observed="the requestid of an earlier payment request for the same phone",
                exchange=second.created,
            )


@pytest.mark.parametrize("phone", [None, EMPTY, BLANK], ids=["missing", "empty", "blank"])
@pytest.mark.clause("SWISH-3", effect="none", kind="create without phone")
def test_phone_is_required(deployment: Deployment, phone: str | None) -> None:
    expect_400(deployment, phone=None if phone is None else Text.plain(phone))


@pytest.mark.parametrize("case", OVERLONG_PHONES)
@pytest.mark.clause("SWISH-4", effect="none", kind="create with an overlong phone")
def test_a_phone_of_more_than_20_characters_is_refused(deployment: Deployment, case: str) -> None:
    expect_400(deployment, phone=Text.plain(OVERLONG_PHONES[case]))


@pytest.mark.clause("SWISH-4", effect="none", kind="create with an overlong phone")
def test_spaces_at_the_end_of_a_phone_are_counted(deployment: Deployment) -> None:
    """Asked of an action that does not exist, so that nothing is made: it shows if phones are validated first."""
    deployment.require_accepted_key()
    action_id = deployment.unknown_ids(deployment.action_id, 4)[-1]
    overlong, spaced = (
        deployment.observe(create_payment(action_id, deployment.valid, phone=Text.plain(phone), message=PAGE_MESSAGE))
        for phone in (FICTION[-1].ljust(LONGEST_PHONE + 1, "0"), FICTION[-1].ljust(LONGEST_PHONE + 1))
    )
    if overlong.status == 400:
        assertions.status(spaced, {400}, "for a phone of 21 characters, spaces at its end among them")


@pytest.mark.parametrize("number", range(GENERATED))
@pytest.mark.clause("SWISH-4", effect="none", kind="create with an overlong phone")
def test_a_generated_overlong_phone_is_refused(deployment: Deployment, number: int) -> None:
    phones = drawn(overlong_phones(), deployment.target.seed, GENERATED)
    expect_400(deployment, phone=Text.plain(phones[number % len(phones)]))


@pytest.mark.parametrize("message", [None, EMPTY], ids=["missing", "empty"])
@pytest.mark.clause("SWISH-5", effect="none", kind=CONTROL_KIND)
def test_message_is_required(deployment: Deployment, message: str | None) -> None:
    expect_400(deployment, message=message)


@pytest.mark.parametrize("case", OVERLONG_MESSAGES)
@pytest.mark.clause("SWISH-6", effect="none", kind="create with an overlong message")
def test_a_message_of_more_than_50_characters_is_refused(deployment: Deployment, case: str) -> None:
    expect_400(deployment, message=OVERLONG_MESSAGES[case])


@pytest.mark.clause("SWISH-6", effect="none", kind="create with an overlong message")
def test_what_looks_like_an_escape_in_a_message_is_counted_as_it_is(deployment: Deployment) -> None:
    """A message is decoded once; a server in front may take such a one for an attack, and say so as it likes."""
    deployment.require_judged_parameters()
    answer = deployment.observe(
        create_payment(deployment.action_id, deployment.valid, phone=deployment.harmless_phone, message=LOOKS_ESCAPED)
    )
    if answer.status in range(200, 300):
        raise Failure(expected="400 for a message of 51 characters", observed=answer.describe(), exchange=answer)


@pytest.mark.parametrize("number", range(GENERATED))
@pytest.mark.clause("SWISH-6", effect="none", kind="create with an overlong message")
def test_a_generated_overlong_message_is_refused(deployment: Deployment, number: int) -> None:
    messages = drawn(overlong_messages(), deployment.target.seed, GENERATED)
    expect_400(deployment, message=messages[number % len(messages)])


@pytest.mark.last
@pytest.mark.clause("SWISH-6", effect="create")
def test_spaces_at_the_end_of_a_message_are_counted(payments: Payments) -> None:
    """It takes a payment of the budget: a deployment that does not count them makes one."""
    what = "for a message of 51 characters with spaces at its end, and a phone that has no live request"
    attempt = payments.refusable(TRIMMED_MESSAGE, what)
    assertions.status(attempt.created, {400}, "for a message of 51 characters, spaces at its end among them")


@pytest.mark.last
@pytest.mark.clause("SWISH-2", effect="create")
def test_no_two_creates_of_the_run_were_given_the_same_id(payments: Payments) -> None:
    """Looks back at all that were accepted, for whatever check each was made."""
    _expect_an_id_for_each(payments.accepted)
    payments.accept()
    if len(payments.accepted) < TWO:
        raise NotExercised("--allow-payments and --phone: two payment requests, to compare their ids")


@pytest.mark.parametrize("alphabet", SHORT_MESSAGES)
@pytest.mark.clause("SWISH-6", effect="create")
def test_a_message_of_50_characters_is_not_too_long(payments: Payments, alphabet: str) -> None:
    longest = payments.attempt(longest_message(alphabet), control=SHORT_MESSAGES[alphabet])
    if longest.control is not None:
        raise Failure(
            expected="50 characters to be accepted as a short message of the same letters is",
            observed=longest.created.describe(),
            exchange=longest.created,
        )
    payments.accept(longest_message(alphabet))


@pytest.mark.parametrize("lacking", ["phone", "message"])
@pytest.mark.clause("SWISH-8", effect="none", kind="create that lacks a parameter")
def test_a_refusal_says_error_and_message(deployment: Deployment, lacking: str) -> None:
    deployment.require_accepted_key()
    phone = None if lacking == "phone" else deployment.harmless_phone
    message = None if lacking == "message" else PAGE_MESSAGE
    answer = deployment.observe(create_payment(deployment.action_id, deployment.valid, phone=phone, message=message))
    if answer.status in range(200, 300) and error_envelope_flaw(answer) is None:
        raise Failure(expected="400 with `error` and `message`", observed=answer.describe(), exchange=answer)
    if answer.status != 400:
        raise Inconclusive(f"nothing was answered 400 here, but {answer.status}; see SWISH-3 and SWISH-5")
    assertions.no_flaw(answer, error_envelope_flaw(answer), "a JSON object with `error` and `message`, both strings")
    assertions.no_flaw(answer, schema_flaw(answer), "an answer that fits openapi.yaml")


@pytest.mark.last
@pytest.mark.clause("SWISH-8", effect="none")
def test_every_400_said_error_and_message(deployment: Deployment) -> None:
    deployment.require_accepted_key()
    refusals = [
        exchange
        for exchange in deployment.history
        if exchange.status == 400 and exchange.request.well_formed and exchange.request.method in {"GET", "POST"}
    ]
    if not refusals and deployment.action_id:
        raise Inconclusive("nothing was answered 400")
    for exchange in refusals:
        assertions.no_flaw(
            exchange, error_envelope_flaw(exchange), "a JSON object with `error` and `message`, both strings"
        )


def _expect_an_id_for_each(accepted: list[Attempt]) -> None:
    seen: set[str] = set()
    for attempt in accepted:
        if attempt.request_id is None:
            continue
        if attempt.request_id.sent in seen:
            raise Failure(
                expected="a new requestid for each payment request",
                observed="the requestid of an earlier payment request",
                exchange=attempt.created,
            )
        seen.add(attempt.request_id.sent)


def expect_400(deployment: Deployment, **changed: Text | str | None) -> None:
    """A create with one parameter changed is refused for that."""
    deployment.require_judged_parameters()
    parameters = {"phone": deployment.harmless_phone, "message": PAGE_MESSAGE, **changed}
    request = create_payment(deployment.action_id, deployment.valid, **parameters)  # type: ignore[arg-type]
    _expect_refusal(deployment.observe(request), "for a create with such a parameter")


def _expect_refusal(exchange: Exchange, when: str) -> None:
    assertions.status(exchange, {400}, when)


@pytest.mark.clause("SWISH-9", effect="none", kind=UNKNOWN_KIND)
def test_an_unknown_action_is_not_found(deployment: Deployment, payments: Payments) -> None:
    deployment.require_accepted_key()
    action_id = deployment.unknown_ids(deployment.action_id, 1)[0]
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
    deployment.require_accepted_key()
    known, more = deployment.action_id, deployment.unknown_ids(deployment.action_id, 1)[0].sent
    longer = {"before": Text(more + known.sent, more + known.shown), "after": known.followed_by(more)}
    _expect_unknown_action(deployment, payments, longer[where])


@pytest.mark.clause("SWISH-9", effect="none", kind=UNKNOWN_KIND)
def test_a_part_of_an_action_is_not_found(deployment: Deployment, payments: Payments) -> None:
    """On this machine alone: elsewhere the part of an id might be somebody else's action."""
    deployment.require_accepted_key()
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
    with suppress(Inconclusive, NotExercised, Failure):
        payments.accept()


@pytest.mark.parametrize("spelling", ["a plus sign", "percent 20"])
@pytest.mark.clause("SWISH-10", effect="create")
def test_a_message_with_a_space_works(payments: Payments, spelling: str) -> None:
    raw_query = SECOND_SPELLING if spelling == "percent 20" else None
    attempt = payments.attempt(raw_query=raw_query, control=PLAIN_MESSAGE)
    if attempt.control is not None:
        raise Failure(
            expected="a message with a space to be accepted, as the same without the space is",
            observed=attempt.created.describe(),
            exchange=attempt.created,
        )
    payments.accept(raw_query=raw_query)


@pytest.mark.clause("SWISH-10", effect="create")
def test_a_phone_as_on_the_page_works(payments: Payments) -> None:
    """A deployment is free in what a phone may contain, so one that wants a plus sign is not blamed for it."""
    payments.accept()
    if payments.is_another_spelling_needed:
        raise Inconclusive(
            "phones were refused as the page has them (46…), and accepted with a plus sign before them: a stricter "
            "rule for phones is not forbidden, but the page's example does not work"
        )
