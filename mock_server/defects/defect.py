"""What a defect is: a deviation from one clause, made of small functions on a request on its way in or an answer out.

A defect never reaches into the server. It makes the server believe that something else was asked, or changes what it
answered; so any number of them can be set at once, and none can leave anything behind.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, urlencode

from mock_server.domain.access import ApiKey
from mock_server.domain.journal import Exchange
from mock_server.domain.swish import Payment
from mock_server.domain.world import World
from mock_server.http import Answer, Headers

_KEY_HEADER = b"x-api-key"


class Group(StrEnum):
    """What a defect deviates in."""

    AUTHENTICATION = "authentication"
    MASKING = "masking"
    PERMISSIONS = "permissions"
    DOCUMENTS = "documents"
    CREATING = "creating"
    VALIDATION = "validation"
    STATUS = "status"
    CODES = "codes"
    METHODS = "methods"


class Asked(NamedTuple):
    """A request as it came in: `path` raw, without the world's name and the package's; header names in lower case."""

    method: str
    path: str
    query: bytes
    headers: Headers

    def header(self, name: bytes) -> bytes | None:
        """The value of the first such header."""
        return next((value for each, value in self.headers if each == name), None)

    @property
    def key(self) -> bytes | None:
        """The key that was presented."""
        return self.header(_KEY_HEADER)

    def with_key(self, key: str) -> "Asked":
        """The same request under another key."""
        others = tuple(pair for pair in self.headers if pair[0] != _KEY_HEADER)
        return self._replace(headers=(*others, (_KEY_HEADER, key.encode())))

    @property
    def parameters(self) -> dict[str, str]:
        """The query parameters as text; of a repeated one the last."""
        return dict(parse_qsl(self.query.decode("latin-1"), keep_blank_values=True, errors="replace"))

    def with_parameters(self, parameters: Mapping[str, str]) -> "Asked":
        """The same request with these query parameters."""
        return self._replace(query=urlencode(parameters, quote_via=quote).encode())


@dataclass(frozen=True, slots=True)
class Scene:
    """What a defect may know: the request as it came in, where it leads, and what happened in its world before.

    `operation` and `resource` are None for a route that the contract does not have, and on the way in, where nothing
    is known yet but what was asked. `key` is the key whose user the server took the caller for; None on the way in,
    and for a caller whom it did not let in. `earlier` gives the
    exchanges before this one, newest first; `payments` all payments, newest first.
    """

    world: World
    asked: Asked
    operation: str | None
    resource: str | None
    key: ApiKey | None
    earlier: Callable[[], Iterator[Exchange]]
    payments: Callable[[], Iterator[Payment]]

    @property
    def strongest_key(self) -> ApiKey | None:
        """The key that may do most: whoever slips past the lock is taken for its user."""
        keys = self.world.dataset.keys
        return max(keys, key=lambda key: (len(key.operations), key.invoices is None), default=None)

    @property
    def is_unauthenticated(self) -> bool:
        """Whether the server let nobody in."""
        return self.key is None


def _leave(asked: Asked, _scene: Scene) -> Asked:
    return asked


def _keep(answer: Answer, _scene: Scene) -> Answer:
    return answer


def _at_once(_answer: Answer, _scene: Scene) -> float:
    return 0.0


@dataclass(frozen=True, slots=True)
class Defect:
    """One deviation. `clause` is the one that it breaks, `sentence` says how, to whoever reads the list.

    `ask` changes the request before it is judged; what the journal notes stays as it came in. `answer` changes the
    answer before it is sent; what the contract says of answers is not checked any more. `delay` holds the answer back,
    in seconds of real time.
    """

    name: str
    group: Group
    clause: str
    sentence: str
    ask: Callable[[Asked, Scene], Asked] = _leave
    answer: Callable[[Answer, Scene], Answer] = _keep
    delay: Callable[[Answer, Scene], float] = _at_once
