"""Payments of a world: what became of them, and deciding one by hand."""

from collections.abc import Mapping
from itertools import islice

from billecta_mock.admin.desk import AdminCall, AdminHandler, Desk, missing
from billecta_mock.admin.views import show_payment
from billecta_mock.domain.payments import PaymentStatus, TransitionForbiddenError, decide, settle
from billecta_mock.domain.problems import Refusal, Why
from billecta_mock.domain.world import World
from billecta_mock.http import Answer, error_answer, json_answer


class PaymentHandlers:
    """Handlers of the tag `payments`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def handlers(self) -> Mapping[str, AdminHandler]:
        """Each handler under its operation id."""
        in_world = self._desk.in_world
        return {"listPayments": in_world(self.list), "decidePayment": in_world(self.decide)}

    async def list(self, call: AdminCall, world: World) -> Answer:
        """Payments as they are now, newest first."""
        now = self._desk.now(world)
        payments = islice(self._desk.store.payments(world.database), call.query["limit"])
        return json_answer(200, {"payments": [show_payment(settle(payment, now)) for payment in payments]})

    async def decide(self, call: AdminCall, world: World) -> Answer | Refusal:
        """Move a payment by hand; 409 where the table of transitions has no such way."""
        payment = self._desk.store.payment(world.database, call.path["requestid"])
        if payment is None:
            return missing("payment", call.path["requestid"], "GET …/payments lists those of this world")
        try:
            decided = decide(payment, PaymentStatus(call.body["status"]), self._desk.now(world))
        except TransitionForbiddenError as error:
            return error_answer(409, "Conflict", str(error), Why("transition_forbidden", str(error)))
        self._desk.store.put_payment(world.database, decided)
        return json_answer(200, show_payment(decided))
