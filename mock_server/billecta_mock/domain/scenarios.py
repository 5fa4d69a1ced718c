"""The rules that every world has from the start: messages and phone numbers with a meaning.

Both are ways of test modes that integrators know: a message equal to a Swish code, as in the Merchant Swish Simulator,
and phone numbers, all of them in the range that the Swedish regulator reserved for fiction.
"""

from datetime import timedelta
from typing import Final

from billecta_mock.domain.acceptance import SWISH_REFUSALS
from billecta_mock.domain.matching import Matcher, equal_to
from billecta_mock.domain.operations import CREATE
from billecta_mock.domain.outcomes import Life, LifeStep, Outcome, SwishRefusal
from billecta_mock.domain.rules import Rule, RuleBook, RuleKind
from billecta_mock.domain.swish import PaymentStatus

SLOW: Final = timedelta(seconds=60)
PAYS: Final = Life((LifeStep(PaymentStatus.PAID),))
"""What becomes of a payment for which no rule says anything else."""


def ends_in(status: PaymentStatus, code: str = "") -> Life:
    """A life with one move, caused by a Swish code."""
    return Life((LifeStep(status, code),))


_CANCELLED: Final = ends_in(PaymentStatus.CANCELLED, "BANKIDCL")
_DECLINED: Final = ends_in(PaymentStatus.DECLINED, "RF07")
_UNKNOWN: Final = ends_in(PaymentStatus.UNKNOWN, "DS24")
_REFUNDED: Final = Life((LifeStep(PaymentStatus.PAID), LifeStep(PaymentStatus.REFUNDED)))
_PAID_LATE: Final = Life((LifeStep(PaymentStatus.PAID, after=SLOW),))

_LATE_CODES: Final = (
    ("RF07", _DECLINED, "the bank declines"),
    ("BANKIDCL", _CANCELLED, "the payer cancels the signing"),
    ("BANKIDONGOING", ends_in(PaymentStatus.ERROR, "BANKIDONGOING"), "BankID is already in use"),
    ("BANKIDUNKN", ends_in(PaymentStatus.ERROR, "BANKIDUNKN"), "BankID cannot authorise the payment"),
    ("FF10", ends_in(PaymentStatus.ERROR, "FF10"), "the bank fails to process the payment"),
    ("TM01", ends_in(PaymentStatus.ERROR, "TM01"), "time runs out before the payment is started"),
    ("DS24", _UNKNOWN, "the bank does not answer; the outcome is unknown"),
)
_PHONES: Final = (
    ("46701740610", PAYS, "the payer pays"),
    ("46701740611", _DECLINED, "the bank declines"),
    ("46701740612", _CANCELLED, "the payer cancels"),
    ("46701740613", Life(()), "the payer never answers; Error when the time is up"),
    ("46701740614", _UNKNOWN, "the bank times out; the outcome is unknown"),
    ("46701740615", _REFUNDED, "the payer pays, then is refunded"),
    ("46701740616", _PAID_LATE, f"the payer pays, after {SLOW.seconds} seconds"),
)


def _for_message(message: str, outcome: Outcome, meaning: str) -> Rule:
    return Rule(f"message-{message}", Matcher(CREATE, message=equal_to(message)), outcome, description=meaning)


def _for_phone(phone: str, life: Life, meaning: str) -> Rule:
    return Rule(f"phone-{phone}", Matcher(CREATE, phone=phone), Outcome(life=life), description=meaning)


def _refuse(code: str) -> Outcome:
    return Outcome(refusal=SwishRefusal(code, f"{SWISH_REFUSALS[code]} (asked for by the message {code})"))


LATE_MESSAGES: Final = tuple(_for_message(code, Outcome(life=life), text) for code, life, text in _LATE_CODES)
"""Messages that are late Swish codes: the request is accepted and fails afterwards."""

REFUSED_MESSAGES: Final = tuple(_for_message(code, _refuse(code), text) for code, text in SWISH_REFUSALS.items())
"""Messages that are Swish codes of an immediate refusal."""

PHONES: Final = tuple(_for_phone(*each) for each in _PHONES)
"""Phone numbers with a meaning, in the normal form (country code first, digits only)."""

MAGIC: Final = RuleBook((*LATE_MESSAGES, *REFUSED_MESSAGES, *PHONES), RuleKind.SHIPPED)
"""All of them. They come after the rules of a world; of their own, the message goes before the phone."""
