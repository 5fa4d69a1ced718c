"""Rules of a world, and which requests they match; the first that matches wins."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple

from billecta_mock.domain.actions import RuleAction, RuleLimits


class RequestFacts(NamedTuple):
    """A request as rules see it. None stands for what it does not have, or what is not known of it.

    `phone` is normalised, `client` the address that it came from.
    """

    operation: str | None
    method: str
    key_name: str | None = None
    key_value: str | None = None
    resource: str | None = None
    phone: str | None = None
    message: str | None = None
    client: str = ""


class TextForm(StrEnum):
    """How a text is described."""

    EQUALS = "equals"
    PREFIX = "prefix"
    PATTERN = "pattern"


@dataclass(frozen=True, slots=True)
class TextMatch:
    """A text that is wanted: the whole of it, its beginning, or a pattern that `accepts` stands for."""

    form: TextForm
    text: str
    accepts: Callable[[str], bool]


def equal_to(text: str) -> TextMatch:
    """This text and no other."""
    return TextMatch(TextForm.EQUALS, text, text.__eq__)


def beginning_with(prefix: str) -> TextMatch:
    """Every text that begins with this one."""
    return TextMatch(TextForm.PREFIX, prefix, lambda text: text.startswith(prefix))


@dataclass(frozen=True, slots=True)
class RequestPattern:
    """What a request must have: each field that is not None must fit.

    `key` is the name of a key or the key itself, `resource` the id in the path, `phone` a normalised number.
    """

    operation: str | None = None
    method: str | None = None
    key: str | None = None
    resource: str | None = None
    phone: str | None = None
    message: TextMatch | None = None

    def fits(self, seen: RequestFacts) -> bool:
        """Whether the rule is for this request."""
        return (
            self.operation in (None, seen.operation)
            and self.method in (None, seen.method)
            and self.key in (None, seen.key_name, seen.key_value)
            and self.resource in (None, seen.resource)
            and self.phone in (None, seen.phone)
            and (self.message is None or (seen.message is not None and self.message.accepts(seen.message)))
        )


class RuleKind(StrEnum):
    """The lists of rules of a world: its own, its faults, and those that every world has."""

    RULE = "rule"
    FAULT = "fault"
    BUILT_IN = "shipped"


@dataclass(frozen=True, slots=True)
class Rule:
    """For which requests, how often, and what then. `name` is unique among the rules of its kind in a world."""

    name: str
    request_pattern: RequestPattern
    outcome: RuleAction
    limits: RuleLimits = field(default_factory=RuleLimits)
    description: str = ""


class RuleIndex:
    """Rules in order, found without asking each of them: those for one message or one phone number by that."""

    def __init__(self, rules: Iterable[Rule], kind: RuleKind = RuleKind.RULE) -> None:
        self.rules = tuple(rules)
        self.kind = kind
        self._by_message: dict[str | None, list[int]] = {}
        self._by_phone: dict[str | None, list[int]] = {}
        self._others: list[int] = []
        self._operations: set[str | None] = {rule.request_pattern.operation for rule in self.rules}
        for place, rule in enumerate(self.rules):
            self._bucket_for(rule.request_pattern).append(place)

    def watches(self, operation: str | None) -> bool:
        """Whether any rule can be for a request of this operation."""
        return operation in self._operations or None in self._operations

    def candidates(self, seen: RequestFacts) -> Iterator[Rule]:
        """The rules that are for this request, in order. Whether one matches its limits decide."""
        places = [
            *self._others,
            *self._by_message.get(seen.message, ()),
            *self._by_phone.get(seen.phone, ()),
        ]
        if not places:
            return iter(())
        rules = (self.rules[place] for place in sorted(places))
        return (rule for rule in rules if rule.request_pattern.fits(seen))

    def _bucket_for(self, request_pattern: RequestPattern) -> list[int]:
        if request_pattern.message is not None and request_pattern.message.form is TextForm.EQUALS:
            return self._by_message.setdefault(request_pattern.message.text, [])
        if request_pattern.phone is not None:
            return self._by_phone.setdefault(request_pattern.phone, [])
        return self._others


NO_RULES: Final = RuleIndex(())
