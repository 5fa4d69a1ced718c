"""Swish payment requests: one table of transitions, and what moves a payment along it.

Nothing here runs by itself. A payment carries the steps that lie before it; whoever reads it settles it first, and
every step that has fallen due by then is taken at the moment when it fell due.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

FETCH: Final = "fetchInvoicePdf"
CREATE: Final = "createSwishPayment"
READ: Final = "getSwishPayment"
EVERY: Final = (FETCH, CREATE, READ)


class PaymentStatus(StrEnum):
    """The status words of Billecta's models."""

    CREATED = "Created"
    PAID = "Paid"
    DECLINED = "Declined"
    CANCELLED = "Cancelled"
    ERROR = "Error"
    REFUNDED = "Refunded"
    UNKNOWN = "Unknown"


_ANSWERS: Final = frozenset({PaymentStatus.PAID, PaymentStatus.DECLINED, PaymentStatus.CANCELLED, PaymentStatus.ERROR})

TRANSITIONS: Final[Mapping[PaymentStatus, frozenset[PaymentStatus]]] = MappingProxyType(
    {
        PaymentStatus.CREATED: _ANSWERS | {PaymentStatus.UNKNOWN},
        PaymentStatus.UNKNOWN: _ANSWERS,
        PaymentStatus.PAID: frozenset({PaymentStatus.REFUNDED}),
        PaymentStatus.DECLINED: frozenset(),
        PaymentStatus.CANCELLED: frozenset(),
        PaymentStatus.ERROR: frozenset(),
        PaymentStatus.REFUNDED: frozenset(),
    }
)
"""Where a payment may go from each status. A status that leads nowhere is terminal."""

_NEVER: Final = datetime.max.replace(tzinfo=UTC)

LIVE: Final = frozenset({PaymentStatus.CREATED})
"""While its payer can still answer, a payment blocks a second one for the same phone (RP06)."""


class Progression(StrEnum):
    """What moves a payment along its life: the clock, the status reads, or only the admin API."""

    TIME = "time"
    POLLS = "polls"
    MANUAL = "manual"


class TransitionForbiddenError(ValueError):
    """The table has no way from the payment's status to the one asked for."""


@dataclass(frozen=True, slots=True)
class Step:
    """One move that lies before a payment.

    It is taken `after` the move before it under progression `time`, or by the status read that follows `after_polls`
    others under `polls`. `code` is the Swish code that the bank or the payer caused, if any.
    """

    status: PaymentStatus
    after: timedelta
    after_polls: int
    code: str = ""


class Transition(NamedTuple):
    """One move that was made: when, to which status, and what caused it."""

    at: datetime
    status: PaymentStatus
    cause: str


class Payment(NamedTuple):
    """One payment request, its past and the steps before it. `history` begins with its creation."""

    # A tuple, as the next ones: each create makes one, and a frozen dataclass takes three times as long to make.

    request_id: str
    action_id: str
    invoice_id: str
    phone: str
    message: str
    progression: Progression
    expires_at: datetime
    history: tuple[Transition, ...]
    ahead: tuple[Step, ...] = ()
    polls: int = 0

    @property
    def status(self) -> PaymentStatus:
        """The status after the last move."""
        return self.history[-1].status

    @property
    def created_at(self) -> datetime:
        """When the payment was requested, by its world's clock."""
        return self.history[0].at

    @property
    def is_live(self) -> bool:
        """Whether its payer can still answer."""
        return self.status in LIVE


class Order(NamedTuple):
    """What a payment is asked for with: all that does not depend on its life, in the order in which Payment has it."""

    action_id: str
    invoice_id: str
    phone: str
    message: str


@dataclass(frozen=True, slots=True)
class Pace:
    """How soon a payer answers where nobody says otherwise, and what moves a payment on."""

    after: timedelta
    after_polls: int
    progression: Progression
    expire_after: timedelta


@dataclass(frozen=True, slots=True)
class Plan:
    """How a payment will go if nobody decides otherwise."""

    life: tuple[Step, ...]
    progression: Progression
    expire_after: timedelta


def create(request_id: str, order: Order, plan: Plan, now: datetime) -> Payment:
    """A new payment, in its first status (SWISH-1)."""
    history = (Transition(now, PaymentStatus.CREATED, "requested"),)
    return Payment(request_id, *order, plan.progression, now + plan.expire_after, history, plan.life)


def settle(payment: Payment, now: datetime) -> Payment:
    """The payment with every move that has fallen due by `now`; the same object where there is none."""
    while (move := _find_due(payment, now)) is not None:
        payment = _take(payment, move)
    return payment


def find_moves(payments: Iterable[Payment], later: datetime) -> list[tuple[Payment, Transition]]:
    """Every move that these payments, settled before, make until `later`, in the order in which they fall due.

    Each comes with its payment as it is at `later`.
    """
    moved = [(payment, settle(payment, later)) for payment in payments]
    moves = [(after, move) for before, after in moved for move in after.history[len(before.history) :]]
    return sorted(moves, key=lambda pair: pair[1].at)


def poll(payment: Payment, now: datetime) -> Payment:
    """The payment as a status read finds it, the read itself counted where reads move it (STATUS-1)."""
    payment = settle(payment, now)
    if payment.progression != Progression.POLLS or not payment.ahead:
        return payment
    step = payment.ahead[0]
    if payment.polls >= step.after_polls:
        return _take(payment, Transition(now, step.status, step.code or "polled"))
    return payment._replace(polls=payment.polls + 1)


def decide(payment: Payment, status: PaymentStatus, now: datetime) -> Payment:
    """The payment, settled, then moved by hand. Raises TransitionForbiddenError where the table has no such way."""
    payment = settle(payment, now)
    if status not in TRANSITIONS[payment.status]:
        raise TransitionForbiddenError(explain_forbidden(payment.status, status))
    return _take(payment, Transition(now, status, "decided"))._replace(ahead=())


def _find_due(payment: Payment, now: datetime) -> Transition | None:
    """The next move that time alone has made by now: the first step ahead, or the end of the payer's time."""
    last = payment.history[-1]
    end = payment.expires_at if last.status in LIVE else _NEVER
    if payment.ahead and payment.progression == Progression.TIME:
        step = payment.ahead[0]
        at = last.at + step.after
        if at <= min(now, end):
            return Transition(at, step.status, step.code or "time")
    return Transition(end, PaymentStatus.ERROR, "TM01") if end <= now else None


def _take(payment: Payment, move: Transition) -> Payment:
    """The payment after this move. A move off its planned path leaves nothing ahead of it."""
    planned = bool(payment.ahead) and payment.ahead[0].status is move.status
    ahead = payment.ahead[1:] if planned else ()
    return payment._replace(history=(*payment.history, move), ahead=ahead, polls=0)


def explain_forbidden(status: PaymentStatus, wanted: PaymentStatus) -> str:
    """Why there is no way from one status to another, and which ways there are."""
    ways = ", ".join(sorted(TRANSITIONS[status])) or "none: it is terminal"
    return f"a payment that is {status} cannot become {wanted}; ways from {status}: {ways}"
