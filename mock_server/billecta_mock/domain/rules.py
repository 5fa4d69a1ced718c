"""Rules of a world, matched in order: the first that hits wins."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from billecta_mock.domain.limits import Limits
from billecta_mock.domain.matching import Matcher, Sighting, TextForm
from billecta_mock.domain.outcomes import Outcome


class RuleKind(StrEnum):
    """The lists of rules of a world: its own, its faults, and those that every world has."""

    RULE = "rule"
    FAULT = "fault"
    SHIPPED = "shipped"


@dataclass(frozen=True, slots=True)
class Rule:
    """For which requests, how often, and what then. `name` is unique among the rules of its kind in a world."""

    name: str
    matcher: Matcher
    outcome: Outcome
    limits: Limits = field(default_factory=Limits)
    description: str = ""


class RuleBook:
    """Rules in order, found without asking each of them: those for one message or one phone number by that."""

    def __init__(self, rules: Iterable[Rule], kind: RuleKind = RuleKind.RULE) -> None:
        self.rules = tuple(rules)
        self.kind = kind
        self._by_message: dict[str | None, list[int]] = {}
        self._by_phone: dict[str | None, list[int]] = {}
        self._others: list[int] = []
        self._operations: set[str | None] = {rule.matcher.operation for rule in self.rules}
        for place, rule in enumerate(self.rules):
            self._shelf_for(rule.matcher).append(place)

    def watches(self, operation: str | None) -> bool:
        """Whether any rule can be for a request of this operation."""
        return operation in self._operations or None in self._operations

    def candidates(self, seen: Sighting) -> Iterator[Rule]:
        """The rules that are for this request, in order. Whether one comes true its limits decide."""
        places = [
            *self._others,
            *self._by_message.get(seen.message, ()),
            *self._by_phone.get(seen.phone, ()),
        ]
        if not places:
            return iter(())
        rules = (self.rules[place] for place in sorted(places))
        return (rule for rule in rules if rule.matcher.fits(seen))

    def _shelf_for(self, matcher: Matcher) -> list[int]:
        if matcher.message is not None and matcher.message.form is TextForm.EQUALS:
            return self._by_message.setdefault(matcher.message.text, [])
        if matcher.phone is not None:
            return self._by_phone.setdefault(matcher.phone, [])
        return self._others


NO_RULES: Final = RuleBook(())
