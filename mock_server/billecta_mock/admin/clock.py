"""The clock of a world: show it, set it, move it on."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from billecta_mock.admin.context import AdminCall, AdminContext, AdminHandler
from billecta_mock.admin.views import parse_time, show_clock, show_move, show_release, show_scheduled_change
from billecta_mock.domain.clock import FROZEN, REAL, Clock, ClockError, ClockMode
from billecta_mock.domain.payments import find_moves, settle
from billecta_mock.domain.problems import Problem, Reason, invalid
from billecta_mock.domain.world import World
from billecta_mock.http import Response, error_response, json_response


class ClockHandlers:
    """Handlers of the tag `clock`."""

    def __init__(self, context: AdminContext) -> None:
        self._context = context

    def handlers(self) -> Mapping[str, AdminHandler]:
        """Each handler under its operation id."""
        in_world = self._context.in_world
        return {
            "getClock": in_world(self.show),
            "putClock": in_world(self.set),
            "advanceClock": in_world(self.advance),
        }

    async def show(self, _call: AdminCall, world: World) -> Response:
        """What the world's clock shows."""
        return json_response(200, show_clock(world.clock, self._context.wall_clock()))

    async def set(self, call: AdminCall, world: World) -> Response | Problem:
        """Freeze the clock, let it run, or let it run faster, from now or from a later time; 409 for an earlier one."""
        wall = self._context.wall_clock()
        shown = parse_time(call.body["now"], "body, at '/now'") if "now" in call.body else world.clock.now(wall)
        if isinstance(shown, Problem):
            return shown
        rate = _read_rate(call.body, world.clock)
        return (
            rate if isinstance(rate, Problem) else self._move(world, wall, lambda clock: clock.set(wall, shown, rate))
        )

    async def advance(self, call: AdminCall, world: World) -> Response:
        """Move the clock on; 409 for a step backwards."""
        wall = self._context.wall_clock()
        by = timedelta(seconds=call.body["seconds"])
        return self._move(world, wall, lambda clock: clock.advance(wall, by))

    def _move(self, world: World, wall: datetime, move: Callable[[Clock], Clock]) -> Response:
        try:
            clock = move(world.clock)
        except ClockError as error:
            return error_response(409, "Conflict", str(error), Reason("clock_refused", str(error)))
        self._context.store.put_world(world.with_clock(clock))
        events = self._find_events(world, world.clock.now(wall), clock.now(wall))
        self._context.clocks.wake(world.database)
        return json_response(200, {**show_clock(clock, wall), "events": events})

    def _find_events(self, world: World, earlier: datetime, later: datetime) -> list[dict[str, Any]]:
        """What fell due between two times, in order."""
        events = self._settle_all(world, earlier, later)
        turns = world.behaviour.find_scheduled_changes(earlier, later)
        events += [(turn.at, show_scheduled_change(turn)) for turn in turns]
        deadlines = self._context.clocks.deadlines(world.database)
        events += [(at, show_release(at)) for at in deadlines if at <= later]
        return [event for _, event in sorted(events, key=lambda pair: pair[0])]

    def _settle_all(self, world: World, earlier: datetime, later: datetime) -> list[tuple[datetime, dict[str, Any]]]:
        """The moves of payments; they are kept as they are then."""
        payments = [settle(payment, earlier) for payment in self._context.store.payments(world.database)]
        moves = find_moves(payments, later)
        for payment, _ in moves:
            self._context.store.put_payment(world.database, payment)
        return [(move.at, show_move(payment, move)) for payment, move in moves]


_RATES: Final[Mapping[str | None, float]] = {ClockMode.FROZEN: FROZEN, ClockMode.REAL: REAL}


def _explain_rate(mode: str | None) -> str:
    if mode == ClockMode.SCALED:
        return "with the mode scaled, such as 60: then a minute takes a second"
    if mode is None:
        return "with the mode scaled, and only then; add 'mode': 'scaled'"
    return f"with the mode scaled, and only then; leave it out with the mode {mode}"


def _read_rate(body: Mapping[str, Any], clock: Clock) -> float | Problem:
    """The rate that a body asks for; that of the clock as it is where it asks for none."""
    mode = body.get("mode")
    if (mode == ClockMode.SCALED) != ("rate" in body):
        return invalid("rate_misplaced", "Bad Request", f"the body must have 'rate' {_explain_rate(mode)}")
    return float(body["rate"]) if mode == ClockMode.SCALED else _RATES.get(mode, clock.rate)
