"""The journal of a world: search, pages of results, and one line of text for each request."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from billecta_mock.admin.context import AdminCall, AdminContext, AdminHandler, wants_text
from billecta_mock.admin.views import parse_time, show_exchange, show_time
from billecta_mock.domain.journal import Exchange
from billecta_mock.domain.problems import Problem, invalid
from billecta_mock.domain.text import pluralize
from billecta_mock.domain.verification.filters import ExchangeFilter, Numbered, name_key, select, validate_filter_value
from billecta_mock.domain.world import World
from billecta_mock.http import Response, empty_response, json_response, text_response
from billecta_mock.openapi.schemas import show
from billecta_mock.store.protocol import Store

_FIELDS: Final = tuple(field.name for field in fields(ExchangeFilter))
_TIMES: Final = ("since", "until")


def read_filter(store: Store, world: World, given: Mapping[str, Any], place: str = "") -> ExchangeFilter | Problem:
    """The filter in a query string, or in the member of a body that `place` names.

    A value that nothing in this world can have, and that its journal does not have, is refused: a claim that it never
    came would hold for ever.
    """
    values = {name: given[name] for name in _FIELDS if given.get(name) is not None}
    for name in _TIMES:
        if name in values:
            time = parse_time(values[name], f"{place}{name}")
            if isinstance(time, Problem):
                return time
            values[name] = time
    if "status" in values:
        values["status"] = str(values["status"])
    for name, value in values.items():
        if name not in _TIMES and (flaw := _find_flaw(store, world, name, value)):
            return invalid("search_impossible", "Bad Request", f"{place}{name}: {flaw}")
    if "key" in values:
        values["key"] = name_key(values["key"], world.dataset.keys)
    return ExchangeFilter(**values)


def read_key(store: Store, world: World, given: str) -> str | Problem:
    """The name of a key that is given by name or itself, or its masked form."""
    flaw = _find_flaw(store, world, "key", given)
    if flaw:
        return invalid("search_impossible", "Bad Request", f"key: {flaw}")
    return name_key(given, world.dataset.keys)


def _find_flaw(store: Store, world: World, name: str, value: str) -> str | None:
    """What is wrong with a value. The text of a key, or of what is taken for one, is not said again."""
    flaw = validate_filter_value(name, value, world)
    given: dict[str, Any] = {name: value}
    if flaw is None or any(select(store.exchanges(world.database), ExchangeFilter(**given), 1)):
        return None
    return flaw if name == "key" else f"{show(value)} {flaw}"


@dataclass(frozen=True, slots=True)
class Page:
    """Exchanges that were found, and where to go on: after the one with the number `last`.

    `dropped` says how many of those searched the journal no longer holds.
    """

    found: list[Numbered]
    last: int
    dropped: int


def read_newest(store: Store, database: str, wanted: ExchangeFilter, limit: int) -> Page:
    """The newest exchanges that match, newest first."""
    found = list(select(store.exchanges(database), wanted, limit))
    return Page(found, store.last_number(database), store.dropped(database, 0))


def read_after(store: Store, database: str, wanted: ExchangeFilter, after: int, limit: int | None = None) -> Page:
    """The first exchanges above `after` that match, oldest first, so that whoever goes on from the last misses none.

    A number that the journal has not reached is from before the world was made again: everything is new then.
    """
    newest = store.last_number(database)
    after = after if after <= newest else 0
    found = list(select(store.exchanges_after(database, after), wanted, limit))
    last = found[-1][0] if len(found) == limit else newest
    return Page(found, last, store.dropped(database, after))


def write_line(number: int, exchange: Exchange) -> str:
    """Number, time, method, path, status, the code of the true reason, and the marks."""
    status = "no answer" if exchange.status is None else exchange.status
    line = f"#{number}  {show_time(exchange.at)}  {exchange.method} {exchange.path} -> {status}  {exchange.why.code}"
    return f"{line}  {' '.join(exchange.marks)}" if exchange.marks else line


def write_lines(page: Page) -> str:
    """A page of exchanges; what the journal no longer holds is said at its end."""
    lines = [write_line(*numbered) for numbered in page.found] or ["No such exchange."]
    if page.dropped:
        dropped = pluralize(page.dropped, "older exchange")
        lines.append(f"The journal no longer holds {dropped}; --journal-size keeps more.")
    return "\n".join(lines) + "\n"


class RequestHandlers:
    """Handlers of the tag `requests` that search the journal."""

    def __init__(self, context: AdminContext) -> None:
        self._context = context

    def handlers(self) -> Mapping[str, AdminHandler]:
        """Each handler under its operation id."""
        in_world = self._context.in_world
        return {
            "listRequests": in_world(self.list),
            "countRequests": in_world(self.count),
            "clearRequests": in_world(self.clear),
        }

    async def list(self, call: AdminCall, world: World) -> Response | Problem:
        """Exchanges that match every filter: the newest, or, after a number, the next, waited for; as JSON or text."""
        wanted = read_filter(self._context.store, world, call.query)
        if isinstance(wanted, Problem):
            return wanted
        limit, after, seconds = (call.query[name] for name in ("limit", "after", "wait_seconds"))
        if after is None and not seconds:
            page = read_newest(self._context.store, world.database, wanted, limit)
        else:
            page = await self._wait(world.database, wanted, after or 0, limit, seconds)
        if wants_text(call):
            return text_response(200, write_lines(page))
        shown = [show_exchange(*numbered) for numbered in page.found]
        return json_response(200, {"requests": shown, "last": page.last, "dropped": page.dropped})

    async def count(self, call: AdminCall, world: World) -> Response | Problem:
        """How many exchanges match every filter."""
        wanted = read_filter(self._context.store, world, call.query)
        if isinstance(wanted, Problem):
            return wanted
        page = read_after(self._context.store, world.database, wanted, call.query["after"])
        return json_response(200, {"count": len(page.found), "dropped": page.dropped})

    async def clear(self, _call: AdminCall, world: World) -> Response:
        """An empty journal."""
        self._context.store.clear_exchanges(world.database)
        return empty_response()

    async def _wait(self, database: str, wanted: ExchangeFilter, after: int, limit: int, seconds: float) -> Page:
        """The next exchanges that match, as soon as there is one; none when the time is up, or none will come."""
        page = read_after(self._context.store, database, wanted, after, limit)
        try:
            async with asyncio.timeout(seconds):
                while not page.found and await self._context.store.wait_for_exchange(database, page.last):
                    page = read_after(self._context.store, database, wanted, page.last, limit)
        except TimeoutError:
            return page
        return page
