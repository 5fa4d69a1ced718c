"""A world: one application database of the emulated system, with its data, its settings and its state."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Final, NamedTuple

from billecta_mock.domain.actions import RuleAction
from billecta_mock.domain.auth import ApiKey, KeyRing, NearKeys
from billecta_mock.domain.clock import Clock
from billecta_mock.domain.invoices import Invoice
from billecta_mock.domain.payments import Pace, Progression
from billecta_mock.domain.problems import Problem, ProblemKind, ReasonCode
from billecta_mock.domain.rules import Rule, RuleIndex, RuleKind

DATABASE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}")
"""What a world may be called. Names that begin with an underscore belong to the mock itself."""
RESERVED_DATABASES: Final = frozenset({"docs"})
"""First path segments that the mock serves itself."""
_NO_KEY_AT_ALL: Final = frozenset({ReasonCode.KEY_MISSING, ReasonCode.KEY_EMPTY, ReasonCode.KEY_MISPLACED})


class Principal(NamedTuple):
    """A request that was let in: its world, the key's user, and the time by the world's clock.

    `cue` is what a rule makes of the request.
    """

    world: World
    key: ApiKey
    now: datetime
    cue: RuleAction | None = None

    def with_rule_action(self, cue: RuleAction) -> Principal:
        """The same caller, for whom a rule has something in store."""
        return self._replace(cue=cue)


@dataclass(frozen=True)
class Dataset:
    """The keys and invoices of one world. Ids, action ids and key values are unique; nothing here ever changes."""

    keys: tuple[ApiKey, ...] = ()
    invoices: tuple[Invoice, ...] = ()

    def invoice(self, invoice_id: str) -> Invoice | None:
        """The invoice with this id of Lime CRM."""
        return self._by_id.get(invoice_id)

    def invoice_of_action(self, action_id: str) -> Invoice | None:
        """The invoice with this ActionPublicId of Billecta."""
        return self._by_action.get(action_id)

    @cached_property
    def key_ring(self) -> KeyRing:
        """The keys, ready to be looked up."""
        return KeyRing(self.keys)

    @cached_property
    def near_keys(self) -> NearKeys:
        """The keys, ready to be compared with one that is none of them."""
        return NearKeys(self.keys)

    @cached_property
    def key_values(self) -> frozenset[str]:
        """What the keys are, to be looked for where no key belongs."""
        return frozenset(key.value for key in self.keys)

    @cached_property
    def _by_id(self) -> dict[str, Invoice]:
        return {invoice.id: invoice for invoice in self.invoices}

    @cached_property
    def _by_action(self) -> dict[str, Invoice]:
        return {invoice.action_id: invoice for invoice in self.invoices}


class ScheduledChange(NamedTuple):
    """A rule or a fault that comes into force, or ends, by the world's clock. `kind` is `rule` or `fault`."""

    at: datetime
    kind: str
    name: str
    what: str


@dataclass(frozen=True)
class Behaviour:
    """The rules, faults and defects of a world.

    Rules decide what the application does for a caller whom it let in; faults, which have the form of rules, what
    happens on the way to it and back, to anybody. `defects` are names.
    """

    rules: tuple[Rule, ...] = ()
    faults: tuple[Rule, ...] = ()
    defects: tuple[str, ...] = ()

    @cached_property
    def rule_book(self) -> RuleIndex:
        """The rules, ready to be looked up."""
        return RuleIndex(self.rules)

    @cached_property
    def fault_book(self) -> RuleIndex:
        """The faults, ready to be looked up."""
        return RuleIndex(self.faults, RuleKind.FAULT)

    def find_scheduled_changes(self, earlier: datetime, later: datetime) -> list[ScheduledChange]:
        """What comes into force and what ends after one time and until another."""
        both = (("rule", self.rules), ("fault", self.faults))
        turns = (turn for kind, rules in both for rule in rules for turn in _changes_of(kind, rule))
        return [turn for turn in turns if earlier < turn.at <= later]


def _changes_of(kind: str, rule: Rule) -> Iterator[ScheduledChange]:
    if rule.limits.starts_at is not None:
        yield ScheduledChange(rule.limits.starts_at, kind, rule.name, "started")
    if rule.limits.ends_at is not None:
        yield ScheduledChange(rule.limits.ends_at, kind, rule.name, "ended")


DEFAULT_BEHAVIOUR = Behaviour()
"""Nothing."""


class Masking(StrEnum):
    """How a missing or wrong key is answered (MASK-1)."""

    ALWAYS = "404"
    NEVER = "401"
    MIXED = "mixed"


@dataclass(frozen=True, slots=True)
class WorldSettings:
    """How a world behaves. Times are seconds of the world's clock; changes hold for payments created afterwards.

    `magic_values` says whether messages and phone numbers have the meanings that are shipped, `prefer` whether a
    caller may choose its answer by a `Prefer` header.
    """

    masking: Masking = Masking.ALWAYS
    progression: Progression = Progression.TIME
    pay_after_seconds: float = 4.0
    pay_after_polls: int = 2
    expire_after_seconds: float = 180.0
    one_live_request_per_phone: bool = True
    magic_values: bool = True
    prefer: bool = True

    @property
    def pace(self) -> Pace:
        """How soon payers answer, and what moves payments on."""
        return _pace(self.pay_after_seconds, self.pay_after_polls, self.progression, self.expire_after_seconds)


@lru_cache(maxsize=256)
def _pace(after_seconds: float, after_polls: int, progression: Progression, expire_after_seconds: float) -> Pace:
    """Payments share what does not differ between them: there are thousands."""
    return Pace(
        after=timedelta(seconds=after_seconds),
        after_polls=after_polls,
        progression=progression,
        expire_after=timedelta(seconds=expire_after_seconds),
    )


@dataclass(frozen=True, slots=True)
class World:
    """What is set about a world. Its payments and its journal, which grow, are the store's to keep.

    `identity` stays the same whatever is set, and tells a world from the one that took its name afterwards.
    """

    database: str
    dataset: Dataset
    settings: WorldSettings = field(default_factory=WorldSettings)
    clock: Clock = field(default_factory=Clock)
    behaviour: Behaviour = DEFAULT_BEHAVIOUR
    identity: object = field(default_factory=object, compare=False, repr=False)

    def is_same_as(self, other: World | None) -> bool:
        """Whether the other is this world, perhaps under other settings, and no other of its name."""
        return other is not None and other.identity is self.identity

    def with_settings(self, settings: WorldSettings) -> World:
        """This world under other settings."""
        return replace(self, settings=settings)

    def with_clock(self, clock: Clock) -> World:
        """This world at another time."""
        return replace(self, clock=clock)

    def with_behaviour(self, behaviour: Behaviour) -> World:
        """This world under another script."""
        return replace(self, behaviour=behaviour)


def is_database_name(name: str) -> bool:
    """Whether a world can have this name."""
    return DATABASE.fullmatch(name) is not None and name not in RESERVED_DATABASES


def disclose(refusal: Problem, masking: Masking) -> ProblemKind:
    """The kind of refusal that the caller is shown, where that is not the true one (MASK-1, MASK-2)."""
    if refusal.kind is not ProblemKind.UNAUTHENTICATED or masking == Masking.NEVER:
        return refusal.kind
    if masking == Masking.MIXED and refusal.why.code in _NO_KEY_AT_ALL:
        return refusal.kind
    return ProblemKind.NOT_FOUND
