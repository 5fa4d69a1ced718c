"""What a world was told to do other than a plain deployment does."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from billecta_mock.domain.rules import Rule, RuleBook, RuleKind


class Turn(NamedTuple):
    """A rule or a fault that comes into force, or ends, by the world's clock. `kind` is `rule` or `fault`."""

    at: datetime
    kind: str
    name: str
    what: str


@dataclass(frozen=True)
class Script:
    """The rules, faults and defects of a world.

    Rules decide what the application does for a caller whom it let in; faults, which have the form of rules, what
    happens on the way to it and back, to anybody. `defects` are names.
    """

    rules: tuple[Rule, ...] = ()
    faults: tuple[Rule, ...] = ()
    defects: tuple[str, ...] = ()

    @cached_property
    def rule_book(self) -> RuleBook:
        """The rules, ready to be looked up."""
        return RuleBook(self.rules)

    @cached_property
    def fault_book(self) -> RuleBook:
        """The faults, ready to be looked up."""
        return RuleBook(self.faults, RuleKind.FAULT)

    def find_turns(self, earlier: datetime, later: datetime) -> list[Turn]:
        """What comes into force and what ends after one time and until another."""
        both = (("rule", self.rules), ("fault", self.faults))
        turns = (turn for kind, rules in both for rule in rules for turn in _turns_of(kind, rule))
        return [turn for turn in turns if earlier < turn.at <= later]


def _turns_of(kind: str, rule: Rule) -> Iterator[Turn]:
    if rule.limits.starts_at is not None:
        yield Turn(rule.limits.starts_at, kind, rule.name, "started")
    if rule.limits.ends_at is not None:
        yield Turn(rule.limits.ends_at, kind, rule.name, "ended")


PLAIN = Script()
"""Nothing."""
