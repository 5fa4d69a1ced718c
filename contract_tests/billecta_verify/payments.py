"""The payment requests that a run makes, each shared by every check that can learn from it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from billecta_verify.attempts import Attempt
from billecta_verify.config.phones import FICTION, canonical
from billecta_verify.oracles.schema import string_member_flaw
from billecta_verify.outcomes import Inconclusive, NotExercised, Violation
from billecta_verify.transport.exchange import Effect, Exchange, Purpose, Text
from billecta_verify.transport.operations import create_payment, read_status

if TYPE_CHECKING:
    from billecta_verify.deployment import Deployment

PAGE_MESSAGE: Final = "Invoice 123"
SECOND_SPELLING: Final = "message=Invoice%20123"
"""The same message as the query string may have it too."""
PLAIN_MESSAGE: Final = "faktura"
"""A message that no rule about characters or length can refuse: a few small letters."""
TRIMMED_MESSAGE: Final = " Faktura  123".ljust(51)
"""One character too many, unless spaces at an end, or side by side, are not counted."""

_PHONES_IN_DOUBT: Final = 2
"""After so many refusals another message is tried with the same phone."""
_NOT_ALLOWED: Final = "--allow-payments N and --phone NUMBER: a number that may be asked to pay"
_NOT_COUNTED: Final = "--allow-payments N: how many payment requests may be made; the number to be asked is known"
_ANOTHER_PHONE: Final = "--phone: another number, or the same once its payer has answered"
_REFUSALS_OF_A_BUSY_PHONE: Final = 2
_INTERNATIONAL: Final = "+"


class Payments:
    """Makes payment requests, each at most once, from the numbers that the user has given, one after another."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._phones = list(dict.fromkeys(deployment.target.phones))
        self._tries: dict[str, list[Attempt]] = {phone: [] for phone in deployment.target.phones}
        self._is_plus_tried = False
        self._creates: list[Attempt] = []
        self._made: dict[str, Attempt] = {}
        self._failures: dict[str, Inconclusive | NotExercised] = {}

    @property
    def accepted(self) -> list[Attempt]:
        """The payment requests that exist, in the order in which they were made."""
        return [attempt for attempt in self._creates if attempt.is_accepted]

    @property
    def granted_fiction(self) -> Text | None:
        """A number for fiction that was granted a payment request: no rule about phones can refuse it."""
        granted = (phone for phone, tries in self._tries.items() if any(attempt.is_accepted for attempt in tries))
        return next((self._spelled(phone) for phone in granted if canonical(phone) in FICTION), None)

    @property
    def is_another_spelling_needed(self) -> bool:
        """Whether phones as the page has them were refused, and the same were accepted with a plus sign before them."""
        return bool(self._deployment.phone_prefix)

    def attempt(
        self, message: str = PAGE_MESSAGE, *, raw_query: str | None = None, control: str = PLAIN_MESSAGE
    ) -> Attempt:
        """A valid create with this message; asked once, then remembered.

        After a refusal by the domain the next phone is tried, as long as there is one and the phone can be the reason:
        when the same phone is granted the `control`, another message, it is not. `raw_query` spells the message on the
        wire in another way.
        """
        key = raw_query or message
        if key in self._failures:
            raise self._failures[key]
        if key not in self._made:
            try:
                self._made[key] = self._tried(message, raw_query, control)
            except (Inconclusive, NotExercised) as error:
                self._failures[key] = error
                raise
        return self._made[key]

    def granted(self) -> Attempt:
        """The create that the page has, for the clause that promises 201 for it.

        Raises Inconclusive for a refusal that a conforming deployment may give, Violation for any other answer.
        """
        attempt = self.attempt()
        if attempt.is_accepted:
            return attempt
        raise self._disappointment(attempt)

    def accept(self, message: str = PAGE_MESSAGE, *, raw_query: str | None = None) -> Attempt:
        """The same for checks of anything else, which need a create with this message to be accepted.

        What is wrong with each create is the fault of none of them: then it is Inconclusive, as after a refusal.
        """
        attempt = self.attempt(message, raw_query=raw_query)
        if attempt.is_accepted:
            return attempt
        disappointment = self._disappointment(attempt)
        if isinstance(disappointment, Violation) and not self._is_about(message, raw_query):
            raise Inconclusive(f"no payment request was granted as promised ({attempt.created.status}); see SWISH-1")
        raise disappointment

    def request_id(self) -> Text:
        """The id of a payment request that exists. Raises Inconclusive or NotExercised where there is none."""
        attempt = self.attempt()
        others = (made for made in (attempt.control, *self.accepted) if made is not None)
        made = attempt if attempt.is_accepted else next(others, None) or self.accept()
        request_id = made.request_id
        if request_id is None:
            raise Inconclusive("create returned no usable requestid")
        return request_id

    def _is_about(self, message: str, raw_query: str | None) -> bool:
        """Whether it is this message that is not accepted: the page's own is, or another."""
        if raw_query is None and message == PAGE_MESSAGE:
            return False
        with suppress(Inconclusive, NotExercised):
            self.attempt()
        return bool(self.accepted)

    def _disappointment(self, attempt: Attempt) -> Violation | Inconclusive | NotExercised:
        """What it means that a valid create was not accepted."""
        if attempt.was_made:
            return self._violation(attempt, ", and then the same phone has a live request")
        if attempt.control is not None:
            return Inconclusive("this message was refused (400) and another was not; see SWISH-6 and SWISH-10")
        if attempt.is_refused_by_domain:
            return self._refused(attempt)
        status = attempt.created.status
        if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN}:
            self._deployment.accepted_key()
            if not self.accepted:
                return Inconclusive(
                    f"a create with the API key was answered {status}: the key may not be allowed to create, or the "
                    "action does not exist"
                )
        return self._violation(attempt)

    def _violation(self, attempt: Attempt, more: str = "") -> Violation:
        before = ", as for one before" if self.accepted else ""
        created = attempt.created
        return Violation(
            expected=f"201 for a valid create{before}", observed=f"{created.describe()}{more}", exchange=created
        )

    def _tried(self, message: str, raw_query: str | None, control: str) -> Attempt:
        self._check_allowed()
        phones = [phone for phone in self._phones if not self._is_busy(phone)]
        if not phones:
            raise self._refused(next(tries[-1] for tries in self._tries.values() if tries))
        for number, phone in enumerate(phones, 1):
            attempt = self._try(phone, message, raw_query)
            if self._is_phone_in_doubt(attempt, number, len(phones)):
                granted = self._control(phone, control)
                if granted.is_accepted:
                    return replace(attempt, control=granted)
                if granted.is_refused_for_a_live_request:
                    return replace(attempt, was_made=True)
                if self._is_taken_with_a_plus(phone, message, raw_query):
                    return self._tries[phone][-1]
                if self.accepted and number == _PHONES_IN_DOUBT:
                    break
            if not attempt.is_refused_by_domain or not self._has_budget():
                break
        return self._asked_again(phone, attempt, control)

    def _is_taken_with_a_plus(self, phone: str, message: str, raw_query: str | None) -> bool:
        """Ask for the same number as `+46…`, where none was accepted: a deployment may want it so, for every phone."""
        if self.accepted or self._is_plus_tried or canonical(phone) != phone or not self._has_budget():
            return False
        self._is_plus_tried = True
        self._deployment.phone_prefix = _INTERNATIONAL
        attempt = self._try(phone, message, raw_query)
        if not attempt.is_accepted and not attempt.is_refused_for_a_live_request:
            self._deployment.phone_prefix = ""
        return attempt.is_accepted

    def _asked_again(self, phone: str, attempt: Attempt, message: str) -> Attempt:
        """A first create that was not found: the same phone tells whether the payment request was made all the same."""
        if attempt.created.status != HTTPStatus.NOT_FOUND or self.accepted or not self._has_budget():
            return attempt
        again = self._create(phone, message, None)
        return replace(attempt, was_made=again.is_accepted or again.is_refused_for_a_live_request)

    def second(self) -> Attempt:
        """A further create for a phone that was granted one. Raises what `accept` raises."""
        self.accept()
        granted = {phone: tries for phone, tries in self._tries.items() if tries and tries[0].is_accepted}
        asked_twice = next((tries[1] for tries in granted.values() if len(tries) > 1), None)
        phone = next((phone for phone in self._phones if phone in granted), None)
        return asked_twice or self._once("second", phone, PLAIN_MESSAGE, "for a phone that was granted one")

    def refusable(self, message: str, what: str) -> Attempt:
        """A create that has to be refused, for a phone without a live request as far as is known.

        Raises what `accept` raises; `what` is for the user, who may have to supply more for it.
        """
        self.accept()
        phone = next((phone for phone in self._phones if not self._tries[phone]), None)
        return self._once(message, phone, message, what)

    def _once(self, key: str, phone: str | None, message: str, what: str) -> Attempt:
        if key not in self._made:
            lacking = ["--allow-payments"] * (not self._has_budget()) + ["--phone"] * (phone is None)
            if phone is None or lacking:
                raise NotExercised(f"{' and '.join(lacking)}: one more, {what}")
            self._made[key] = self._try(phone, message, None)
        return self._made[key]

    def _try(self, phone: str, message: str, raw_query: str | None) -> Attempt:
        self._phones.append(self._phones.pop(self._phones.index(phone)))
        attempt = self._create(phone, message, raw_query)
        self._tries[phone].append(attempt)
        return attempt

    def _is_phone_in_doubt(self, attempt: Attempt, number: int, phones: int) -> bool:
        """Whether to ask if phone or message was refused: at once where a create was accepted before.

        Where none was, the phone is the likelier reason, and the next is tried first: each payment counts.
        """
        if not attempt.is_refused_by_domain or attempt.is_refused_for_a_live_request:
            return False
        return bool(self.accepted) or number == min(_PHONES_IN_DOUBT, phones)

    def _control(self, phone: str, message: str) -> Attempt:
        """A create for a phone that was refused one.

        Where the budget leaves the reason open, that is Inconclusive, or NotExercised once a create was accepted: more
        budget must not give a worse verdict than less.
        """
        try:
            return self._create(phone, message, None)
        except NotExercised as error:
            if self.accepted:
                raise NotExercised(
                    "--allow-payments: one more, to ask why a further create was refused (400)"
                ) from error
            raise Inconclusive(f"a create was refused (400), and why could not be asked: {error.msg}") from error

    def _is_busy(self, phone: str) -> bool:
        """Whether a further request would but spend budget: the phone has a live request, as far as one can tell.

        Either a refusal says so, or what was accepted before is now refused again and again.
        """
        tries = self._tries[phone]
        latest = tries[-_REFUSALS_OF_A_BUSY_PHONE:]
        refused = len(latest) == _REFUSALS_OF_A_BUSY_PHONE and all(attempt.is_refused_by_domain for attempt in latest)
        if any(attempt.is_refused_for_a_live_request for attempt in tries):
            return True
        return refused and any(attempt.is_accepted for attempt in tries)

    def _refused(self, attempt: Attempt) -> Inconclusive | NotExercised:
        """What a refusal by the domain means: a freedom once another create was accepted, else nothing is known."""
        if self.accepted:
            return NotExercised(f"{_ANOTHER_PHONE} (a further create was refused: {attempt.refusal})")
        return Inconclusive(
            f"a valid create was refused ({attempt.refusal}): the payer may not be enrolled, or has "
            "a live request, or the number is wanted in another form"
        )

    def _create(self, phone: str, message: str, raw_query: str | None) -> Attempt:
        deployment = self._deployment
        spelled = {"message": message} if raw_query is None else {"message": None, "raw_query": raw_query}
        with deployment.transport.under(self._purpose(Effect.CREATE)):
            created = deployment.send(
                create_payment(deployment.action_id, deployment.valid, phone=self._spelled(phone), **spelled)
            )
        self._creates.append(Attempt(created, None))
        self._creates[-1] = Attempt(created, self._first_read(self._creates[-1]))
        return self._creates[-1]

    def _first_read(self, made: Attempt) -> Exchange | None:
        if not made.is_accepted or made.request_id is None or string_member_flaw(made.created, "requestid"):
            return None
        with self._deployment.transport.under(self._purpose(Effect.READ)):
            return self._deployment.send(read_status(made.request_id, self._deployment.valid))

    def _purpose(self, effect: Effect) -> Purpose:
        current = self._deployment.transport.purpose
        return Purpose(current.check, current.clause, effect)

    def _check_allowed(self) -> None:
        if not self._deployment.target.payments:
            raise NotExercised(_NOT_COUNTED if self._phones else _NOT_ALLOWED)
        # Where it is not known that the key opens anything, a payment would be a shot in the dark.
        self._deployment.accepted_key()

    def _has_budget(self) -> bool:
        return self._deployment.transport.guard.payments < self._deployment.target.payments

    def _spelled(self, phone: str) -> Text:
        prefix = self._deployment.phone_prefix if phone.isdigit() else ""
        return Text(prefix + phone, prefix + phone if canonical(phone) in FICTION else quote(prefix) + "$PHONE")
