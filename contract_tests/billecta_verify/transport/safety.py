"""The rules that every request must pass before it leaves this machine.

SafetyError
  RequestRefusedError      a check asked for what no check may ask for: a defect of the verifier, nothing is sent
  BudgetSpentError         the user's budget of requests or payments does not allow one more
  ConsentMissingError      the request might ring a phone that is not ours to ring, and the user has allowed no payment
  OutOfPatienceError       the deployment goes on limiting the rate, and enough has been waited for it
  SilentDeploymentError    the deployment has stopped answering, and nothing more is sent to it
  KindStoppedError         the verdict is known, or cannot be known without harm: no more such requests are sent

A request that changes something and carries an accepted key is sent once. Without such a key it may be sent again, for
answers to the same request have to be compared; that ends with the first answer that accepts one, or with a connection
that is dropped, for then the request may have been carried out.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from time import monotonic, sleep
from typing import Final
from urllib.parse import urlsplit

from requests import PreparedRequest

from billecta_verify.config.phones import is_harmless
from billecta_verify.config.profiles import Profile
from billecta_verify.config.target import PORT_OF_HTTP, PORT_OF_HTTPS, Target, has_dot_segment, origin_of
from billecta_verify.transport.budget import Budget, LocalBudget, Usage
from billecta_verify.transport.exchange import API_KEY_HEADER, Effect, Purpose
from billecta_verify.transport.request_analysis import (
    READING_METHODS,
    all_parameters,
    carries_key,
    changes_something,
    could_pay,
    fingerprint,
    is_payment_call,
    last_segment,
    path_of,
    query_parameters,
)
from billecta_verify.transport.unknown_ids import is_marked, part_of_id

ORDINARY_METHODS: Final = READING_METHODS | {"POST"}
"""All that is sent to a deployment on another machine, unless it is asked to probe methods."""

_ACCEPTED: Final = range(200, 300)
_LONGEST_PHONE: Final = 20
_LONGEST_MESSAGE: Final = 50
_POLL: Final = 0.02
_UNANSWERED: Final = "“{}” got no answer and may have been carried out"
_LONGEST_TURN: Final = 600.0
"""Seconds to wait for the answer that another process of the run awaits."""


class SafetyError(Exception):
    """A request was not sent."""


class RequestRefusedError(SafetyError):
    """The request breaks a rule of safety."""


class BudgetSpentError(SafetyError):
    """The budget is used up; `budget` names which."""

    def __init__(self, budget: str, limit: int) -> None:
        super().__init__(f"the budget of {limit} {budget if limit != 1 else budget.removesuffix('s')} is spent")
        self.budget = budget


class ConsentMissingError(SafetyError):
    """The request may ring a phone on a deployment that supplies what it lacks; no payment has been allowed."""


class RateLimitedError(SafetyError):
    """The deployment has asked for more waiting than a run has time for."""

    def __init__(self) -> None:
        super().__init__("the deployment goes on answering 429 after minutes of waiting: lower --rate-limit")


class SilentDeploymentError(SafetyError):
    """Nothing answers any longer: every further request would but wait for its time limit."""

    def __init__(self) -> None:
        super().__init__("not sent: the deployment has stopped answering")


class GroupStoppedError(SafetyError):
    """A request was accepted though it had to be refused, or may have been."""


@dataclass(slots=True)
class SafetyPolicy:
    """Admits or refuses each request, and counts what was admitted."""

    target: Target
    budget: Budget = field(default_factory=LocalBudget)
    requests_of: Counter[str] = field(default_factory=Counter, init=False)
    payments_of: Counter[str] = field(default_factory=Counter, init=False)

    @property
    def requests(self) -> int:
        """The requests of the whole run so far."""
        with self.budget.open() as usage:
            return usage.requests

    @property
    def payments(self) -> int:
        """The payment requests that were meant as such."""
        with self.budget.open() as usage:
            return usage.payments

    @property
    def unexpected_payments(self) -> int:
        """The payment requests that a deployment made of what it had to refuse."""
        with self.budget.open() as usage:
            return usage.unexpected_payments

    def check(self, request: PreparedRequest, purpose: Purpose) -> None:
        """Count the request, or raise a SafetyError: then it must not be sent."""
        self._check_origin(request)
        self._check_path(request)
        self._check_method(request, purpose)
        self._check_phones(request)
        give_up = monotonic() + _LONGEST_TURN
        while not self._is_admitted(request, purpose):
            if monotonic() > give_up:
                raise GroupStoppedError("not sent: another process of the run still waits for an answer")
            sleep(_POLL)

    def record_response(self, request: PreparedRequest, purpose: Purpose, status: int) -> None:
        """Stop the kind of a request that had to be refused and was accepted, and all others with a key."""
        if purpose.effect is not Effect.CREATE and could_pay(request) and status in _ACCEPTED:
            with self.budget.open() as usage:
                usage.unexpected_payments += 1
                usage.stopped[purpose.kind] = f"a deployment that accepted “{purpose.kind}” once is not asked again"
        self._end_turn()

    def record_no_response(self, request: PreparedRequest, purpose: Purpose, *, sent: bool) -> None:
        """Stop the kind of a request that got no answer and may have been carried out."""
        if sent and purpose.effect is not Effect.CREATE and is_payment_call(request):
            with self.budget.open() as usage:
                usage.stopped.setdefault(purpose.kind, _UNANSWERED.format(purpose.kind))
        self._end_turn()

    def record_worker_crash(self, owner: str) -> None:
        """Stop the kind of the request for whose answer a process waited when it died."""
        with self.budget.open() as usage:
            kind = usage.pending.pop(owner, None)
            if kind is not None:
                usage.stopped.setdefault(kind, _UNANSWERED.format(kind))

    def _is_admitted(self, request: PreparedRequest, purpose: Purpose) -> bool:
        """Whether the request may be sent now, and is counted; False while it is the turn of another process."""
        with self.budget.open() as usage:
            if changes_something(request):
                self._check_change(request, purpose, usage)
                if self.budget.is_shared and not self._takes_turn(request, purpose, usage):
                    return False
            self._count(request, purpose, usage)
        return True

    def _takes_turn(self, request: PreparedRequest, purpose: Purpose, usage: Usage) -> bool:
        """One process at a time asks what must be refused: the answer decides whether another may ask at all."""
        if purpose.effect is Effect.CREATE or not is_payment_call(request):
            return True
        if set(usage.pending) - {self.budget.owner}:
            return False
        usage.pending[self.budget.owner] = purpose.kind
        return True

    def _end_turn(self) -> None:
        if self.budget.is_shared:
            with self.budget.open() as usage:
                usage.pending.pop(self.budget.owner, None)

    def _count(self, request: PreparedRequest, purpose: Purpose, usage: Usage) -> None:
        if usage.requests >= self.target.max_requests:
            raise BudgetSpentError("requests", self.target.max_requests)
        if purpose.effect is Effect.CREATE and is_payment_call(request):
            if usage.payments >= self.target.payments:
                raise BudgetSpentError("payments", self.target.payments)
            usage.payments += 1
            self.payments_of[purpose.check] += 1
        usage.requests += 1
        self.requests_of[purpose.check] += 1
        if changes_something(request):
            usage.sent.setdefault(self._digest(request), self.budget.owner)

    def _digest(self, request: PreparedRequest) -> str:
        return self.budget.digest(fingerprint(request, self.target.keys))

    def _check_origin(self, request: PreparedRequest) -> None:
        origin = origin_of(request.url or "")
        if origin == self.target.origin:
            return
        if origin != plain_twin(self.target) or request.method not in {"GET", "HEAD"}:
            raise RequestRefusedError(f"{origin[0]}://{origin[1]}:{origin[2]} is not the deployment under verification")
        if API_KEY_HEADER in request.headers or urlsplit(request.url or "").query:
            raise RequestRefusedError("a key must not cross the network in the clear")

    def _check_path(self, request: PreparedRequest) -> None:
        path = path_of(request)
        if not path.startswith(urlsplit(self.target.base_url).path + "/") or has_dot_segment(path):
            raise RequestRefusedError("a path that is, or may be read as, one outside the base path")

    def _check_method(self, request: PreparedRequest, purpose: Purpose) -> None:
        method = request.method or ""
        if method not in ORDINARY_METHODS and not self.target.takes_any_method:
            raise RequestRefusedError(f"{method} is never sent to a deployment on another machine")
        if self.target.profile is Profile.SMOKE and changes_something(request):
            raise GroupStoppedError("not sent: the profile smoke only reads")
        if purpose.effect is Effect.READ and changes_something(request):
            raise RequestRefusedError(f"{method} under the effect `read`")

    def _check_phones(self, request: PreparedRequest) -> None:
        for name, value in all_parameters(request):
            if name.lower() == "phone" and not is_harmless(value, self.target.phones):
                raise RequestRefusedError("a phone number that is neither given nor reserved for fiction")

    def _check_change(self, request: PreparedRequest, purpose: Purpose, usage: Usage) -> None:
        if purpose.effect is Effect.CREATE and is_payment_call(request):
            if last_segment(request) != self.target.action_id:
                raise RequestRefusedError("a payment request for another action than the given one")
            self._check_not_of_another(request, usage)
            return
        if is_payment_call(request):
            self._check_kind(request, purpose, usage)
        if carries_key(request, self.target.keys):
            self._check_first(request, usage)

    def _check_not_of_another(self, request: PreparedRequest, usage: Usage) -> None:
        if usage.sent.get(self._digest(request), self.budget.owner) != self.budget.owner:
            raise GroupStoppedError(f"not sent: another process of the run has sent the very same {request.method}")

    def _check_first(self, request: PreparedRequest, usage: Usage) -> None:
        if usage.unexpected_payments and request.headers.get(API_KEY_HEADER) in self.target.keys:
            raise GroupStoppedError("not sent: the deployment has accepted a payment request that it had to refuse")
        self._check_not_of_another(request, usage)
        if self._digest(request) in usage.sent:
            raise RequestRefusedError(f"the very same {request.method} with a key a second time")

    def _check_kind(self, request: PreparedRequest, purpose: Purpose, usage: Usage) -> None:
        if not purpose.kind:
            raise RequestRefusedError("a payment call that must be refused needs a kind")
        if purpose.kind in usage.stopped:
            raise GroupStoppedError(f"not sent: {usage.stopped[purpose.kind]}")
        key = request.headers.get(API_KEY_HEADER)
        if key not in self.target.keys or self._is_nobodys_action(last_segment(request)):
            return
        if _is_complete(request) and not self._is_denied_by_policy(request):
            raise RequestRefusedError("a complete payment request under an effect other than `create`")
        if not self.target.payments and not _names_a_phone(request):
            raise ConsentMissingError("a payment request without a phone may ring the customer's")

    def _is_nobodys_action(self, action_id: str) -> bool:
        """Whether an id was made up by this run, or is what is tried on this machine alone: a part of the given one."""
        is_part = self.target.is_loopback and action_id == part_of_id(self.target.action_id)
        return is_part or is_marked(action_id, self.target.seed)

    def _is_denied_by_policy(self, request: PreparedRequest) -> bool:
        """Whether the user has said that this key may create nothing: then the given action may be asked for once."""
        key = request.headers.get(API_KEY_HEADER)
        return key in self.target.denied_creators and last_segment(request) == self.target.action_id


def _is_complete(request: PreparedRequest) -> bool:
    """Whether a deployment might well make a payment of this, whichever of several values it takes."""
    given = query_parameters(request)
    phones = [value.strip() for name, value in given if name == "phone"]
    messages = [value for name, value in given if name == "message"]
    return any(1 <= len(phone) <= _LONGEST_PHONE for phone in phones) and any(
        message and len(message.strip()) <= _LONGEST_MESSAGE for message in messages
    )


def _names_a_phone(request: PreparedRequest) -> bool:
    return any(name.lower() == "phone" and value.strip() for name, value in all_parameters(request))


def plain_twin(target: Target) -> tuple[str, str, int] | None:
    """Where the same deployment might answer without TLS: port 80, or the same port when it is not the usual one."""
    scheme, host, port = target.origin
    return ("http", host, PORT_OF_HTTP if port == PORT_OF_HTTPS else port) if scheme == "https" else None
