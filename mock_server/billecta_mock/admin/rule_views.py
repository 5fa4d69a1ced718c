"""Rules as the control API shows them: in the form in which they are given, with how often they came true."""

from typing import Any

from billecta_mock.admin.fault_reader import show_delay, show_fault
from billecta_mock.admin.views import show_time
from billecta_mock.domain.actions import CannedResponse, Life, LifeStep, Limits, Outcome, Turns
from billecta_mock.domain.presets import Bundle
from billecta_mock.domain.rules import Matcher, Rule, TextForm, TextMatch


def show_rule(rule: Rule, turns: Turns) -> dict[str, Any]:
    """A rule, and what it has seen so far."""
    return {**describe_rule(rule), "seen": turns.seen, "fired": turns.fired}


def describe_rule(rule: Rule) -> dict[str, Any]:
    """What a rule is for and what it does."""
    return {
        "name": rule.name,
        "description": rule.description,
        "match": _show_matcher(rule.matcher),
        "then": _show_outcome(rule.outcome),
        **_show_limits(rule.limits),
    }


def show_bundle(bundle: Bundle) -> dict[str, Any]:
    """A bundle, with all that it sets."""
    return {
        "name": bundle.name,
        "description": bundle.description,
        "rules": [describe_rule(rule) for rule in bundle.rules],
        "faults": [describe_rule(rule) for rule in bundle.faults],
    }


def _show_matcher(matcher: Matcher) -> dict[str, Any]:
    return _without_none(
        operation=matcher.operation,
        method=matcher.method,
        key=matcher.key,
        id=matcher.resource,
        phone=matcher.phone,
        message=matcher.message and _show_text(matcher.message),
    )


def _show_text(text: TextMatch) -> str | dict[str, str]:
    return text.text if text.form is TextForm.EQUALS else {text.form.value: text.text}


def _show_outcome(outcome: Outcome) -> dict[str, Any]:
    return _without_none(
        life=outcome.life and _show_life(outcome.life),
        refuse=outcome.refusal and {"code": outcome.refusal.code, "message": outcome.refusal.message},
        respond=outcome.response and _show_response(outcome.response),
        fault=outcome.fault and show_fault(outcome.fault),
        delay=outcome.delay and show_delay(outcome.delay),
    )


def _show_life(life: Life) -> dict[str, Any]:
    return _without_none(
        steps=[_show_step(step) for step in life.steps],
        progression=life.progression,
        expire_after_seconds=None if life.expire_after is None else life.expire_after.total_seconds(),
    )


def _show_step(step: LifeStep) -> dict[str, Any]:
    return _without_none(
        status=step.status,
        code=step.code or None,
        after_seconds=None if step.after is None else step.after.total_seconds(),
        after_polls=step.after_polls,
    )


def _show_response(response: CannedResponse) -> dict[str, Any]:
    return _without_none(status=response.status, example=response.example, body=response.document)


def _show_limits(limits: Limits) -> dict[str, Any]:
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
