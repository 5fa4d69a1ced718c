"""What the control plane tells, as small objects. Members that this version does not know are left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Move:
    """One step in the life of a payment; `cause` is requested, time, polled, decided, or a Swish code."""

    at: datetime
    status: str
    cause: str

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """From the document of the control plane."""
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
        """From the document of the control plane."""
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
        """From the document of the control plane."""
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
        """From the document of the control plane."""
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
    """A rule or fault: `seen` is how many requests it was for, `fired` how often it came true."""

    name: str
    description: str
    match: Mapping[str, Any]
    then: Mapping[str, Any]
    seen: int
    fired: int

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """From the document of the control plane."""
        names = ("name", "description", "match", "then", "seen", "fired")
        return cls(**{name: document[name] for name in names})


def read_time(text: str) -> datetime:
    """An aware time, in UTC."""
    return datetime.fromisoformat(text)
