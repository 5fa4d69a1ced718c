"""Time in the worlds: what it is, and waiting until it has passed."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from billecta_mock.domain.world import World
from billecta_mock.store.protocol import Store


class WorldClocks:
    """Tells the time of each world, and lets requests wait by it. To be used from one event loop."""

    def __init__(self, store: Store, wall_clock: Callable[[], datetime]) -> None:
        self._store = store
        self._wall_clock = wall_clock
        self._sleepers: dict[str, dict[asyncio.Future[None], datetime]] = {}
        self._ended = False

    def now(self, world: World) -> datetime:
        """What the clock of this world shows."""
        return world.clock.now(self._wall_clock())

    async def wait(self, world: World, until: datetime) -> None:
        """Wait until the clock of this world shows this time, however it comes to.

        Nobody waits for a world that is gone, even if another has its name, nor once the server stops.
        """
        current = self._store.world(world.database)
        while not self._ended and current is not None and world.is_same_as(current):
            left = (until - self.now(current)).total_seconds()
            if left <= 0:
                return
            await self._sleep(world.database, until, left / current.clock.rate if current.clock.rate else None)
            current = self._store.world(world.database)

    def wake(self, database: str) -> None:
        """Let all who wait look again: the clock was moved, or the world is another."""
        for sleeper in self._sleepers.get(database, {}):
            if not sleeper.done():
                sleeper.set_result(None)

    def end(self) -> None:
        """Let everyone go, and nobody wait again: the server stops, and answers that are held back are to finish."""
        self._ended = True
        for database in list(self._sleepers):
            self.wake(database)

    def deadlines(self, database: str) -> list[datetime]:
        """The times for which requests wait, sorted."""
        return sorted(self._sleepers.get(database, {}).values())

    async def _sleep(self, database: str, until: datetime, seconds: float | None) -> None:
        """Sleep so many seconds of real time, forever for None, or until woken."""
        sleepers = self._sleepers.setdefault(database, {})
        sleeper: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        sleepers[sleeper] = until
        try:
            with suppress(TimeoutError):
                await asyncio.wait_for(sleeper, seconds)
        finally:
            del sleepers[sleeper]
            if not sleepers and self._sleepers.get(database) is sleepers:
                del self._sleepers[database]
