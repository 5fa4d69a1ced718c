"""The payment requests that a run makes, each shared by every check that can learn from it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from contract_tests.exchange import Effect, Exchange, Purpose, Text
from contract_tests.operations import create_payment, read_status
from contract_tests.oracles.envelope import error_envelope_flaw, string_member_flaw
from contract_tests.outcomes import Inconclusive, NotExercised, Violation
from contract_tests.phones import FICTION, canonical

if TYPE_CHECKING:
    from contract_tests.deployment import Deployment

PAGE_MESSAGE: Final = "Invoice 123"
_NOT_ALLOWED: Final = "--allow-payments N and --phone NUMBER: a number that may be asked to pay"
_ANOTHER_PHONE: Final = "--phone: another number, or the same once its payer has answered"
_LIVE_REQUEST: Final = "RP06"
"""Swish's code for a payer who has a payment request that is not answered yet."""
_REFUSALS_OF_A_BUSY_PHONE: Final = 2
_ERROR_CODE: Final = re.compile(r"(?!.*\d{5})[A-Za-z][A-Za-z0-9_.-]{0,31}")


@dataclass(frozen=True, slots=True)
class Attempt:
    """A valid create, and the read of its status that followed at once when it was accepted."""

    created: Exchange
    first_read: Exchange | None

    @property
    def is_accepted(self) -> bool:
        """Whether the payment request exists."""
        return self.created.status == HTTPStatus.CREATED

    @property
    def request_id(self) -> Text | None:
        """The id of the payment request, or None where the answer has no usable one."""
        document = self.created.json()
        value = document.get("requestid") if isinstance(document, dict) else None
        return Text(value, "$REQUEST_ID") if isinstance(value, str) and value.strip() else None

    @property
    def is_refused_by_domain(self) -> bool:
        """Whether this is a refusal that a conforming deployment may give: a 400 in the promised envelope.

        Swish refuses, for one, a second live request for a payer, and a payer who is not enrolled.
        """
        return self.created.status == HTTPStatus.BAD_REQUEST and error_envelope_flaw(self.created) is None

    @property
    def refusal(self) -> str:
        """The refusal in short, such as `400 RP06`: only what looks like a code is taken from the answer."""
        document = self.created.json()
        code = str(document.get("error")) if isinstance(document, dict) else ""
        return f"{self.created.status} {code}" if _ERROR_CODE.fullmatch(code) else str(self.created.status)

    @property
    def is_refused_for_a_live_request(self) -> bool:
        """Whether the refusal names Swish's own code for it."""
        return self.is_refused_by_domain and _LIVE_REQUEST in self.created.body.decode("utf-8", "replace")


class Payments:
    """Makes payment requests, each at most once, from the numbers that the user has given, one after another."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._phones = [self._shown(phone) for phone in dict.fromkeys(deployment.target.phones)]
        self._tries: dict[str, list[Attempt]] = {phone: [] for phone in deployment.target.phones}
        self._made: dict[str, Attempt] = {}
        self._failures: dict[str, Inconclusive | NotExercised] = {}

    @property
    def accepted(self) -> list[Attempt]:
        """The payment requests that exist, in the order in which they were made."""
        return [attempt for attempt in self._made.values() if attempt.is_accepted]

    def attempt(self, message: str = PAGE_MESSAGE, *, raw_query: str | None = None) -> Attempt:
        """A valid create with this message; asked once, then remembered.

        After a refusal by the domain the next phone is tried, as long as there is one. `raw_query` spells the message
        on the wire in another way.
        """
        key = raw_query or message
        if key in self._failures:
            raise self._failures[key]
        if key not in self._made:
            try:
                self._made[key] = self._tried(message, raw_query)
            except (Inconclusive, NotExercised) as error:
                self._failures[key] = error
                raise
        return self._made[key]

    def accept(self, message: str = PAGE_MESSAGE, *, raw_query: str | None = None) -> Attempt:
        """The same, for checks that need it to be accepted.

        Raises Inconclusive for a refusal that a conforming deployment may give, Violation for any other answer.
        """
        attempt = self.attempt(message, raw_query=raw_query)
        if attempt.is_accepted:
            return attempt
        if attempt.is_refused_by_domain:
            raise self._refused(attempt)
        if attempt.created.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN}:
            self._deployment.accepted_key()
            if self.accepted:
                raise Violation(
                    expected="201 for a valid create, as for one before",
                    observed=attempt.created.describe(),
                    exchange=attempt.created,
                )
            raise Inconclusive(
                f"a create with the API key was answered {attempt.created.status}: the key may not be allowed to "
                "create, or the action does not exist"
            )
        raise Violation(
            expected="201 for a valid create", observed=attempt.created.describe(), exchange=attempt.created
        )

    def request_id(self) -> Text:
        """The id of a payment request that exists. Raises Inconclusive or NotExercised where there is none."""
        request_id = self.accept().request_id
        if request_id is None:
            raise Inconclusive("create returned no usable requestid")
        return request_id

    def _tried(self, message: str, raw_query: str | None) -> Attempt:
        self._check_allowed()
        phones = [phone for phone in self._phones if not self._is_busy(phone)]
        if not phones:
            raise self._refused(next(tries[-1] for tries in self._tries.values() if tries))
        for phone in phones:
            self._phones.append(self._phones.pop(self._phones.index(phone)))
            attempt = self._create(phone, message, raw_query)
            self._tries[phone.sent].append(attempt)
            if not attempt.is_refused_by_domain or not self._has_budget():
                break
        return attempt

    def _is_busy(self, phone: Text) -> bool:
        """Whether a further request would but spend budget: the phone has a live request, as far as one can tell.

        Either a refusal says so, or what was accepted before is now refused again and again.
        """
        tries = self._tries[phone.sent]
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
            f"a valid create was refused ({attempt.refusal}): the payer may not be enrolled, or has a live request"
        )

    def _create(self, phone: Text, message: str, raw_query: str | None) -> Attempt:
        deployment = self._deployment
        spelled = {"message": message} if raw_query is None else {"message": None, "raw_query": raw_query}
        with deployment.transport.under(self._purpose(Effect.CREATE)):
            created = deployment.send(create_payment(deployment.action_id, deployment.valid, phone=phone, **spelled))
        attempt = Attempt(created, None)
        if not attempt.is_accepted or attempt.request_id is None or string_member_flaw(created, "requestid"):
            return attempt
        with deployment.transport.under(self._purpose(Effect.READ)):
            return Attempt(created, deployment.send(read_status(attempt.request_id, deployment.valid)))

    def _purpose(self, effect: Effect) -> Purpose:
        current = self._deployment.transport.purpose
        return Purpose(current.check, current.clause, effect)

    def _check_allowed(self) -> None:
        if not self._deployment.target.payments:
            raise NotExercised(_NOT_ALLOWED)
        # Where it is not known that the key opens anything, a payment would be a shot in the dark.
        self._deployment.accepted_key()

    def _has_budget(self) -> bool:
        return self._deployment.transport.guard.payments < self._deployment.target.payments

    @staticmethod
    def _shown(phone: str) -> Text:
        return Text(phone, phone if canonical(phone) in FICTION else "$PHONE")
