"""The ASGI application of the emulated API, for all worlds."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from starlette.types import Receive, Scope, Send

from mock_server.contract.parameters import decode_segment
from mock_server.contract.routing import ContractRouter, NoRouteError, WrongMethodError
from mock_server.contract.stage import Rules
from mock_server.domain.caller import Caller
from mock_server.domain.dataset import Dataset
from mock_server.domain.journal import Exchange
from mock_server.domain.world import World, WorldSettings
from mock_server.emulation import gate
from mock_server.emulation.journaling import describe
from mock_server.emulation.misbehaviour import Misbehaviour
from mock_server.emulation.visit import Visit, attach, find_keys
from mock_server.http import Answer, Handler
from mock_server.sending import send_answer
from mock_server.store.protocol import Store

BASE_PATH: Final = "/limepkg-billecta-integration"

Observe = Callable[[str, Exchange], None]
"""Told the name of the world and the exchange, right before the answer is sent."""


def _ignore(_database: str, _exchange: Exchange) -> None:
    """Nobody observes."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the emulated API works with.

    `defaults` are the settings under which a world answers that does not exist; `observe` is told of every exchange.
    """

    store: Store
    wall_clock: Callable[[], datetime]
    defaults: WorldSettings
    observe: Observe = _ignore


class EmulatedApi:
    """The ASGI application under `/{database}/limepkg-billecta-integration`."""

    def __init__(
        self, document: Mapping[str, Any], handlers: Mapping[str, Handler[Caller]], surroundings: Surroundings
    ) -> None:
        """Raises UnsupportedSpecError where the document cannot be compiled."""
        self._router = ContractRouter(document, BASE_PATH, handlers, Rules(gate.admit, gate.render))
        self._store = surroundings.store
        self._wall_clock = surroundings.wall_clock
        self._observe = surroundings.observe
        self._nowhere = World("", Dataset(), surroundings.defaults)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, and note it before its caller can know the answer."""
        database, path = split_path(scope)
        visit = self._open(database, scope)
        if visit.world.script.defects:
            answer = await self._misbehave(visit, scope, path, receive)
        else:
            answer = await self._answer(visit, scope, path, receive)
        self._note(visit, scope, answer)
        await send_answer(answer, scope, send)

    def _open(self, database: str, scope: Scope) -> Visit:
        """A world that does not exist is one without keys, so it answers as any other does without a valid key."""
        world = self._store.world(database) or self._nowhere
        presented = find_keys(scope["headers"])
        return Visit(world, world.clock.now(self._wall_clock()), presented, presented[0] if presented else None)

    async def _answer(self, visit: Visit, scope: Scope, path: str, receive: Receive) -> Answer:
        attach(visit, scope)
        try:
            route = self._router.find(scope["method"], path)
        except NoRouteError as error:
            return gate.refuse_route(error.near, scope)
        except WrongMethodError as error:
            return gate.refuse_method(error.allowed, scope)
        visit.operation_id = route.operation_id
        visit.resource = next(iter(route.path.values()), None)
        return await route.answer(scope, receive)

    async def _misbehave(self, visit: Visit, scope: Scope, path: str, receive: Receive) -> Answer:
        """The answer of a world with defects."""
        misbehaviour = Misbehaviour(visit, scope, path.removeprefix(BASE_PATH), self._store)
        believed, rest = misbehaviour.distort()
        package = BASE_PATH if path.startswith(BASE_PATH) else ""
        answer = await self._answer(visit, believed, package + rest, receive)
        answer, delay = misbehaviour.spoil(answer)
        await asyncio.sleep(delay)
        return answer

    def _note(self, visit: Visit, scope: Scope, answer: Answer) -> None:
        """One exchange into the world's journal, if that world is still there, and to whoever observes."""
        exchange = describe(visit, scope, answer)
        self._store.add_exchange(visit.world.database, exchange)
        self._observe(visit.world.database, exchange)


def split_path(scope: Scope) -> tuple[str, str]:
    """The database that a request names, decoded, and the rest of its path, raw."""
    raw: str = scope["raw_path"].decode("latin-1")
    first, slash, rest = raw.removeprefix("/").partition("/")
    return decode_segment(first), slash + rest
