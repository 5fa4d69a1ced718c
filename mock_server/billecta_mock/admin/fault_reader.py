"""Faults and delays as the control API is given them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from billecta_mock.admin.flaws import FlawError
from billecta_mock.domain.actions import Delay, DelayKind, Fault, FaultKind, Quota

_MEMBERS: Final[Mapping[FaultKind, frozenset[str]]] = {
    FaultKind.CONNECTION_RESET_BY_PEER: frozenset({"handled"}),
    FaultKind.EMPTY_RESPONSE: frozenset({"handled"}),
    FaultKind.MALFORMED_RESPONSE_CHUNK: frozenset({"handled"}),
    FaultKind.RANDOM_DATA_THEN_CLOSE: frozenset({"handled"}),
    FaultKind.TRUNCATED_BODY: frozenset({"kept"}),
    FaultKind.CHUNKED_DRIBBLE: frozenset({"chunks", "seconds"}),
    FaultKind.STATUS: frozenset({"handled", "status", "retry_after", "quota"}),
}
_DELAY_MEMBERS: Final[Mapping[DelayKind, frozenset[str]]] = {
    DelayKind.FIXED: frozenset({"seconds"}),
    DelayKind.UNIFORM: frozenset({"lower", "upper"}),
    DelayKind.LOGNORMAL: frozenset({"median", "sigma", "max"}),
}
_UNAVAILABLE: Final = 503
_TOO_MANY_REQUESTS: Final = 429


def read_fault(document: Mapping[str, Any], place: str) -> Fault:
    """A fault. Raises FlawError for a member that its type does not have."""
    kind = FaultKind(document["type"])
    _check_members(document, _MEMBERS[kind], kind, place)
    quota = document.get("quota")
    if quota and ("retry_after" in document or "handled" in document):
        raise FlawError(
            place, "has a quota, which says by itself when to retry, and refuses what goes beyond it undone"
        )
    if quota and document.get("status", _TOO_MANY_REQUESTS) != _TOO_MANY_REQUESTS:
        raise FlawError(f"{place}/status", f"must be {_TOO_MANY_REQUESTS} with a quota, or be left out")
    return Fault(
        kind=kind,
        handled=document.get("handled"),
        status=document.get("status", _TOO_MANY_REQUESTS if quota else _UNAVAILABLE),
        retry_after=document.get("retry_after"),
        quota=quota and Quota(quota["requests"], timedelta(seconds=quota["seconds"])),
        kept=document.get("kept", 0.5),
        chunks=document.get("chunks", 5),
        period=timedelta(seconds=document.get("seconds", 5)),
    )


def read_delay(document: Mapping[str, Any], place: str) -> Delay:
    """A delay. Raises FlawError for members that its type does not have, or lacks, and for a range turned round."""
    kind = DelayKind(document["type"])
    members = _DELAY_MEMBERS[kind]
    _check_members(document, members, kind, place)
    for name in sorted(members - document.keys()):
        raise FlawError(place, f"lacks '{name}', which a delay of type {kind} needs")
    if kind is DelayKind.FIXED:
        return Delay(kind, document["seconds"])
    lower, upper = ("lower", "upper") if kind is DelayKind.UNIFORM else ("median", "max")
    if document[lower] > document[upper]:
        raise FlawError(f"{place}/{upper}", f"must be at least {lower}, which is {document[lower]:g}")
    return Delay(kind, document[lower], document[upper], document.get("sigma", 0.0))


def show_fault(fault: Fault) -> dict[str, Any]:
    """A fault, with all that its type has."""
    quota = fault.quota and {"requests": fault.quota.requests, "seconds": fault.quota.period.total_seconds()}
    members: dict[str, Any] = {
        "handled": fault.is_handled,
        "status": fault.status,
        "retry_after": fault.retry_after,
        "quota": quota,
        "kept": fault.kept,
        "chunks": fault.chunks,
        "seconds": fault.period.total_seconds(),
    }
    without = {"handled"} if quota else set()
    shown = _MEMBERS[fault.kind] - without
    return {"type": fault.kind, **{name: members[name] for name in sorted(shown) if members[name] is not None}}


def show_delay(delay: Delay) -> dict[str, Any]:
    """A delay, with all that its type has."""
    if delay.kind is DelayKind.FIXED:
        return {"type": delay.kind, "seconds": delay.lower}
    if delay.kind is DelayKind.UNIFORM:
        return {"type": delay.kind, "lower": delay.lower, "upper": delay.upper}
    return {"type": delay.kind, "median": delay.lower, "sigma": delay.sigma, "max": delay.upper}


def _check_members(document: Mapping[str, Any], members: frozenset[str], kind: str, place: str) -> None:
    for name in sorted(document.keys() - members - {"type"}):
        known = ", ".join(sorted(members))
        raise FlawError(f"{place}/{name}", f"is nothing that {kind} has; it has {known}")
