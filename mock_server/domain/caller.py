"""Who asks, in which world, and when: what every rule about a request needs to know."""

from dataclasses import dataclass
from datetime import datetime

from mock_server.domain.access import ApiKey
from mock_server.domain.world import World


@dataclass(frozen=True, slots=True)
class Caller:
    """A request that was let in: its world, the key's user, and the time by the world's clock."""

    world: World
    key: ApiKey
    now: datetime
