"""The emulated API: from the first path segment, which names the world, to the answer and its entry in the journal."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from time import perf_counter
from typing import Any, Final

from starlette.types import Receive, Scope, Send

from mock_server.contract.parameters import decode_segment, split_query
from mock_server.contract.routing import ContractRouter, NoRouteError, WrongMethodError
from mock_server.contract.stage import Rules
from mock_server.domain.acceptance import normalise_phone
from mock_server.domain.access import ApiKey, authenticate, authorise
from mock_server.domain.caller import Caller
from mock_server.domain.dataset import Dataset
from mock_server.domain.journal import Exchange, mask
from mock_server.domain.refusals import Refusal, RefusalKind, Why, not_found
from mock_server.domain.world import World, WorldSettings, disclose
from mock_server.http import Answer, Handler, error_answer
from mock_server.sending import send_answer
from mock_server.store.protocol import Store

BASE_PATH: Final = "/limepkg-billecta-integration"
Observe = Callable[[str, Exchange], None]
"""Told the name of the world and the exchange, right before the answer is sent."""


def _ignore(_database: str, _exchange: Exchange) -> None:
    """Nobody observes."""


_VISIT: Final = "mock_server.visit"
_KEY_HEADER: Final = b"x-api-key"
_LONGEST_NOTED: Final = 200
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z_-]{0,31}")
_LONGEST_PATH: Final = 1000

_CHALLENGE: Final = ((b"www-authenticate", b'ApiKey realm="limepkg-billecta-integration", in="header x-api-key"'),)
_REFUSALS: Final = {
    RefusalKind.NOT_FOUND: error_answer(404, "Not Found", "There is no such resource, or it is not yours to see"),
    RefusalKind.UNAUTHENTICATED: error_answer(
        401, "Unauthorized", "Send a valid key in the x-api-key header", headers=_CHALLENGE
    ),
    RefusalKind.FORBIDDEN: error_answer(
        403, "Forbidden", "The permission model denies this request to the user of this key"
    ),
}
"""One answer for each kind: every cause of a 404 gives the same bytes (MASK-2, MASK-4)."""


@dataclass(slots=True)
class Visit:
    """One request under way: what is known of it so far, for its handler and for the journal."""

    world: World
    now: datetime
    presented: list[bytes]
    operation_id: str | None = None
    resource: str | None = None
    key: ApiKey | None = None
    started: float = field(default_factory=perf_counter)


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
    """The ASGI application under `/{database}/limepkg-billecta-integration`, for all worlds."""

    def __init__(
        self, document: Mapping[str, Any], handlers: Mapping[str, Handler[Caller]], surroundings: Surroundings
    ) -> None:
        """Raises UnsupportedSpecError where the document cannot be compiled."""
        self._router = ContractRouter(document, BASE_PATH, handlers, Rules(_admit, _render))
        self._store = surroundings.store
        self._wall_clock = surroundings.wall_clock
        self._observe = surroundings.observe
        self._nowhere = World("", Dataset(), surroundings.defaults)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, and note it before its caller can know the answer."""
        database, path = split_path(scope)
        visit = self._open(database, scope)
        scope[_VISIT] = visit
        answer = await self._answer(visit, scope, path, receive)
        self._note(visit, scope, answer)
        await send_answer(answer, scope, send)

    def _open(self, database: str, scope: Scope) -> Visit:
        """A world that does not exist is one without keys, so it answers as any other does without a valid key."""
        world = self._store.world(database) or self._nowhere
        presented = [value for name, value in scope["headers"] if name == _KEY_HEADER]
        return Visit(world, world.clock.now(self._wall_clock()), presented)

    async def _answer(self, visit: Visit, scope: Scope, path: str, receive: Receive) -> Answer:
        try:
            route = self._router.find(scope["method"], path)
        except NoRouteError as error:
            return _refuse_route(error.near, scope)
        except WrongMethodError as error:
            return _refuse_method(error.allowed, scope)
        visit.operation_id = route.operation_id
        visit.resource = next(iter(route.path.values()), None)
        return await route.answer(scope, receive)

    def _note(self, visit: Visit, scope: Scope, answer: Answer) -> None:
        """One exchange into the world's journal, if that world is still there, and to whoever observes."""
        said = answer.document if isinstance(answer.document, dict) else {}
        parameters, phone = _describe_query(scope)
        exchange = Exchange(
            at=visit.now,
            method=scope["method"],
            path=scope["raw_path"][:_LONGEST_PATH].decode("latin-1"),
            parameters=parameters,
            operation=visit.operation_id,
            key=mask(visit.presented[0].decode("latin-1")) if visit.presented else None,
            key_name=visit.key.name if visit.key else None,
            status=answer.status,
            seconds=perf_counter() - visit.started,
            why=answer.why,
            phone=phone,
            resource=visit.resource,
            request_id=said.get("requestid") or (visit.resource if "requeststatus" in said else None),
            payment_status=said.get("requeststatus"),
            media_type=answer.media_type,
            size=len(answer.body),
            retry_after=_read_retry_after(answer),
        )
        self._store.add_exchange(visit.world.database, exchange)
        self._observe(visit.world.database, exchange)


def split_path(scope: Scope) -> tuple[str, str]:
    """The database that a request names, decoded, and the rest of its path, raw."""
    raw: str = scope["raw_path"].decode("latin-1")
    first, slash, rest = raw.removeprefix("/").partition("/")
    return decode_segment(first), slash + rest


def _admit(scope: Scope, operation_id: str) -> Caller | Refusal:
    """Key, then policy."""
    visit: Visit = scope[_VISIT]
    key = _authenticate(visit, scope)
    if isinstance(key, Refusal):
        return key
    return authorise(key, operation_id) or Caller(visit.world, key, visit.now)


def _authenticate(visit: Visit, scope: Scope) -> ApiKey | Refusal:
    key = authenticate(visit.world.dataset.key_ring, visit.presented)
    if isinstance(key, ApiKey):
        visit.key = key
    elif not visit.presented and (place := _find_misplaced_key(scope)):
        sentence = f"no x-api-key header was sent; {place} is not where the key belongs"
        return Refusal(key.kind, Why("key_misplaced", sentence))
    return key


def _find_misplaced_key(scope: Scope) -> str | None:
    """Where else a key may have been put, for the journal only."""
    headers = dict(scope["headers"])
    if _KEY_HEADER in scope["query_string"].lower():
        return "the query string"
    if _KEY_HEADER in headers.get(b"cookie", b"").lower():
        return "a cookie"
    return "the Authorization header" if b"authorization" in headers else None


def _render(refusal: Refusal, scope: Scope) -> Answer:
    """What the caller is shown of a refusal; the answer carries the true reason to the journal."""
    visit: Visit = scope[_VISIT]
    kind = disclose(refusal, visit.world.settings.masking)
    if kind is RefusalKind.INVALID:
        return error_answer(400, refusal.error, refusal.message, refusal.why)
    return _REFUSALS[kind].because(refusal.why)


def _read_retry_after(answer: Answer) -> float | None:
    """For how many seconds an answer asks its caller to wait."""
    return next((float(value) for name, value in answer.headers if name == b"retry-after"), None)


def _refuse_route(near: str | None, scope: Scope) -> Answer:
    """What a path that the contract has answers to the same key, so that no key can feel its way (MASK-2)."""
    hint = f"; it has {near[:_LONGEST_NOTED]}" if near else ""
    unknown = not_found("route_unknown", f"the contract has no such path{hint}")
    key = _authenticate(scope[_VISIT], scope)
    return _render(key if isinstance(key, Refusal) else unknown, scope).because(unknown.why)


def _refuse_method(allowed: tuple[str, ...], scope: Scope) -> Answer:
    """405 for a caller with a valid key; who has none does not learn which worlds and paths there are (AUTH-5)."""
    key = _authenticate(scope[_VISIT], scope)
    if isinstance(key, Refusal):
        return _render(key, scope)
    methods = ", ".join(allowed)
    why = Why("method_not_allowed", f"the contract gives this path the methods {methods}")
    headers = ((b"allow", methods.encode()),)
    return error_answer(405, "Method Not Allowed", f"This resource has the methods {methods}", why, headers=headers)


def _describe_query(scope: Scope) -> tuple[dict[str, str], str | None]:
    """The parameters of a request for the journal, all but the message masked, and the phone number that was meant."""
    pairs = split_query(scope) if scope["query_string"] else ()
    if not pairs or isinstance(pairs, Refusal):
        return {}, None
    phone = next((_as_text(value) for name, value in pairs if name == "phone"), None)
    normal = None if phone is None else normalise_phone(phone)
    shown = {_describe_name(name): _describe_value(name, value) for name, value in pairs}
    return shown, phone if isinstance(normal, Refusal) else normal


def _describe_name(raw: str) -> str:
    """A name that looks like one; anything else may well be a value that went astray."""
    return raw if _NAME.fullmatch(raw) else "***"


def _describe_value(name: str, raw: str) -> str:
    return _as_text(raw) if name == "message" else mask(_as_text(raw))


def _as_text(raw: str) -> str:
    """Percent-decoded bytes as text for a reader, cut to a sensible length."""
    return raw[:_LONGEST_NOTED].encode("latin-1").decode(errors="replace")
