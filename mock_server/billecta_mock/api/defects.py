"""The defects of a world at work on one request: what the server believes was asked, and what becomes of its answer."""

from collections.abc import Iterator

from starlette.types import Scope

from billecta_mock.api.context import RequestContext, find_keys
from billecta_mock.defects.catalogue import mutate_request, mutate_response
from billecta_mock.defects.context import DefectContext, RequestView
from billecta_mock.domain.journal import defect_tag
from billecta_mock.domain.payments import Payment
from billecta_mock.domain.world import World
from billecta_mock.http import KEY_HEADER, KEY_SPELLING, Response
from billecta_mock.store.protocol import Store


class DefectMiddleware:
    """One request under the defects of its world. What the journal says of it is what was really sent."""

    def __init__(self, context: RequestContext, scope: Scope, path: str, store: Store) -> None:
        """`path` is raw, without the name of the world and of the package."""
        self._request_context = context
        self._scope = scope
        spelling = scope.get(KEY_SPELLING, KEY_HEADER)
        self._request = RequestView(scope["method"], path, scope["query_string"], tuple(scope["headers"]), spelling)
        self._store = store

    def mutate_request(self) -> tuple[Scope, str]:
        """The request that the server shall believe in: its scope and its path."""
        believed, changed = mutate_request(
            self._request_context.world.behaviour.defects, self._request, self._context()
        )
        headers = list(believed.headers)
        self._request_context.presented = find_keys(headers)
        self._mark(changed)
        scope = {
            "type": self._scope["type"], "raw_path": self._scope["raw_path"], "client": self._scope.get("client"),
            "method": believed.method, "query_string": believed.query, "headers": headers,
        }  # fmt: skip
        return scope, believed.path

    def mutate_response(self, answer: Response) -> tuple[Response, float]:
        """The answer as it shall be sent, and the seconds of real time to hold it back."""
        answer, delay, changed = mutate_response(self._request_context.world.behaviour.defects, answer, self._context())
        self._mark(changed)
        return answer, delay

    def _mark(self, names: tuple[str, ...]) -> None:
        marks = (*self._request_context.marks, *(defect_tag(name) for name in names))
        self._request_context.marks = tuple(dict.fromkeys(marks))

    def _context(self) -> DefectContext:
        context, store = self._request_context, self._store
        database = context.world.database
        return DefectContext(
            world=context.world,
            request=self._request,
            operation=context.operation_id,
            key=context.key,
            now=context.now,
            number=store.last_number(database) + 1,
            earlier=lambda: (exchange for _, exchange in store.exchanges(database)),
            payments=self._payments,
            neighbours=self._neighbours,
        )

    def _payments(self) -> Iterator[Payment]:
        """None where the world was dropped while this request was under way."""
        database = self._request_context.world.database
        return iter(()) if self._store.world(database) is None else self._store.payments(database)

    def _neighbours(self) -> Iterator[World]:
        worlds = filter(None, map(self._store.world, self._store.databases()))
        return (world for world in worlds if world.database != self._request_context.world.database)
