"""The ASGI application of the emulated API, for all worlds."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache, partial
from typing import Any, Final

from starlette.types import Receive, Scope, Send

from billecta_mock.api import auth
from billecta_mock.api.clocks import WorldClocks
from billecta_mock.api.context import RequestContext, attach, find_keys
from billecta_mock.api.faults import FaultInjector
from billecta_mock.api.journal import describe
from billecta_mock.api.responses import CannedResponses, at_gateway, refuse_at_gateway
from billecta_mock.api.rule_engine import RuleEngine
from billecta_mock.domain.actions import FaultKind
from billecta_mock.domain.journal import Entry
from billecta_mock.domain.problems import Problem
from billecta_mock.domain.world import Dataset, Principal, World, WorldSettings
from billecta_mock.http import Handler, ParsedRequest, Response, send_response, until_disconnect
from billecta_mock.openapi.compiler import Operation
from billecta_mock.openapi.parameters import decode_segment
from billecta_mock.openapi.pipeline import PipelineHooks
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
class ApiDependencies:
    """What the emulated API works with.

    `defaults` are the settings under which a world answers that does not exist, `sample` is the answer with a document
    where a canned one is to be sent, `observe` is told of every exchange. With `expose` each answer to a caller with a
    valid key carries the number of its exchange.
    """

    store: Store
    clocks: WorldClocks
    defaults: WorldSettings
    sample: Callable[[], Awaitable[Response]]
    observe: Observe = _ignore
    expose: bool = False


class EmulatedApi:
    """The ASGI application under `/{database}/limepkg-billecta-integration`."""

    def __init__(
        self, document: Mapping[str, Any], handlers: Mapping[str, Handler[Principal]], surroundings: ApiDependencies
    ) -> None:
        """Raises UnsupportedSpecError where the document cannot be compiled."""
        rules = PipelineHooks(auth.admit, auth.render, self._intercept)
        self._router = ContractRouter(document, BASE_PATH, handlers, rules)
        self._director = RuleEngine(surroundings.store, self._router.operations)
        self._canned = CannedResponses(self._router.operations, surroundings.sample)
        self._store = surroundings.store
        self._timekeeper = surroundings.clocks
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
        context = self._open(database, scope)
        serve = self._misbehave if context.world.behaviour.defects else self._answer
        answer = await serve(context, scope, path, receive)
        if context.delay and await self._is_left_alone(context, receive):
            self._note(context, scope, answer)
            return
        number = self._note(context, scope, answer)
        answer = answer.with_header(_EXCHANGE, str(number)) if self._expose and context.key else answer
        if context.fault is None or context.fault.kind is FaultKind.STATUS:
            await send_response(answer, scope, send)
        else:
            connection = FaultInjector(scope, receive, send, partial(self._wait, context))
            await connection.deliver(answer, context.fault)

    def _open(self, database: str, scope: Scope) -> RequestContext:
        """A world that does not exist is one without keys, so it answers as any other does without a valid key."""
        world = self._store.world(database) or self._nowhere
        presented = find_keys(scope["headers"])
        return RequestContext(world, self._timekeeper.now(world), presented, presented[0] if presented else None)

    async def _answer(self, context: RequestContext, scope: Scope, path: str, receive: Receive) -> Response:
        """What is answered: a fault of the gateway first, then what the operation says, then what was asked for."""
        attach(context, scope)
        route = self._find(context, scope, path)
        if context.world.behaviour.faults:
            self._director.apply_faults(context, scope)
            if context.fault and not context.fault.is_handled:
                return refuse_at_gateway(context)
        answer = await route.pipeline.answer(scope, route.path, receive) if isinstance(route, Route) else route
        if context.response:
            answer = await self._canned.replace(answer, context)
        return at_gateway(context, answer) if context.fault else answer

    def _find(self, context: RequestContext, scope: Scope, path: str) -> Route | Response:
        """Where the request goes, or what is answered to one that goes nowhere."""
        try:
            route = self._router.find(scope["method"], path)
        except NoRouteError as error:
            return auth.refuse_route(error.near, scope)
        except WrongMethodError as error:
            return auth.refuse_method(error.allowed, scope)
        context.operation_id = route.operation_id
        context.resource = route.resource
        return route

    def _intercept(self, call: ParsedRequest[Principal], scope: Scope) -> Response | Problem | None:
        return self._director.intercept(call, scope)

    async def _misbehave(self, context: RequestContext, scope: Scope, path: str, receive: Receive) -> Response:
        """The answer of a world with defects."""
        from billecta_mock.api.defects import DefectMiddleware  # noqa: PLC0415 — most worlds have no defects

        misbehaviour = DefectMiddleware(context, scope, path.removeprefix(BASE_PATH), self._store)
        believed, rest = misbehaviour.mutate_request()
        package = BASE_PATH if path.startswith(BASE_PATH) else ""
        answer = await self._answer(context, believed, package + rest, receive)
        answer, delay = misbehaviour.mutate_response(answer)
        await asyncio.sleep(delay)
        return answer

    async def _is_left_alone(self, context: RequestContext, receive: Receive) -> bool:
        """Hold the answer back by the world's clock. Whether the client hung up meanwhile."""
        until = context.now + timedelta(seconds=context.delay)
        waiting = asyncio.ensure_future(self._timekeeper.wait(context.world, until))
        leaving = asyncio.ensure_future(until_disconnect(receive))
        try:
            await asyncio.wait((waiting, leaving), return_when=asyncio.FIRST_COMPLETED)
            context.is_abandoned = not waiting.done()
        finally:
            waiting.cancel()
            leaving.cancel()
        return context.is_abandoned

    async def _wait(self, context: RequestContext, elapsed: timedelta) -> None:
        """Wait until so much time has passed since the answer was due, by the world's clock."""
        await self._timekeeper.wait(context.world, context.now + timedelta(seconds=context.delay) + elapsed)

    def _note(self, context: RequestContext, scope: Scope, answer: Response) -> int:
        """One exchange into the world's journal, if that world is still there, and to whoever observes; its number."""
        if context.delay and not context.world.is_same_as(self._store.world(context.world.database)):
            return 0  # the world was dropped meanwhile, and another of its name has a journal of its own
        exchange = describe(context, scope, answer)
        number = self._store.add_exchange(context.world.database, exchange)
        address = scope.get("client")
        self._observe(Entry(context.world.database, number, address[0] if address else None, exchange))
        return number


@lru_cache(maxsize=_MOST_PATHS)
def split_path(raw_path: bytes) -> tuple[str, str]:
    """The database that a request names, decoded, and the rest of its path, raw."""
    first, slash, rest = raw_path.decode("latin-1").removeprefix("/").partition("/")
    return decode_segment(first), slash + rest
