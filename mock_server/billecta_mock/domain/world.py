"""A world: one application database of the emulated system, with all that belongs to it alone."""

import re
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final

from billecta_mock.domain.clock import Clock
from billecta_mock.domain.dataset import Dataset
from billecta_mock.domain.reasons import Reason
from billecta_mock.domain.refusals import Refusal, RefusalKind
from billecta_mock.domain.script import PLAIN, Script
from billecta_mock.domain.swish import Pace, Progression

DATABASE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}")
"""What a world may be called. Names that begin with an underscore belong to the mock itself."""

RESERVED_DATABASES: Final = frozenset({"docs"})
"""First path segments that the mock serves itself."""


_NO_KEY_AT_ALL: Final = frozenset({Reason.KEY_MISSING, Reason.KEY_EMPTY, Reason.KEY_MISPLACED})


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
    script: Script = PLAIN
    identity: object = field(default_factory=object, compare=False, repr=False)

    def is_same_as(self, other: "World | None") -> bool:
        """Whether the other is this world, perhaps under other settings, and no other of its name."""
        return other is not None and other.identity is self.identity

    def with_settings(self, settings: WorldSettings) -> "World":
        """This world under other settings."""
        return replace(self, settings=settings)

    def with_clock(self, clock: Clock) -> "World":
        """This world at another time."""
        return replace(self, clock=clock)

    def with_script(self, script: Script) -> "World":
        """This world under another script."""
        return replace(self, script=script)


def is_database_name(name: str) -> bool:
    """Whether a world can have this name."""
    return DATABASE.fullmatch(name) is not None and name not in RESERVED_DATABASES


def disclose(refusal: Refusal, masking: Masking) -> RefusalKind:
    """The kind of refusal that the caller is shown, where that is not the true one (MASK-1, MASK-2)."""
    if refusal.kind is not RefusalKind.UNAUTHENTICATED or masking == Masking.NEVER:
        return refusal.kind
    if masking == Masking.MIXED and refusal.why.code in _NO_KEY_AT_ALL:
        return refusal.kind
    return RefusalKind.NOT_FOUND
