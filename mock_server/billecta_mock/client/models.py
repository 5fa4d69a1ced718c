"""What the admin API says and takes, as small objects. Members that this version does not know are left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Self, TypedDict

from billecta_mock.client.connection import is_explained

__tracebackhide__ = is_explained
Operation = Literal["fetchInvoicePdf", "createSwishPayment", "getSwishPayment"]
"""An operation id of the contract."""
FaultType = Literal[
    "CONNECTION_RESET_BY_PEER",
    "EMPTY_RESPONSE",
    "MALFORMED_RESPONSE_CHUNK",
    "RANDOM_DATA_THEN_CLOSE",
    "TRUNCATED_BODY",
    "CHUNKED_DRIBBLE",
    "STATUS",
]
"""What happens to an answer on the way."""
Status = Literal["Paid", "Declined", "Cancelled", "Error", "Refunded", "Unknown"]
"""What becomes of a payment."""
Decision = Literal["Paid", "Declined", "Cancelled", "Error", "Refunded"]
"""What a payer or the bank can decide."""


@dataclass(frozen=True, slots=True)
class Move:
    """One step in the life of a payment; `cause` is requested, time, polled, decided, or a Swish code."""

    at: datetime
    status: str
    cause: str

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """From the document of the admin API."""
        return cls(read_time(document["at"]), document["status"], document["cause"])


@dataclass(frozen=True, slots=True)
class Payment:
    """A Swish payment request as it is at one moment of the world's clock, with its past."""

    requestid: str
    actionpublicid: str
    invoice_id: str
    phone: str
    message: str
    status: str
    created_at: datetime
    expires_at: datetime
    history: Sequence[Move] = field(repr=False)

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """From the document of the admin API."""
        return cls(
            requestid=document["requestid"],
            actionpublicid=document["actionpublicid"],
            invoice_id=document["invoice_id"],
            phone=document["phone"],
            message=document["message"],
            status=document["status"],
            created_at=read_time(document["created_at"]),
            expires_at=read_time(document["expires_at"]),
            history=tuple(map(Move.read, document["history"])),
        )


@dataclass(frozen=True, slots=True)
class Event:
    """What fell due when a clock moved.

    `event` is payment (it moved to `status`), started or ended (the `rule` or `fault` came into force, or ended), or
    answer_released (an answer that was held back is let go).
    """

    event: str
    at: datetime
    requestid: str | None = None
    status: str | None = None
    cause: str | None = None
    rule: str | None = None
    fault: str | None = None

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """From the document of the admin API."""
        names = ("requestid", "status", "cause", "rule", "fault")
        return cls(document["event"], read_time(document["at"]), **{name: document.get(name) for name in names})


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer; keys and phone numbers are masked.

    `why` is the code of the true reason, `sentence` says it; `status` is None where the connection ended without an
    answer; `marks` name the rule, fault or defect that made the answer other than a plain deployment's.
    """

    number: int
    at: datetime
    method: str
    path: str
    parameters: Mapping[str, str]
    operation: str | None
    key_name: str | None
    status: int | None
    milliseconds: float
    why: str
    sentence: str
    marks: Sequence[str]

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """From the document of the admin API."""
        return cls(
            number=document["number"],
            at=read_time(document["at"]),
            method=document["method"],
            path=document["path"],
            parameters=document["parameters"],
            operation=document["operation"],
            key_name=document["key_name"],
            status=document["status"],
            milliseconds=document["milliseconds"],
            why=document["why"]["code"],
            sentence=document["why"]["sentence"],
            marks=tuple(document["marks"]),
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule or fault: `seen` is how many requests it was for, `fired` how often it fired."""

    name: str
    description: str
    match: Mapping[str, Any]
    then: Mapping[str, Any]
    seen: int
    fired: int

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """From the document of the admin API."""
        names = ("name", "description", "match", "then", "seen", "fired")
        return cls(**{name: document[name] for name in names})


def read_time(text: str) -> datetime:
    """An aware time, in UTC."""
    return datetime.fromisoformat(text)


class RequestFilter(TypedDict, total=False):
    """Which requests are meant; all that is given must fit.

    `path` and `mark` take `*` for any text; `status` is a code, a class such as "4xx", or "none"; `key` is the name of
    a key; `since` and `until` are times of the world's clock, as RFC 3339 has them.
    """

    method: str
    path: str
    id: str
    status: int | str
    key: str
    phone: str
    message: str
    requeststatus: str
    why: str
    mark: str
    since: str
    until: str


class Match(TypedDict, total=False):
    """Which requests a rule or fault is for; all that is given must fit, nothing given fits every request."""

    operation: Operation
    method: str
    key: str
    id: str
    phone: str
    message: str | Mapping[str, str]


class RuleLimits(TypedDict, total=False):
    """How a rule or fault is called, and how often and how long it matches. Times are of the world's clock."""

    name: str
    description: str
    probability: float
    seed: int
    skip: int
    times: int
    start_after_seconds: float
    for_seconds: float


class RuleOptions(Match, RuleLimits, total=False):
    """Everything about a rule but what it does."""


class FaultDetails(TypedDict, total=False):
    """More about a fault; which belongs to which type, the page on faults says.

    `status`, `retry_after` and `quota` are of STATUS, `kept` of TRUNCATED_BODY, `chunks` and `seconds` of
    CHUNKED_DRIBBLE; `handled` says whether the request is done all the same.
    """

    handled: bool
    status: int
    retry_after: float
    quota: Mapping[str, float]
    kept: float
    chunks: int
    seconds: float


class FaultOptions(RuleOptions, FaultDetails, total=False):
    """Everything about a fault but its type."""


class SettingsChange(TypedDict, total=False):
    """Settings of a world; those that are not named stay."""

    masking: Literal["404", "401", "mixed"]
    progression: Literal["time", "polls", "manual"]
    pay_after_seconds: float
    pay_after_polls: int
    expire_after_seconds: float
    one_live_request_per_phone: bool
    magic_values: bool
    prefer: bool
