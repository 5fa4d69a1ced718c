"""What a world was told to do other than a plain deployment does."""

from dataclasses import dataclass
from functools import cached_property

from mock_server.domain.rules import Rule, RuleBook


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
        return RuleBook(self.faults)


PLAIN = Script()
"""Nothing."""
