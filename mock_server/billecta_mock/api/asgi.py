"""The ASGI application of the emulated API, for all worlds."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache, partial
from typing import Any, Final

from starlette.types import Receive, Scope, Send

from billecta_mock.api import auth
from billecta_mock.api.clocks import Timekeeper
from billecta_mock.api.context import Visit, attach, find_keys
from billecta_mock.api.faults import FaultyConnection
from billecta_mock.api.journal import describe
from billecta_mock.api.responses import CannedResponses, at_gateway, refuse_at_gateway
from billecta_mock.api.rule_engine import Director
from billecta_mock.domain.actions import FaultKind
from billecta_mock.domain.journal import Entry
from billecta_mock.domain.problems import Refusal
from billecta_mock.domain.world import Caller, Dataset, World, WorldSettings
from billecta_mock.http import Answer, Call, Handler, send_answer, until_disconnect
from billecta_mock.openapi.compiler import Operation
from billecta_mock.openapi.parameters import decode_segment
from billecta_mock.openapi.pipeline import Rules
from billecta_mock.openapi.router import ContractRouter, NoRouteError, Route, WrongMethodError
from billecta_mock.store.protocol import Store

BASE_PATH: Final = "/limepkg-billecta-integration"
_EXCHANGE: Final = b"x-mock-exchange"
_MOST_PATHS: Final = 256
"""So many are remembered: a client asks for the same few again and again."""

Observe = Callable[[Entry], None]
"""Told of the entry in the journal, right before the answer is sent."""


def _ignore(_entry: Entry) -> None:
    """Nobody observes."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the emulated API works with.

    `defaults` are the settings under which a world answers that does not exist, `sample` is the answer with a document
    where a canned one is to be sent, `observe` is told of every exchange. With `expose` each answer to a caller with a
    valid key carries the number of its exchange.
    """

    store: Store
    timekeeper: Timekeeper
    defaults: WorldSettings
    sample: Callable[[], Awaitable[Answer]]
    observe: Observe = _ignore
    expose: bool = False


class EmulatedApi:
    """The ASGI application under `/{database}/limepkg-billecta-integration`."""

    def __init__(
        self, document: Mapping[str, Any], handlers: Mapping[str, Handler[Caller]], surroundings: Surroundings
    ) -> None:
        """Raises UnsupportedSpecError where the document cannot be compiled."""
        rules = Rules(auth.admit, auth.render, self._intercept)
        self._router = ContractRouter(document, BASE_PATH, handlers, rules)
        self._director = Director(surroundings.store, self._router.operations)
        self._canned = CannedResponses(self._router.operations, surroundings.sample)
        self._store = surroundings.store
        self._timekeeper = surroundings.timekeeper
        self._observe = surroundings.observe
        self._expose = surroundings.expose
        self._nowhere = World("", Dataset(), surroundings.defaults)

    @property
    def operations(self) -> Mapping[str, Operation]:
        """Every operation of the contract, compiled, by its id."""
        return self._router.operations

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, and note it before its caller can know the answer."""
        database, path = split_path(scope["raw_path"])
        visit = self._open(database, scope)
        serve = self._misbehave if visit.world.script.defects else self._answer
        answer = await serve(visit, scope, path, receive)
        if visit.delay and await self._is_left_alone(visit, receive):
            self._note(visit, scope, answer)
            return
        number = self._note(visit, scope, answer)
        answer = answer.with_header(_EXCHANGE, str(number)) if self._expose and visit.key else answer
        if visit.fault is None or visit.fault.kind is FaultKind.STATUS:
            await send_answer(answer, scope, send)
        else:
            connection = FaultyConnection(scope, receive, send, partial(self._wait, visit))
            await connection.deliver(answer, visit.fault)

    def _open(self, database: str, scope: Scope) -> Visit:
        """A world that does not exist is one without keys, so it answers as any other does without a valid key."""
        world = self._store.world(database) or self._nowhere
        presented = find_keys(scope["headers"])
        return Visit(world, self._timekeeper.now(world), presented, presented[0] if presented else None)

    async def _answer(self, visit: Visit, scope: Scope, path: str, receive: Receive) -> Answer:
        """What is answered: a fault of the gateway first, then what the operation says, then what was asked for."""
        attach(visit, scope)
        route = self._find(visit, scope, path)
        if visit.world.script.faults:
            self._director.meet_fault(visit, scope)
            if visit.fault and not visit.fault.is_handled:
                return refuse_at_gateway(visit)
        answer = await route.stage.answer(scope, route.path, receive) if isinstance(route, Route) else route
        if visit.response:
            answer = await self._canned.replace(answer, visit)
        return at_gateway(visit, answer) if visit.fault else answer

    def _find(self, visit: Visit, scope: Scope, path: str) -> Route | Answer:
        """Where the request goes, or what is answered to one that goes nowhere."""
        try:
            route = self._router.find(scope["method"], path)
        except NoRouteError as error:
            return auth.refuse_route(error.near, scope)
        except WrongMethodError as error:
            return auth.refuse_method(error.allowed, scope)
        visit.operation_id = route.operation_id
        visit.resource = route.resource
        return route

    def _intercept(self, call: Call[Caller], scope: Scope) -> Answer | Refusal | None:
        return self._director.intercept(call, scope)

    async def _misbehave(self, visit: Visit, scope: Scope, path: str, receive: Receive) -> Answer:
        """The answer of a world with defects."""
        from billecta_mock.api.defects import Misbehaviour  # noqa: PLC0415 — most worlds have no defects

        misbehaviour = Misbehaviour(visit, scope, path.removeprefix(BASE_PATH), self._store)
        believed, rest = misbehaviour.distort()
        package = BASE_PATH if path.startswith(BASE_PATH) else ""
        answer = await self._answer(visit, believed, package + rest, receive)
        answer, delay = misbehaviour.spoil(answer)
        await asyncio.sleep(delay)
        return answer

    async def _is_left_alone(self, visit: Visit, receive: Receive) -> bool:
        """Hold the answer back by the world's clock. Whether the client hung up meanwhile."""
        until = visit.now + timedelta(seconds=visit.delay)
        waiting = asyncio.ensure_future(self._timekeeper.wait(visit.world, until))
        leaving = asyncio.ensure_future(until_disconnect(receive))
        try:
            await asyncio.wait((waiting, leaving), return_when=asyncio.FIRST_COMPLETED)
            visit.is_abandoned = not waiting.done()
        finally:
            waiting.cancel()
            leaving.cancel()
        return visit.is_abandoned

    async def _wait(self, visit: Visit, elapsed: timedelta) -> None:
        """Wait until so much time has passed since the answer was due, by the world's clock."""
        await self._timekeeper.wait(visit.world, visit.now + timedelta(seconds=visit.delay) + elapsed)

    def _note(self, visit: Visit, scope: Scope, answer: Answer) -> int:
        """One exchange into the world's journal, if that world is still there, and to whoever observes; its number."""
        if visit.delay and not visit.world.is_same_as(self._store.world(visit.world.database)):
            return 0  # the world was dropped meanwhile, and another of its name has a journal of its own
        exchange = describe(visit, scope, answer)
        number = self._store.add_exchange(visit.world.database, exchange)
        address = scope.get("client")
        self._observe(Entry(visit.world.database, number, address[0] if address else None, exchange))
        return number


@lru_cache(maxsize=_MOST_PATHS)
def split_path(raw_path: bytes) -> tuple[str, str]:
    """The database that a request names, decoded, and the rest of its path, raw."""
    first, slash, rest = raw_path.decode("latin-1").removeprefix("/").partition("/")
    return decode_segment(first), slash + rest
