"""Named sets of rules and faults for a whole world: the days that a client will have in production."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from billecta_mock.domain.faults import Delay, DelayKind, Fault, FaultKind
from billecta_mock.domain.limits import Limits, Quota
from billecta_mock.domain.matching import Matcher
from billecta_mock.domain.operations import CREATE
from billecta_mock.domain.outcomes import Life, LifeStep, Outcome
from billecta_mock.domain.rules import Rule
from billecta_mock.domain.scenarios import ends_in
from billecta_mock.domain.swish import PaymentStatus

PLATFORM_QUOTA: Final = Quota(3000, timedelta(minutes=5))
"""What Lime Cloud allows each address."""

_CREATES: Final = Matcher(CREATE)
_ALL: Final = Matcher()
_SECONDS_OF_A_SLOW_PAYER: Final = 120
_POLLS_OF_A_SLOW_PAYER: Final = 10


@dataclass(frozen=True, slots=True)
class Bundle:
    """What a world has in store while the bundle is set: these rules and these faults and no others."""

    name: str
    description: str
    rules: tuple[Rule, ...] = ()
    faults: tuple[Rule, ...] = ()


_BANK_FAILS: Final = Rule(
    "bank-fails",
    _CREATES,
    Outcome(life=ends_in(PaymentStatus.ERROR, "FF10")),
    description="Every payment ends in Error.",
)
_UPSTREAM_DOWN: Final = Rule(
    "upstream-down",
    _CREATES,
    Outcome(fault=Fault(FaultKind.STATUS, status=502)),
    Limits(probability=0.5, seed=1),
    "Every second create, by chance, does not reach Billecta.",
)
_PAYS_LATE: Final = Rule(
    "pays-late",
    _CREATES,
    Outcome(
        life=Life(
            (
                LifeStep(
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
    Outcome(life=ends_in(PaymentStatus.DECLINED, "RF07")),
    description="The bank declines every payment.",
)
_RESETS: Final = Rule(
    "resets",
    _ALL,
    Outcome(fault=Fault(FaultKind.CONNECTION_RESET_BY_PEER)),
    Limits(probability=0.1, seed=1),
    "One connection in ten is reset, after the request was done.",
)
_UNAVAILABLE: Final = Rule(
    "unavailable",
    _ALL,
    Outcome(fault=Fault(FaultKind.STATUS, retry_after=1)),
    Limits(probability=0.1, seed=2),
    "One request in ten is answered 503, with Retry-After.",
)
_SLOW: Final = Rule(
    "slow",
    _ALL,
    Outcome(delay=Delay(DelayKind.LOGNORMAL, lower=0.2, upper=5.0, sigma=1.0)),
    Limits(probability=0.5, seed=3),
    "Every second answer is held back, mostly for a fifth of a second, at the most for five.",
)
_QUOTA: Final = Rule(
    "quota",
    _ALL,
    Outcome(fault=Fault(FaultKind.STATUS, status=429, quota=PLATFORM_QUOTA)),
    description="More than 3,000 requests in 5 minutes from one address are answered 429, with Retry-After.",
)

_EVERY: Final = (
    Bundle("happy", "Everybody pays, nothing fails."),
    Bundle("bank-down", "The bank and the way to it fail.", (_BANK_FAILS,), (_UPSTREAM_DOWN,)),
    Bundle("slow-payers", "Payers take their time.", (_PAYS_LATE,)),
    Bundle("everything-declined", "No payment comes through.", (_DECLINES,)),
    Bundle(
        "flaky-network", "Connections break, gateways refuse, answers are late.", faults=(_RESETS, _UNAVAILABLE, _SLOW)
    ),
    Bundle("platform-quota", "The platform's published limit for each address.", faults=(_QUOTA,)),
)
BUNDLES: Final[Mapping[str, Bundle]] = MappingProxyType({bundle.name: bundle for bundle in _EVERY})
"""Every bundle, by name."""
