"""The defects of a world at work on one request: what the server believes was asked, and what becomes of its answer."""

from collections.abc import Iterator

from starlette.types import Scope

from billecta_mock.api.context import Visit, find_keys
from billecta_mock.defects.catalogue import distort, spoil
from billecta_mock.defects.context import Asked, Scene
from billecta_mock.domain.journal import mark_defect
from billecta_mock.domain.payments import Payment
from billecta_mock.domain.world import World
from billecta_mock.http import KEY_HEADER, KEY_SPELLING, Answer
from billecta_mock.store.protocol import Store


class Misbehaviour:
    """One request under the defects of its world. What the journal says of it is what was really sent."""

    def __init__(self, visit: Visit, scope: Scope, path: str, store: Store) -> None:
        """`path` is raw, without the name of the world and of the package."""
        self._visit = visit
        self._scope = scope
        spelling = scope.get(KEY_SPELLING, KEY_HEADER)
        self._asked = Asked(scope["method"], path, scope["query_string"], tuple(scope["headers"]), spelling)
        self._store = store

    def distort(self) -> tuple[Scope, str]:
        """The request that the server shall believe in: its scope and its path."""
        believed, changed = distort(self._visit.world.script.defects, self._asked, self._scene())
        headers = list(believed.headers)
        self._visit.presented = find_keys(headers)
        self._mark(changed)
        scope = {
            "type": self._scope["type"], "raw_path": self._scope["raw_path"], "client": self._scope.get("client"),
            "method": believed.method, "query_string": believed.query, "headers": headers,
        }  # fmt: skip
        return scope, believed.path

    def spoil(self, answer: Answer) -> tuple[Answer, float]:
        """The answer as it shall be sent, and the seconds of real time to hold it back."""
        answer, delay, changed = spoil(self._visit.world.script.defects, answer, self._scene())
        self._mark(changed)
        return answer, delay

    def _mark(self, names: tuple[str, ...]) -> None:
        marks = (*self._visit.marks, *(mark_defect(name) for name in names))
        self._visit.marks = tuple(dict.fromkeys(marks))

    def _scene(self) -> Scene:
        visit, store = self._visit, self._store
        database = visit.world.database
        return Scene(
            world=visit.world,
            asked=self._asked,
            operation=visit.operation_id,
            key=visit.key,
            now=visit.now,
            number=store.last_number(database) + 1,
            earlier=lambda: (exchange for _, exchange in store.exchanges(database)),
            payments=self._payments,
            neighbours=self._neighbours,
        )

    def _payments(self) -> Iterator[Payment]:
        """None where the world was dropped while this request was under way."""
        database = self._visit.world.database
        return iter(()) if self._store.world(database) is None else self._store.payments(database)

    def _neighbours(self) -> Iterator[World]:
        worlds = filter(None, map(self._store.world, self._store.databases()))
        return (world for world in worlds if world.database != self._visit.world.database)
