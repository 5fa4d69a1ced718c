"""Who asks, in which world, and when: what every rule about a request needs to know."""

from datetime import datetime
from typing import NamedTuple

from billecta_mock.domain.access import ApiKey
from billecta_mock.domain.outcomes import Outcome
from billecta_mock.domain.world import World


class Caller(NamedTuple):
    """A request that was let in: its world, the key's user, and the time by the world's clock.

    `cue` is what a rule makes of the request.
    """

    world: World
    key: ApiKey
    now: datetime
    cue: Outcome | None = None

    def on_cue(self, cue: Outcome) -> "Caller":
        """The same caller, for whom a rule has something in store."""
        return self._replace(cue=cue)
