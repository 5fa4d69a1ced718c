"""The rules that every request must pass before it leaves this machine.

SafetyError
  RequestRefusedError      a check asked for what no check may ask for: a defect of the judge, nothing is sent
  BudgetSpentError         the user's budget of requests or payments does not allow one more
  KindStoppedError         a request of this kind was wrongly accepted before: the verdict is known, no other is sent
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from contract_tests.exchange import API_KEY_HEADER, Effect, Purpose
from contract_tests.phones import is_harmless
from contract_tests.target import PORT_OF_HTTP, PORT_OF_HTTPS, Target, origin_of

if TYPE_CHECKING:
    from requests import PreparedRequest

READING_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
CHANGING_METHODS: Final = frozenset({"DELETE", "PATCH", "PUT", "TRACE"})

_ACCEPTED: Final = range(200, 300)
_LONGEST_PHONE: Final = 20
_LONGEST_MESSAGE: Final = 50


class SafetyError(Exception):
    """A request was not sent."""


class RequestRefusedError(SafetyError):
    """The request breaks a rule of safety."""


class BudgetSpentError(SafetyError):
    """The budget is used up; `budget` names which."""

    def __init__(self, budget: str, limit: int) -> None:
        super().__init__(f"the budget of {limit} {budget if limit != 1 else budget.removesuffix('s')} is spent")
        self.budget = budget


class KindStoppedError(SafetyError):
    """A request of the same kind was accepted though it had to be refused."""


@dataclass(slots=True)
class Guard:
    """Admits or refuses each request, and counts what was admitted."""

    target: Target
    requests: int = field(default=0, init=False)
    payments: int = field(default=0, init=False)
    unexpected_payments: int = field(default=0, init=False)
    requests_of: Counter[str] = field(default_factory=Counter, init=False)
    payments_of: Counter[str] = field(default_factory=Counter, init=False)
    _stopped: set[str] = field(default_factory=set, init=False)

    def admit(self, request: PreparedRequest, purpose: Purpose) -> None:
        """Count the request, or raise a SafetyError: then it must not be sent."""
        self._check_origin(request)
        self._check_method(request, purpose)
        if is_payment_call(request):
            self._check_phones(request)
            self._check_kind(request, purpose)
        if self.requests >= self.target.max_requests:
            raise BudgetSpentError("requests", self.target.max_requests)
        if purpose.effect is Effect.CREATE and is_payment_call(request):
            if self.payments >= self.target.payments:
                raise BudgetSpentError("payments", self.target.payments)
            self.payments += 1
            self.payments_of[purpose.check] += 1
        self.requests += 1
        self.requests_of[purpose.check] += 1

    def note_answer(self, request: PreparedRequest, purpose: Purpose, status: int) -> None:
        """Stop the kind of a request that had to be refused and was accepted."""
        if purpose.effect is not Effect.CREATE and is_payment_call(request) and status in _ACCEPTED:
            self.unexpected_payments += 1
            self._stopped.add(purpose.kind)

    def _check_origin(self, request: PreparedRequest) -> None:
        origin = origin_of(request.url or "")
        if origin == self.target.origin:
            return
        if origin != plain_twin(self.target) or request.method not in {"GET", "HEAD"}:
            raise RequestRefusedError(f"{origin[0]}://{origin[1]}:{origin[2]} is not the deployment under judgement")
        if API_KEY_HEADER in request.headers or urlsplit(request.url or "").query:
            raise RequestRefusedError("a key must not cross the network in the clear")

    def _check_method(self, request: PreparedRequest, purpose: Purpose) -> None:
        method = request.method or ""
        if method in CHANGING_METHODS and not self.target.is_loopback:
            raise RequestRefusedError(f"{method} is never sent to a deployment on another machine")
        if purpose.effect is Effect.READ and method not in READING_METHODS:
            raise RequestRefusedError(f"{method} under the effect `read`")

    def _check_phones(self, request: PreparedRequest) -> None:
        for name, value in _parameters(request):
            if name.lower() == "phone" and not is_harmless(value, self.target.phones):
                raise RequestRefusedError("a phone number that is neither given nor reserved for fiction")

    def _check_kind(self, request: PreparedRequest, purpose: Purpose) -> None:
        if purpose.effect is Effect.CREATE:
            return
        if not purpose.kind:
            raise RequestRefusedError("a payment call that must be refused needs a kind")
        if purpose.kind in self._stopped:
            raise KindStoppedError(f"not sent: a deployment that accepted “{purpose.kind}” once is not asked again")
        if self._would_create(request):
            raise RequestRefusedError("a complete payment request under an effect other than `create`")

    def _would_create(self, request: PreparedRequest) -> bool:
        """Whether a conforming deployment might well make a payment of this."""
        key = request.headers.get(API_KEY_HEADER, "")
        accepted = {self.target.api_key, self.target.limited_key}
        if key not in accepted or unquote(_last_segment(request)) != self.target.action_id:
            return False
        given = parse_qsl(urlsplit(request.url or "").query, keep_blank_values=True)
        parameters = dict(given)
        return (
            len(parameters) == len(given)
            and 1 <= len(parameters.get("phone", "").strip()) <= _LONGEST_PHONE
            and 1 <= len(parameters.get("message", "")) <= _LONGEST_MESSAGE
        )


def is_payment_call(request: PreparedRequest) -> bool:
    """Whether a request could make a payment: anything but a read on the payment path, or with a method override."""
    on_payment_path = "/payments/" in unquote(urlsplit(request.url or "").path).lower()
    return on_payment_path and request.method not in READING_METHODS


def plain_twin(target: Target) -> tuple[str, str, int] | None:
    """Where the same deployment might answer without TLS: port 80, or the same port when it is not the usual one."""
    scheme, host, port = target.origin
    return ("http", host, PORT_OF_HTTP if port == PORT_OF_HTTPS else port) if scheme == "https" else None


def _last_segment(request: PreparedRequest) -> str:
    return urlsplit(request.url or "").path.rstrip("/").rpartition("/")[2]


def _parameters(request: PreparedRequest) -> list[tuple[str, str]]:
    """Every parameter of the request, wherever a server might read it from."""
    body = request.body or b""
    text = body if isinstance(body, str) else bytes(body).decode("utf-8", "replace")
    return parse_qsl(f"{urlsplit(request.url or '').query}&{text}", keep_blank_values=True) + _members(text)


def _members(text: str) -> list[tuple[str, str]]:
    try:
        document = json.loads(text)
    except ValueError:
        return []
    return [(name, str(value)) for name, value in document.items()] if isinstance(document, dict) else []
