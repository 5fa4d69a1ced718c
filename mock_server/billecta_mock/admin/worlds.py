"""Worlds, their settings and their payments: make, show, change, reset, remove."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import islice
from typing import Final

from billecta_mock.admin.context import AdminCall, AdminContext, AdminHandler, missing
from billecta_mock.admin.views import show_payment, show_settings, show_world
from billecta_mock.domain.payments import PaymentStatus, Progression, TransitionForbiddenError, decide, settle
from billecta_mock.domain.problems import Problem, Reason, invalid
from billecta_mock.domain.world import Dataset, Masking, World, WorldSettings, is_database_name
from billecta_mock.http import Response, empty_response, error_response, json_response
from billecta_mock.store.protocol import StoreFullError
from billecta_mock.store.seed import SeedError, default_seed, parse_seed


class WorldHandlers:
    """Handlers of the tag `worlds`."""

    def __init__(self, context: AdminContext) -> None:
        self._context = context

    def handlers(self) -> Mapping[str, AdminHandler]:
        """Each handler under its operation id."""
        in_world = self._context.in_world
        return {
            "listWorlds": self.list,
            "putWorld": self.put,
            "getWorld": in_world(self.show),
            "deleteWorld": in_world(self.delete),
            "resetWorld": in_world(self.reset),
            "getSettings": in_world(self.show_settings),
            "patchSettings": in_world(self.change_settings),
        }

    async def list(self, _call: AdminCall) -> Response:
        """All worlds."""
        wall = self._context.wall_clock()
        worlds = filter(None, map(self._context.store.world, self._context.store.databases()))
        return json_response(200, {"worlds": [show_world(world, wall) for world in worlds]})

    async def put(self, call: AdminCall) -> Response | Problem:
        """A new world under this name, seeded with the body or the sample; one of that name before is dropped."""
        database = call.path["database"]
        if not is_database_name(database):
            return invalid("world_name", "Bad Request", _BAD_NAME)
        dataset = _seed(call.body)
        if isinstance(dataset, Problem):
            return dataset
        world = self._context.new_world(database, dataset)
        replaced = self._drop(database)
        try:
            self._context.store.put_world(world)
        except StoreFullError as full:
            message = f"{full}; DELETE one, or start the mock with a higher --max-worlds"
            return error_response(507, "Insufficient Storage", message, Reason("worlds_full", message))
        return json_response(200 if replaced else 201, show_world(world, self._context.wall_clock()))

    async def show(self, _call: AdminCall, world: World) -> Response:
        """One world."""
        return json_response(200, show_world(world, self._context.wall_clock()))

    async def delete(self, _call: AdminCall, world: World) -> Response:
        """No world of this name any more."""
        self._drop(world.database)
        return empty_response()

    async def reset(self, _call: AdminCall, world: World) -> Response:
        """The world as it was when it was made: no payments, no journal; settings, clock and script of a new one."""
        self._context.store.clear_world(world.database)
        self._context.store.put_world(self._context.new_world(world.database, world.dataset))
        self._context.clocks.wake(world.database)
        return empty_response()

    def _drop(self, database: str) -> bool:
        """Drop a world if there is one, and let those look who wait by its clock."""
        dropped = self._context.store.delete_world(database)
        self._context.clocks.wake(database)
        return dropped

    async def show_settings(self, _call: AdminCall, world: World) -> Response:
        """How the world behaves."""
        return json_response(200, show_settings(world.settings))

    async def change_settings(self, call: AdminCall, world: World) -> Response | Problem:
        """Change those settings that the body names; 400 where nobody could pay any more."""
        changes = dict(call.body)
        for name, kind in (("masking", Masking), ("progression", Progression)):
            if name in changes:
                changes[name] = kind(changes[name])
        settings = replace(world.settings, **changes)
        if _PAYING & changes.keys() and _pays_too_late(settings):
            return invalid("settings_conflict", "Bad Request", _TOO_LATE.format(settings=settings))
        self._context.store.put_world(world.with_settings(settings))
        return json_response(200, show_settings(settings))


_PAYING: Final = frozenset({"progression", "pay_after_seconds", "expire_after_seconds"})
_TOO_LATE: Final = (
    "body: a payment would be Error after {settings.expire_after_seconds:g} seconds, before it is Paid after "
    "{settings.pay_after_seconds:g}; set 'pay_after_seconds' below 'expire_after_seconds', or the progression 'manual'"
)


def _pays_too_late(settings: WorldSettings) -> bool:
    """Whether every payment would expire before its payer answers."""
    by_time = settings.progression is Progression.TIME
    return by_time and settings.pay_after_seconds >= settings.expire_after_seconds


_BAD_NAME = (
    "a world's name has 1 to 64 of the characters A-Z a-z 0-9 . _ - and space, begins with a letter or digit, "
    "and is not 'docs'"
)


def _seed(body: object) -> Dataset | Problem:
    if body is None:
        return default_seed()
    try:
        return parse_seed(body, "body")
    except SeedError as error:
        return invalid("seed_invalid", "Bad Request", str(error))


class PaymentHandlers:
    """Handlers of the tag `payments`."""

    def __init__(self, context: AdminContext) -> None:
        self._context = context

    def handlers(self) -> Mapping[str, AdminHandler]:
        """Each handler under its operation id."""
        in_world = self._context.in_world
        return {"listPayments": in_world(self.list), "decidePayment": in_world(self.decide)}

    async def list(self, call: AdminCall, world: World) -> Response:
        """Payments as they are now, newest first."""
        now = self._context.now(world)
        payments = islice(self._context.store.payments(world.database), call.query["limit"])
        return json_response(200, {"payments": [show_payment(settle(payment, now)) for payment in payments]})

    async def decide(self, call: AdminCall, world: World) -> Response | Problem:
        """Move a payment by hand; 409 where the table of transitions has no such way."""
        payment = self._context.store.payment(world.database, call.path["requestid"])
        if payment is None:
            return missing("payment", call.path["requestid"], "GET …/payments lists those of this world")
        try:
            decided = decide(payment, PaymentStatus(call.body["status"]), self._context.now(world))
        except TransitionForbiddenError as error:
            return error_response(409, "Conflict", str(error), Reason("transition_forbidden", str(error)))
        self._context.store.put_payment(world.database, decided)
        return json_response(200, show_payment(decided))
