"""The rules that every world has from the start, and named sets of rules and faults.

A message equal to a Swish code gives that outcome, as in the Merchant Swish Simulator; so do phone numbers, all of
them in the range that the Swedish regulator reserved for fiction.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from billecta_mock.domain.actions import (
    Delay,
    DelayKind,
    Fault,
    FaultKind,
    FlowStep,
    PaymentFlow,
    Quota,
    RuleAction,
    RuleLimits,
    SwishRefusal,
)
from billecta_mock.domain.payments import CREATE, PaymentStatus
from billecta_mock.domain.rules import RequestPattern, Rule, RuleIndex, RuleKind, equal_to
from billecta_mock.domain.validation import SWISH_REFUSALS

SLOW: Final = timedelta(seconds=60)
PAYS: Final = PaymentFlow((FlowStep(PaymentStatus.PAID),))
"""What becomes of a payment for which no rule says anything else."""


PLATFORM_QUOTA: Final = Quota(3000, timedelta(minutes=5))
"""What Lime Cloud allows each address."""
_CREATES: Final = RequestPattern(CREATE)
_ALL: Final = RequestPattern()
_SECONDS_OF_A_SLOW_PAYER: Final = 120
_POLLS_OF_A_SLOW_PAYER: Final = 10


def ends_in(status: PaymentStatus, code: str = "") -> PaymentFlow:
    """A life with one move, caused by a Swish code."""
    return PaymentFlow((FlowStep(status, code),))


_CANCELLED: Final = ends_in(PaymentStatus.CANCELLED, "BANKIDCL")
_DECLINED: Final = ends_in(PaymentStatus.DECLINED, "RF07")
_UNKNOWN: Final = ends_in(PaymentStatus.UNKNOWN, "DS24")
_REFUNDED: Final = PaymentFlow((FlowStep(PaymentStatus.PAID), FlowStep(PaymentStatus.REFUNDED)))
_PAID_LATE: Final = PaymentFlow((FlowStep(PaymentStatus.PAID, after=SLOW),))

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
    ("46701740613", PaymentFlow(()), "the payer never answers; Error when the time is up"),
    ("46701740614", _UNKNOWN, "the bank times out; the outcome is unknown"),
    ("46701740615", _REFUNDED, "the payer pays, then is refunded"),
    ("46701740616", _PAID_LATE, f"the payer pays, after {SLOW.seconds} seconds"),
)


def _for_message(message: str, outcome: RuleAction, meaning: str) -> Rule:
    return Rule(f"message-{message}", RequestPattern(CREATE, message=equal_to(message)), outcome, description=meaning)


def _for_phone(phone: str, life: PaymentFlow, meaning: str) -> Rule:
    return Rule(f"phone-{phone}", RequestPattern(CREATE, phone=phone), RuleAction(life=life), description=meaning)


def _refuse(code: str) -> RuleAction:
    return RuleAction(refusal=SwishRefusal(code, f"{SWISH_REFUSALS[code]} (asked for by the message {code})"))


LATE_MESSAGES: Final = tuple(_for_message(code, RuleAction(life=life), text) for code, life, text in _LATE_CODES)
"""Messages that are late Swish codes: the request is accepted and fails afterwards."""

REFUSED_MESSAGES: Final = tuple(_for_message(code, _refuse(code), text) for code, text in SWISH_REFUSALS.items())
"""Messages that are Swish codes of an immediate refusal."""

PHONES: Final = tuple(_for_phone(*each) for each in _PHONES)
"""Phone numbers with a meaning, in the normal form (country code first, digits only)."""

BUILT_IN_RULES: Final = RuleIndex((*LATE_MESSAGES, *REFUSED_MESSAGES, *PHONES), RuleKind.BUILT_IN)
"""All of them. They come after the rules of a world; of their own, the message goes before the phone."""


@dataclass(frozen=True, slots=True)
class Preset:
    """What a world has in store while the bundle is set: these rules and these faults and no others."""

    name: str
    description: str
    rules: tuple[Rule, ...] = ()
    faults: tuple[Rule, ...] = ()


_BANK_FAILS: Final = Rule(
    "bank-fails",
    _CREATES,
    RuleAction(life=ends_in(PaymentStatus.ERROR, "FF10")),
    description="Every payment ends in Error.",
)
_UPSTREAM_DOWN: Final = Rule(
    "upstream-down",
    _CREATES,
    RuleAction(fault=Fault(FaultKind.STATUS, status=502)),
    RuleLimits(probability=0.5, seed=1),
    "Every second create, by chance, does not reach Billecta.",
)
_PAYS_LATE: Final = Rule(
    "pays-late",
    _CREATES,
    RuleAction(
        life=PaymentFlow(
            (
                FlowStep(
                    PaymentStatus.PAID,
                    after=timedelta(seconds=_SECONDS_OF_A_SLOW_PAYER),
                    after_polls=_POLLS_OF_A_SLOW_PAYER,
                ),
            )
        )
    ),
    description="Every payer takes two minutes, or ten status reads.",
)
_DECLINES: Final = Rule(
    "declines",
    _CREATES,
    RuleAction(life=ends_in(PaymentStatus.DECLINED, "RF07")),
    description="The bank declines every payment.",
)
_RESETS: Final = Rule(
    "resets",
    _ALL,
    RuleAction(fault=Fault(FaultKind.CONNECTION_RESET_BY_PEER)),
    RuleLimits(probability=0.1, seed=1),
    "One connection in ten is reset, after the request was done.",
)
_UNAVAILABLE: Final = Rule(
    "unavailable",
    _ALL,
    RuleAction(fault=Fault(FaultKind.STATUS, retry_after=1)),
    RuleLimits(probability=0.1, seed=2),
    "One request in ten is answered 503, with Retry-After.",
)
_SLOW: Final = Rule(
    "slow",
    _ALL,
    RuleAction(delay=Delay(DelayKind.LOGNORMAL, lower=0.2, upper=5.0, sigma=1.0)),
    RuleLimits(probability=0.5, seed=3),
    "Every second answer is held back, mostly for a fifth of a second, at most for five.",
)
_QUOTA: Final = Rule(
    "quota",
    _ALL,
    RuleAction(fault=Fault(FaultKind.STATUS, status=429, quota=PLATFORM_QUOTA)),
    description="More than 3,000 requests in 5 minutes from one address are answered 429, with Retry-After.",
)

_EVERY: Final = (
    Preset("happy", "Everybody pays, nothing fails."),
    Preset("bank-down", "The bank and the way to it fail.", (_BANK_FAILS,), (_UPSTREAM_DOWN,)),
    Preset("slow-payers", "Payers take their time.", (_PAYS_LATE,)),
    Preset("everything-declined", "No payment comes through.", (_DECLINES,)),
    Preset(
        "flaky-network", "Connections break, gateways refuse, answers are late.", faults=(_RESETS, _UNAVAILABLE, _SLOW)
    ),
    Preset("platform-quota", "The platform's published limit for each address.", faults=(_QUOTA,)),
)
PRESETS: Final[Mapping[str, Preset]] = MappingProxyType({bundle.name: bundle for bundle in _EVERY})
"""Every bundle, by name."""
