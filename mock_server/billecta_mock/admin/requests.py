"""The journal of a world: what was asked, and why it was answered so."""

import asyncio
from collections.abc import Mapping

from billecta_mock.admin.desk import AdminCall, AdminHandler, Desk
from billecta_mock.admin.formats import wants_text
from billecta_mock.admin.lines import write_lines
from billecta_mock.admin.search import Page, read_after, read_filter, read_newest
from billecta_mock.admin.views import show_exchange
from billecta_mock.domain.problems import Refusal
from billecta_mock.domain.verification.filters import ExchangeFilter
from billecta_mock.domain.world import World
from billecta_mock.http import Answer, empty_answer, json_answer, text_answer


class RequestHandlers:
    """Handlers of the tag `requests` that search the journal."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def handlers(self) -> Mapping[str, AdminHandler]:
        """Each handler under its operation id."""
        in_world = self._desk.in_world
        return {
            "listRequests": in_world(self.list),
            "countRequests": in_world(self.count),
            "clearRequests": in_world(self.clear),
        }

    async def list(self, call: AdminCall, world: World) -> Answer | Refusal:
        """Exchanges that match every filter: the newest, or, after a number, the next, waited for; as JSON or text."""
        wanted = read_filter(self._desk.store, world, call.query)
        if isinstance(wanted, Refusal):
            return wanted
        limit, after, seconds = (call.query[name] for name in ("limit", "after", "wait_seconds"))
        if after is None and not seconds:
            page = read_newest(self._desk.store, world.database, wanted, limit)
        else:
            page = await self._wait(world.database, wanted, after or 0, limit, seconds)
        if wants_text(call):
            return text_answer(200, write_lines(page))
        shown = [show_exchange(*numbered) for numbered in page.found]
        return json_answer(200, {"requests": shown, "last": page.last, "dropped": page.dropped})

    async def count(self, call: AdminCall, world: World) -> Answer | Refusal:
        """How many exchanges match every filter."""
        wanted = read_filter(self._desk.store, world, call.query)
        if isinstance(wanted, Refusal):
            return wanted
        page = read_after(self._desk.store, world.database, wanted, call.query["after"])
        return json_answer(200, {"count": len(page.found), "dropped": page.dropped})

    async def clear(self, _call: AdminCall, world: World) -> Answer:
        """An empty journal."""
        self._desk.store.clear_exchanges(world.database)
        return empty_answer()

    async def _wait(self, database: str, wanted: ExchangeFilter, after: int, limit: int, seconds: float) -> Page:
        """The next exchanges that match, as soon as there is one; none when the time is up, or none will come."""
        page = read_after(self._desk.store, database, wanted, after, limit)
        try:
            async with asyncio.timeout(seconds):
                while not page.found and await self._desk.store.wait_for_exchange(database, page.last):
                    page = read_after(self._desk.store, database, wanted, page.last, limit)
        except TimeoutError:
            return page
        return page
