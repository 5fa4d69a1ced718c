"""Rules and faults as JSON of the admin API."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from billecta_mock.admin.context import BodyError
from billecta_mock.admin.views import show_time
from billecta_mock.domain.actions import (
    CannedResponse,
    Delay,
    DelayKind,
    Fault,
    FaultKind,
    FlowStep,
    HitCount,
    PaymentFlow,
    Quota,
    RuleAction,
    RuleLimits,
)
from billecta_mock.domain.presets import Preset
from billecta_mock.domain.rules import RequestPattern, Rule, TextForm, TextMatch

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
    """A fault. Raises BodyError for a member that its type does not have."""
    kind = FaultKind(document["type"])
    _check_members(document, _MEMBERS[kind], kind, place)
    quota = document.get("quota")
    if quota and ("retry_after" in document or "handled" in document):
        raise BodyError(
            place, "has a quota, which says by itself when to retry, and refuses what goes beyond it undone"
        )
    if quota and document.get("status", _TOO_MANY_REQUESTS) != _TOO_MANY_REQUESTS:
        raise BodyError(f"{place}/status", f"must be {_TOO_MANY_REQUESTS} with a quota, or be left out")
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
    """A delay. Raises BodyError for members that its type does not have, or lacks, and for a range turned round."""
    kind = DelayKind(document["type"])
    members = _DELAY_MEMBERS[kind]
    _check_members(document, members, kind, place)
    for name in sorted(members - document.keys()):
        raise BodyError(place, f"lacks '{name}', which a delay of type {kind} needs")
    if kind is DelayKind.FIXED:
        return Delay(kind, document["seconds"])
    lower, upper = ("lower", "upper") if kind is DelayKind.UNIFORM else ("median", "max")
    if document[lower] > document[upper]:
        raise BodyError(f"{place}/{upper}", f"must be at least {lower}, which is {document[lower]:g}")
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
        raise BodyError(f"{place}/{name}", f"is nothing that {kind} has; it has {known}")


def show_rule(rule: Rule, turns: HitCount) -> dict[str, Any]:
    """A rule, and what it has seen so far."""
    return {**describe_rule(rule), "seen": turns.seen, "fired": turns.fired}


def describe_rule(rule: Rule) -> dict[str, Any]:
    """What a rule is for and what it does."""
    return {
        "name": rule.name,
        "description": rule.description,
        "match": _show_matcher(rule.request_pattern),
        "then": _show_outcome(rule.outcome),
        **_show_limits(rule.limits),
    }


def show_preset(bundle: Preset) -> dict[str, Any]:
    """A bundle, with all that it sets."""
    return {
        "name": bundle.name,
        "description": bundle.description,
        "rules": [describe_rule(rule) for rule in bundle.rules],
        "faults": [describe_rule(rule) for rule in bundle.faults],
    }


def _show_matcher(request_pattern: RequestPattern) -> dict[str, Any]:
    return _without_none(
        operation=request_pattern.operation,
        method=request_pattern.method,
        key=request_pattern.key,
        id=request_pattern.resource,
        phone=request_pattern.phone,
        message=request_pattern.message and _show_text(request_pattern.message),
    )


def _show_text(text: TextMatch) -> str | dict[str, str]:
    return text.text if text.form is TextForm.EQUALS else {text.form.value: text.text}


def _show_outcome(outcome: RuleAction) -> dict[str, Any]:
    return _without_none(
        life=outcome.life and _show_life(outcome.life),
        refuse=outcome.refusal and {"code": outcome.refusal.code, "message": outcome.refusal.message},
        respond=outcome.response and _show_response(outcome.response),
        fault=outcome.fault and show_fault(outcome.fault),
        delay=outcome.delay and show_delay(outcome.delay),
    )


def _show_life(life: PaymentFlow) -> dict[str, Any]:
    return _without_none(
        steps=[_show_step(step) for step in life.steps],
        progression=life.progression,
        expire_after_seconds=None if life.expire_after is None else life.expire_after.total_seconds(),
    )


def _show_step(step: FlowStep) -> dict[str, Any]:
    return _without_none(
        status=step.status,
        code=step.code or None,
        after_seconds=None if step.after is None else step.after.total_seconds(),
        after_polls=step.after_polls,
    )


def _show_response(response: CannedResponse) -> dict[str, Any]:
    return _without_none(status=response.status, example=response.example, body=response.document)


def _show_limits(limits: RuleLimits) -> dict[str, Any]:
    return _without_none(
        probability=limits.probability,
        seed=limits.seed,
        skip=limits.skip,
        times=limits.times,
        starts_at=limits.starts_at and show_time(limits.starts_at),
        ends_at=limits.ends_at and show_time(limits.ends_at),
    )


def _without_none(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}
