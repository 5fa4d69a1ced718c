"""Which life a payment gets: paid after a while, unless its message or its phone number asks for another.

Both ways are those of test modes that integrators know: a message equal to a Swish code, as in the Merchant Swish
Simulator, and phone numbers with a meaning, all of them in the range that the Swedish regulator reserved for fiction.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from mock_server.domain.swish import PaymentStatus, Step

SLOW: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Pace:
    """How soon a payer answers: after a delay under progression `time`, after status reads under `polls`."""

    delay: timedelta
    polls: int


@dataclass(frozen=True, slots=True)
class Ending:
    """Where a magic message or phone number leads: the statuses in turn, and the Swish code behind the first."""

    statuses: tuple[PaymentStatus, ...]
    meaning: str
    code: str = ""
    slow: bool = False


PAYS: Final = Ending((PaymentStatus.PAID,), "the payer pays")

MESSAGES: Final[Mapping[str, Ending]] = MappingProxyType(
    {
        "RF07": Ending((PaymentStatus.DECLINED,), "the bank declines", "RF07"),
        "BANKIDCL": Ending((PaymentStatus.CANCELLED,), "the payer cancels the signing", "BANKIDCL"),
        "BANKIDONGOING": Ending((PaymentStatus.ERROR,), "BankID is already in use", "BANKIDONGOING"),
        "BANKIDUNKN": Ending((PaymentStatus.ERROR,), "BankID cannot authorise the payment", "BANKIDUNKN"),
        "FF10": Ending((PaymentStatus.ERROR,), "the bank fails to process the payment", "FF10"),
        "TM01": Ending((PaymentStatus.ERROR,), "time runs out before the payment is started", "TM01"),
        "DS24": Ending((PaymentStatus.UNKNOWN,), "the bank does not answer; the outcome is unknown", "DS24"),
    }
)
"""Messages that are late Swish codes: the request is accepted and fails afterwards."""

PHONES: Final[Mapping[str, Ending]] = MappingProxyType(
    {
        "46701740610": PAYS,
        "46701740611": Ending((PaymentStatus.DECLINED,), "the bank declines", "RF07"),
        "46701740612": Ending((PaymentStatus.CANCELLED,), "the payer cancels", "BANKIDCL"),
        "46701740613": Ending((), "the payer never answers; Error when the time is up"),
        "46701740614": Ending((PaymentStatus.UNKNOWN,), "the bank times out; the outcome is unknown", "DS24"),
        "46701740615": Ending((PaymentStatus.PAID, PaymentStatus.REFUNDED), "the payer pays, then is refunded"),
        "46701740616": Ending((PaymentStatus.PAID,), f"the payer pays, after {SLOW.seconds} seconds", slow=True),
    }
)
"""Phone numbers with a meaning, in the normal form (country code first, digits only)."""


def ending_for(phone: str, message: str) -> Ending:
    """Where a payment with this normalised phone number and this message leads. The message goes before the phone."""
    return MESSAGES.get(message) or PHONES.get(phone) or PAYS


def life_for(phone: str, message: str, pace: Pace) -> tuple[Step, ...]:
    """The steps ahead of a new payment with this normalised phone number and this message."""
    return _life(ending_for(phone, message), pace)


@lru_cache(maxsize=256)
def _life(ending: Ending, pace: Pace) -> tuple[Step, ...]:
    delay = SLOW if ending.slow else pace.delay
    return tuple(
        Step(status, delay, pace.polls, ending.code if first else "")
        for first, status in ((index == 0, status) for index, status in enumerate(ending.statuses))
    )
