"""Time in the worlds: what it is, and waiting until it has passed."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from mock_server.domain.world import World
from mock_server.store.protocol import Store


class Timekeeper:
    """Tells the time of each world, and lets requests wait by it. To be used from one event loop."""

    def __init__(self, store: Store, wall_clock: Callable[[], datetime]) -> None:
        self._store = store
        self._wall_clock = wall_clock
        self._sleepers: dict[str, dict[asyncio.Future[bool], datetime]] = {}
        self._ended = False

    def now(self, world: World) -> datetime:
        """What the clock of this world shows."""
        return world.clock.now(self._wall_clock())

    async def wait(self, database: str, until: datetime) -> None:
        """Wait until the world's clock shows this time, however it comes to; or until somebody lets go who waits."""
        while not self._ended and (world := self._store.world(database)) is not None:
            left = (until - self.now(world)).total_seconds()
            if left <= 0:
                return
            if await self._is_let_go(database, until, left / world.clock.rate if world.clock.rate else None):
                return

    def wake(self, database: str) -> None:
        """Let all who wait look at the clock again, which has been moved."""
        self._rouse(database, let_go=False)

    def let_go(self, database: str) -> None:
        """Let all go who wait by a clock that is no more: the world is dropped, or made anew."""
        self._rouse(database, let_go=True)

    def end(self) -> None:
        """Let everyone go, and nobody wait again: the server stops, and answers that are held back are to finish."""
        self._ended = True
        for database in list(self._sleepers):
            self.let_go(database)

    def deadlines(self, database: str) -> list[datetime]:
        """The times for which requests wait, sorted."""
        return sorted(self._sleepers.get(database, {}).values())

    def _rouse(self, database: str, *, let_go: bool) -> None:
        for sleeper in self._sleepers.get(database, {}):
            if not sleeper.done():
                sleeper.set_result(let_go)

    async def _is_let_go(self, database: str, until: datetime, seconds: float | None) -> bool:
        """Sleep so many seconds of real time, forever for None, or until roused. Whether that is the end of waiting."""
        sleepers = self._sleepers.setdefault(database, {})
        sleeper: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        sleepers[sleeper] = until
        try:
            return await asyncio.wait_for(sleeper, seconds)
        except TimeoutError:
            return False
        finally:
            del sleepers[sleeper]
            if not sleepers and self._sleepers.get(database) is sleepers:
                del self._sleepers[database]
