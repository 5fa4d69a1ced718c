"""Rules as the admin API is given them. The schema has seen their form; what it cannot say is checked here."""

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import jsonschema_rs

from billecta_mock.admin.context import BodyError
from billecta_mock.admin.rule_serializer import read_delay, read_fault
from billecta_mock.admin.views import parse_time
from billecta_mock.domain.actions import (
    CannedResponse,
    FlowStep,
    PaymentFlow,
    RuleAction,
    RuleLimits,
    SwishRefusal,
    find_wrong_step,
)
from billecta_mock.domain.auth import ApiKey
from billecta_mock.domain.payments import CREATE, PaymentStatus, Progression, explain_forbidden
from billecta_mock.domain.problems import Problem
from billecta_mock.domain.rules import RequestPattern, Rule, RuleKind, TextForm, TextMatch, beginning_with, equal_to
from billecta_mock.domain.validation import SWISH_REFUSALS, normalise_phone
from billecta_mock.http import json_response
from billecta_mock.openapi.compiler import Operation
from billecta_mock.openapi.schemas import suggest

_HIGHEST_SEED: Final = 2**31 - 1
_OF_A_FAULT: Final = frozenset({"fault", "delay"})
_OF_A_CREATE: Final = frozenset({"phone", "message"})
_MOST_NAMED: Final = 20
_OF_CREATES: Final = frozenset({"life", "refuse"})


@dataclass(frozen=True, slots=True)
class RuleReader:
    """Reads rules of one kind for a world with these keys whose clock shows `now`, against the contract."""

    kind: RuleKind
    operations: Mapping[str, Operation]
    now: datetime
    keys: Iterable[ApiKey]

    def read(self, document: Mapping[str, Any], name: str, place: str = "") -> Rule:
        """The rule that a document describes. Raises BodyError, which names the place below `place`."""
        then = document["then"]
        self._check_outcome(then, f"{place}/then")
        request_pattern = self._read_match(document.get("match", {}), then, f"{place}/match")
        return Rule(
            name=name,
            request_pattern=request_pattern,
            outcome=self._read_outcome(then, request_pattern, f"{place}/then"),
            limits=self._read_limits(document, name, place),
            description=document.get("description", ""),
        )

    def _check_outcome(self, then: Mapping[str, Any], place: str) -> None:
        if self.kind is RuleKind.FAULT and (others := sorted(then.keys() - _OF_A_FAULT)):
            raise BodyError(f"{place}/{others[0]}", "is for rules; a fault has 'fault', 'delay' or both")
        exclusive = sorted(then.keys() - {"delay"})
        if len(exclusive) > 1:
            raise BodyError(place, f"has {' and '.join(exclusive)}, which exclude each other")

    def _read_match(self, match: Mapping[str, Any], then: Mapping[str, Any], place: str) -> RequestPattern:
        operation = match.get("operation")
        if then.keys() & _OF_CREATES:
            if operation not in (None, CREATE):
                raise BodyError(f"{place}/operation", f"must be {CREATE}: only that has a life, or is refused by Swish")
            operation = CREATE
        if operation not in (None, CREATE) and (foreign := sorted(match.keys() & _OF_A_CREATE)):
            raise BodyError(f"{place}/{foreign[0]}", f"never fits: {operation} has none, only {CREATE} has")
        return RequestPattern(
            operation=operation,
            method=match.get("method"),
            key=self._read_key(match["key"], f"{place}/key") if "key" in match else None,
            resource=match.get("id"),
            phone=_read_phone(match["phone"], f"{place}/phone") if "phone" in match else None,
            message=_read_text(match["message"], f"{place}/message") if "message" in match else None,
        )

    def _read_key(self, text: str, place: str) -> str:
        """The name of a key of this world, or its value; what is neither is not repeated, for it may be a secret."""
        names = [key.name for key in self.keys]
        if text in names or any(text == key.value for key in self.keys):
            return text
        if not names:
            raise BodyError(place, "never fits: this world has no keys")
        advice = suggest(text, names[:_MOST_NAMED])
        raise BodyError(place, f"never fits: it is no key of this world, neither by name nor by value; {advice}")

    def _read_outcome(self, then: Mapping[str, Any], request_pattern: RequestPattern, place: str) -> RuleAction:
        return RuleAction(
            life=_read_life(then["life"], f"{place}/life") if "life" in then else None,
            refusal=_read_refusal(then["refuse"], f"{place}/refuse") if "refuse" in then else None,
            response=self._read_response(then["respond"], request_pattern, f"{place}/respond")
            if "respond" in then
            else None,
            fault=read_fault(then["fault"], f"{place}/fault") if "fault" in then else None,
            delay=read_delay(then["delay"], f"{place}/delay") if "delay" in then else None,
        )

    def _read_response(
        self, document: Mapping[str, Any], request_pattern: RequestPattern, place: str
    ) -> CannedResponse:
        """It must be documented for every operation that the rule is for."""
        if request_pattern.operation is not None:
            _check_response(document, self.operations[request_pattern.operation], place)
        else:
            self._check_for_all(document, place)
        return CannedResponse(document["status"], document.get("example"), document.get("body"))

    def _check_for_all(self, document: Mapping[str, Any], place: str) -> None:
        try:
            for operation in self.operations.values():
                _check_response(document, operation, place)
        except BodyError as flaw:
            sentence = f"{flaw}; this rule names no operation, so its response must be documented for each: name one"
            raise BodyError(flaw.pointer, sentence) from None

    def _read_limits(self, document: Mapping[str, Any], name: str, place: str) -> RuleLimits:
        starts = self._read_moment(document, ("starts_at", "start_after_seconds"), self.now, place)
        ends = self._read_moment(document, ("ends_at", "for_seconds"), starts or self.now, place)
        return RuleLimits(
            probability=document.get("probability", 1.0),
            seed=document.get("seed", zlib.crc32(name.encode()) & _HIGHEST_SEED),
            skip=document.get("skip", 0),
            times=document.get("times"),
            starts_at=starts,
            ends_at=ends,
        )

    def _read_moment(
        self, document: Mapping[str, Any], names: tuple[str, str], begin: datetime, place: str
    ) -> datetime | None:
        """A time that is given by itself, or as so many seconds after another; None where neither is."""
        absolute, relative = names
        if absolute in document and relative in document:
            raise BodyError(f"{place}/{absolute}", f"and {relative} exclude each other")
        if absolute in document:
            return _read_time(document[absolute], f"{place}/{absolute}")
        seconds = document.get(relative)
        return None if seconds is None else begin + timedelta(seconds=seconds)


def _read_time(text: str, place: str) -> datetime:
    time = parse_time(text, place)
    if isinstance(time, Problem):
        raise BodyError(place, f"'{text}' is not a time that a clock of the mock can show")
    return time


def _read_phone(text: str, place: str) -> str:
    phone = normalise_phone(text)
    if isinstance(phone, Problem):
        raise BodyError(place, "must be a phone number, 8 to 15 digits with the country code, such as 46701740605")
    return phone


def _read_text(document: str | Mapping[str, str], place: str) -> TextMatch:
    if isinstance(document, str):
        return equal_to(document)
    form, text = next(iter(document.items()))
    if form == TextForm.EQUALS:
        return equal_to(text)
    return beginning_with(text) if form == TextForm.PREFIX else _read_pattern(text, f"{place}/pattern")


def _read_pattern(pattern: str, place: str) -> TextMatch:
    """A regular expression, by an engine whose time is bounded whatever the pattern."""
    options = jsonschema_rs.RegexOptions()
    try:
        validator = jsonschema_rs.Draft7Validator({"type": "string", "pattern": pattern}, pattern_options=options)
    except ValueError:
        raise BodyError(place, "is no regular expression without look-around and back-references") from None
    return TextMatch(TextForm.PATTERN, pattern, validator.is_valid)


def _read_life(document: Mapping[str, Any], place: str) -> PaymentFlow:
    steps = tuple(map(_read_step, document["steps"]))
    if (wrong := find_wrong_step(steps)) is not None:
        index, status = wrong
        raise BodyError(f"{place}/steps/{index}/status", explain_forbidden(status, steps[index].status))
    progression, expiry = document.get("progression"), document.get("expire_after_seconds")
    return PaymentFlow(
        steps,
        progression and Progression(progression),
        None if expiry is None else timedelta(seconds=expiry),
    )


def _read_step(document: Mapping[str, Any]) -> FlowStep:
    after = document.get("after_seconds")
    return FlowStep(
        status=PaymentStatus(document["status"]),
        code=document.get("code", ""),
        after=None if after is None else timedelta(seconds=after),
        after_polls=document.get("after_polls"),
    )


def _read_refusal(document: Mapping[str, str], place: str) -> SwishRefusal:
    code = document["code"]
    message = document.get("message") or SWISH_REFUSALS.get(code)
    if message is None:
        advice = suggest(code, list(SWISH_REFUSALS))
        raise BodyError(f"{place}/code", f"'{code}' is no code of Swish, so a message must come with it; {advice}")
    return SwishRefusal(code, message)


def _check_response(document: Mapping[str, Any], operation: Operation, place: str) -> None:
    response = operation.responses.get(document["status"])
    if response is None:
        known = ", ".join(map(str, operation.responses))
        raise BodyError(f"{place}/status", f"is not documented for {operation.operation_id}, which has {known}")
    example = document.get("example")
    if example is not None and example not in response.examples:
        advice = suggest(example, list(response.examples))
        raise BodyError(f"{place}/example", f"is none of {operation.operation_id} with this status; {advice}")
    if "body" in document:
        violation = response.find_violation(json_response(document["status"], document["body"]))
        if violation is not None:
            raise BodyError(f"{place}/body", f"is no answer of {operation.operation_id}: it {violation}")
