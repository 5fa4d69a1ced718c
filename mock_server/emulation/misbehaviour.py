"""The defects of a world at work on one request: what the server believes was asked, and what becomes of its answer."""

from functools import partial

from starlette.types import Scope

from mock_server.defects.defect import Asked, Scene
from mock_server.defects.distortion import distort, spoil
from mock_server.emulation.visit import Visit, find_keys
from mock_server.http import Answer
from mock_server.store.protocol import Store


class Misbehaviour:
    """One request under the defects of its world. What the journal says of it is what was really sent."""

    def __init__(self, visit: Visit, scope: Scope, path: str, store: Store) -> None:
        """`path` is raw, without the name of the world and of the package."""
        self._visit = visit
        self._scope = scope
        self._asked = Asked(scope["method"], path, scope["query_string"], tuple(scope["headers"]))
        self._store = store

    def distort(self) -> tuple[Scope, str]:
        """The request that the server shall believe in: its scope and its path."""
        believed = distort(self._visit.world.script.defects, self._asked, self._scene())
        headers = list(believed.headers)
        self._visit.presented = find_keys(headers)
        scope = {
            "type": self._scope["type"], "raw_path": self._scope["raw_path"],
            "method": believed.method, "query_string": believed.query, "headers": headers,
        }  # fmt: skip
        return scope, believed.path

    def spoil(self, answer: Answer) -> tuple[Answer, float]:
        """The answer as it shall be sent, and the seconds of real time to hold it back."""
        visit = self._visit
        answer, delay, changed = spoil(visit.world.script.defects, answer, self._scene())
        visit.marks = (*visit.marks, *(f"defect:{name}" for name in changed))
        return answer, delay

    def _scene(self) -> Scene:
        visit, store = self._visit, self._store
        database = visit.world.database
        return Scene(
            world=visit.world,
            asked=self._asked,
            operation=visit.operation_id,
            resource=visit.resource,
            key=visit.key,
            earlier=lambda: (exchange for _, exchange in store.exchanges(database)),
            payments=partial(store.payments, database),
        )
