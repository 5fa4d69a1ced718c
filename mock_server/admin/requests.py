"""The journal of a world: what was asked, and why it was answered so."""

from collections.abc import Mapping

from mock_server.admin.desk import AdminCall, AdminHandler, Desk
from mock_server.admin.views import show_exchange
from mock_server.domain.journal import ExchangeFilter, select
from mock_server.domain.world import World
from mock_server.http import Answer, empty_answer, json_answer


class RequestHandlers:
    """Handlers of the tag `requests`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def handlers(self) -> Mapping[str, AdminHandler]:
        """Each handler under its operation id."""
        in_world = self._desk.in_world
        return {"listRequests": in_world(self.list), "clearRequests": in_world(self.clear)}

    async def list(self, call: AdminCall, world: World) -> Answer:
        """Exchanges that match every filter given, newest first."""
        wanted = ExchangeFilter(
            operation=call.query["operation"],
            status=call.query["status"],
            method=call.query["method"],
            why=call.query["why"],
        )
        found = select(self._desk.store.exchanges(world.database), wanted, call.query["limit"])
        return json_answer(200, {"requests": [show_exchange(*numbered) for numbered in found]})

    async def clear(self, _call: AdminCall, world: World) -> Answer:
        """An empty journal."""
        self._desk.store.clear_exchanges(world.database)
        return empty_answer()
