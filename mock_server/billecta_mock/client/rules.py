"""The rules, faults and defects of a world, and what they do: `rules.add(refuses("ACMT03"), phone="46701740605")`."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Unpack

from billecta_mock.client.connection import Connection, is_explained, refuse_unknown
from billecta_mock.client.models import FaultDetails, FaultOptions, FaultType, Match, Rule, RuleOptions, Status

RuleAction = Mapping[str, Any]
"""What a rule does, as the admin API takes it: `life`, `refuse`, `respond` or `fault`, and `delay`."""


__tracebackhide__ = is_explained
_MATCH: Final = frozenset(Match.__annotations__)
_DETAILS: Final = frozenset(FaultDetails.__annotations__)
_RULE_OPTIONS: Final = frozenset(RuleOptions.__annotations__)
_FAULT_OPTIONS: Final = frozenset(FaultOptions.__annotations__)


def pays(*, after_seconds: float | None = None, after_polls: int | None = None) -> RuleAction:
    """The payer pays; when, is as the world's settings say where it is not given."""
    return ends("Paid", after_seconds=after_seconds, after_polls=after_polls)


def ends(
    status: Status, code: str | None = None, *, after_seconds: float | None = None, after_polls: int | None = None
) -> RuleAction:
    """A new payment ends so, for the reason that a Swish code gives: `ends("Declined", "RF07")`."""
    step = {"status": status, "code": code, "after_seconds": after_seconds, "after_polls": after_polls}
    return {"life": {"steps": [{name: value for name, value in step.items() if value is not None}]}}


def never_answers(*, expire_after_seconds: float | None = None) -> RuleAction:
    """The payer does nothing until the time of the payment is over: Error."""
    expiry = {} if expire_after_seconds is None else {"expire_after_seconds": expire_after_seconds}
    return {"life": {"steps": [], **expiry}}


def refuses(code: str, message: str | None = None) -> RuleAction:
    """Swish refuses the create at once: 400 with this code."""
    return {"refuse": {"code": code, **({} if message is None else {"message": message})}}


def responds(status: int, *, example: str | None = None, body: Mapping[str, Any] | None = None) -> RuleAction:
    """A response that the contract documents: its example, one of several by its name, or with a body of your own."""
    given = {"status": status, "example": example, "body": body}
    return {"respond": {name: value for name, value in given.items() if value is not None}}


def waits(seconds: float, then: RuleAction | None = None) -> RuleAction:
    """The answer, or that of another outcome, is held back, by the world's clock."""
    return {**(then or {}), "delay": {"type": "fixed", "seconds": seconds}}


class _RuleSet:
    """One of the two lists of a world, which have the same form."""

    def __init__(self, connection: Connection, database: str, what: str) -> None:
        self._connection = connection
        self._what = what
        self._path = ("worlds", database, what)

    def list(self) -> Sequence[Rule]:
        """All of them in order, with how often each fired."""
        return [Rule.read(each) for each in self._connection.ask("GET", *self._path)[self._what]]

    def get(self, name: str) -> Rule:
        """One, as it is now. Raises ControlError 404."""
        return Rule.read(self._connection.ask("GET", *self._path, name))

    def remove(self, name: str) -> None:
        """Take one away. Raises ControlError 404."""
        self._connection.ask("DELETE", *self._path, name)

    def clear(self) -> None:
        """Take all away."""
        self._connection.ask("DELETE", *self._path)

    def _add(self, then: Mapping[str, Any], options: Mapping[str, object]) -> Rule:
        match = {name: value for name, value in options.items() if name in _MATCH}
        limits = {name: value for name, value in options.items() if name not in _MATCH}
        return Rule.read(self._connection.ask("POST", *self._path, body={"match": match, "then": then, **limits}))


class Rules(_RuleSet):
    """What the application does, other than what it does by itself. The first rule that matches wins."""

    def __init__(self, connection: Connection, database: str) -> None:
        super().__init__(connection, database, "rules")

    def add(self, then: RuleAction, **options: Unpack[RuleOptions]) -> Rule:
        """One more, behind the others: `add(ends("Declined", "RF07"), phone="46701740605", times=1)`."""
        refuse_unknown(options, _RULE_OPTIONS)
        return self._add(then, options)


class Faults(_RuleSet):
    """What happens on the way, to anybody. The first fault that matches wins."""

    def __init__(self, connection: Connection, database: str) -> None:
        super().__init__(connection, database, "faults")

    def add(self, kind: FaultType, **options: Unpack[FaultOptions]) -> Rule:
        """One more, behind the others: `add("STATUS", status=503, operation="getSwishPayment", times=2)`."""
        refuse_unknown(options, _FAULT_OPTIONS)
        details = {name: value for name, value in options.items() if name in _DETAILS}
        others = {name: value for name, value in options.items() if name not in _DETAILS}
        return self._add({"fault": {"type": kind, **details}}, others)

    def add_delay(self, seconds: float, **options: Unpack[RuleOptions]) -> Rule:
        """Hold answers back, by the world's clock: under a frozen one until it is moved."""
        refuse_unknown(options, _RULE_OPTIONS)
        return self._add({"delay": {"type": "fixed", "seconds": seconds}}, options)


class Defects:
    """The deviations from the contract that a world has; `billecta-mock defects` lists those that there are."""

    def __init__(self, connection: Connection, database: str) -> None:
        self._connection = connection
        self._path = ("worlds", database, "defects")

    def list(self) -> Sequence[str]:
        """The names of those that the world has, in the order in which they work."""
        return [each["name"] for each in self._connection.ask("GET", *self._path)["defects"]]

    def set(self, *names: str) -> None:
        """These and no others, from the next request on. Raises ControlError 400 for a name that there is not."""
        self._connection.ask("PUT", *self._path, body=list(names))

    def clear(self) -> None:
        """None any more."""
        self.set()
