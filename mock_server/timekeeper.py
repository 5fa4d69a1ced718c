"""Time in the worlds: what it is, and waiting until it has passed."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from mock_server.domain.world import World
from mock_server.store.protocol import Store


class Timekeeper:
    """Tells the time of each world, and lets requests wait by it. To be used from one event loop."""

    def __init__(self, store: Store, wall_clock: Callable[[], datetime]) -> None:
        self._store = store
        self._wall_clock = wall_clock
        self._waiting: dict[str, dict[asyncio.Future[None], datetime]] = {}

    def now(self, world: World) -> datetime:
        """What the clock of this world shows."""
        return world.clock.now(self._wall_clock())

    async def wait(self, database: str, until: datetime) -> None:
        """Wait until the world's clock shows this time, however it comes to; or until the world is gone."""
        while (world := self._store.world(database)) is not None:
            left = (until - self.now(world)).total_seconds()
            if left <= 0:
                return
            await self._sleep(database, until, left / world.clock.rate if world.clock.rate else None)

    def wake(self, database: str) -> None:
        """Let all who wait look at the clock again, which has been moved."""
        for sleeper in self._waiting.get(database, {}):
            if not sleeper.done():
                sleeper.set_result(None)

    def deadlines(self, database: str) -> list[datetime]:
        """The times for which requests wait, sorted."""
        return sorted(self._waiting.get(database, {}).values())

    async def _sleep(self, database: str, until: datetime, seconds: float | None) -> None:
        """Sleep so many seconds of real time, forever for None; a move of the clock ends it."""
        sleepers = self._waiting.setdefault(database, {})
        sleeper: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        sleepers[sleeper] = until
        try:
            with suppress(TimeoutError):
                await asyncio.wait_for(sleeper, seconds)
        finally:
            del sleepers[sleeper]
            if not sleepers:
                self._waiting.pop(database, None)
