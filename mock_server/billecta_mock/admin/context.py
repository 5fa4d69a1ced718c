"""What the handlers of the admin API share: the store, the clock, finding a world, errors, the format of an answer."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Final

from starlette.types import Scope

from billecta_mock.admin.auth import Guard
from billecta_mock.api.clocks import WorldClocks
from billecta_mock.domain.problems import Problem, ProblemKind, Reason, invalid
from billecta_mock.domain.world import DEFAULT_BEHAVIOUR, Behaviour, Dataset, World, WorldSettings
from billecta_mock.http import ParsedRequest, Response
from billecta_mock.openapi.compiler import Operation
from billecta_mock.store.protocol import Store

AdminCall = ParsedRequest[None]
AdminHandler = Callable[[AdminCall], Awaitable[Response | Problem]]
InWorld = Callable[[AdminCall, World], Awaitable[Response | Problem]]
Observe = Callable[[Scope, Response], None]
"""Told of a request and of what it is answered, right before that is sent."""

MOST_SECONDS: Final = 86_400


def _ignore(_scope: Scope, _answer: Response) -> None:
    """Nobody observes."""


@dataclass(frozen=True, slots=True)
class AccessPolicy:
    """Who is let in, and who is told of each request and of its answer."""

    guard: Guard
    observe: Observe = _ignore


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """What is known of the server from outside the admin API.

    `find_obstacle` says why it does not take requests now, or None; `metrics` gives a media type and all metrics.
    """

    find_obstacle: Callable[[], str | None]
    media_type: str
    metrics: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class AdminContext:
    """Where the admin API works: on the store, by the wall clock, with the settings and the script of a new world.

    `contract` gives the operations of the emulated API as they are served now; `most_rules` is the number of rules, and
    of faults, that a world can have.
    """

    store: Store
    clocks: WorldClocks
    wall_clock: Callable[[], datetime]
    defaults: WorldSettings
    contract: Callable[[], Mapping[str, Operation]]
    most_rules: int
    behaviour: Behaviour = DEFAULT_BEHAVIOUR

    def new_world(self, database: str, dataset: Dataset) -> World:
        """A world as it is when it is made."""
        return World(database, dataset, self.defaults, behaviour=self.behaviour)

    def in_world(self, serve: InWorld) -> AdminHandler:
        """A handler for a path with `{database}`: 404 where there is no such world."""

        async def handler(call: AdminCall) -> Response | Problem:
            database = call.path["database"]
            world = self.store.world(database)
            return self._no_world(database) if world is None else await serve(call, world)

        return handler

    def _no_world(self, database: str) -> Problem:
        near = get_close_matches(database, self.store.databases(), n=1)
        return missing("world", database, f"did you mean '{near[0]}'?" if near else "PUT makes one")

    def now(self, world: World) -> datetime:
        """The time in a world."""
        return self.clocks.now(world)


def missing(kind: str, name: str, advice: str) -> Problem:
    """404: what was named is not there, and what to do about it."""
    message = f"there is no {kind} '{name[:64]}'; {advice}"
    return Problem(ProblemKind.NOT_FOUND, Reason(f"{kind}_unknown", message), "Not Found", message)


class BodyError(ValueError):
    """A flaw at a place in the body, a JSON pointer; the text is what follows the place in a sentence."""

    def __init__(self, pointer: str, sentence: str) -> None:
        super().__init__(sentence)
        self.pointer = pointer

    def as_refusal(self) -> Problem:
        """400, with the place and what would do."""
        place = f"body, at {self.pointer}:" if self.pointer else "the body"
        return invalid("body_invalid", "Bad Request", f"{place} {self}")


def wants_text(call: AdminCall) -> bool:
    """Whether to answer with text: `format` says so, or it says nothing and `Accept` has text/plain but not JSON."""
    chosen = call.query["format"]
    if chosen is not None:
        return bool(chosen == "text")
    return "text/plain" in call.accept and "application/json" not in call.accept
