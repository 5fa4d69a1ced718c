"""What the handlers of the control API have in common: the store, the wall clock, and finding a world."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from mock_server.domain.refusals import Refusal, RefusalKind, Why
from mock_server.domain.world import World, WorldSettings
from mock_server.http import Answer, Call
from mock_server.store.protocol import Store

AdminCall = Call[None]
AdminHandler = Callable[[AdminCall], Awaitable[Answer | Refusal]]
InWorld = Callable[[AdminCall, World], Awaitable[Answer | Refusal]]


@dataclass(frozen=True, slots=True)
class Desk:
    """Where the control API works: on the store, by the wall clock, with the settings of a new world."""

    store: Store
    wall_clock: Callable[[], datetime]
    defaults: WorldSettings

    def in_world(self, serve: InWorld) -> AdminHandler:
        """A handler for a path with `{database}`: 404 where there is no such world."""

        async def handler(call: AdminCall) -> Answer | Refusal:
            world = self.store.world(call.path["database"])
            return missing("world", call.path["database"]) if world is None else await serve(call, world)

        return handler

    def now(self, world: World) -> datetime:
        """The time in a world."""
        return world.clock.now(self.wall_clock())


def missing(kind: str, name: str) -> Refusal:
    """404: what was named is not there."""
    message = f"there is no {kind} '{name[:64]}'"
    return Refusal(RefusalKind.NOT_FOUND, Why(f"{kind}_unknown", message), "Not Found", message)
