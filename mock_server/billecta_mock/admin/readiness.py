"""Whether the clients of a world are ready to go live, as far as its journal shows."""

import asyncio
from collections.abc import Mapping
from itertools import groupby
from typing import Any, Final
from urllib.parse import quote

from billecta_mock.admin.desk import AdminCall, AdminHandler, Desk
from billecta_mock.admin.formats import wants_text
from billecta_mock.admin.outline import outline
from billecta_mock.admin.search import Page, read_after, read_key
from billecta_mock.admin.views import show_time
from billecta_mock.domain.problems import Refusal
from billecta_mock.domain.text import count_of
from billecta_mock.domain.verification.checklist import Checklist, assess, select_client
from billecta_mock.domain.verification.checklist_items import Item, State
from billecta_mock.domain.verification.expectations import list_numbers
from billecta_mock.domain.verification.filters import ExchangeFilter
from billecta_mock.domain.world import World
from billecta_mock.http import Answer, json_answer, text_answer

_MOST_NUMBERS: Final = 100
_BOXES: Final = {State.MET: "[x]", State.OPEN: "[ ]", State.FINDING: "[!]"}


class ReadinessHandlers:
    """Handlers of the tag `readiness`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def handlers(self) -> Mapping[str, AdminHandler]:
        """Each handler under its operation id."""
        return {"getReadiness": self._desk.in_world(self.show)}

    async def show(self, call: AdminCall, world: World) -> Answer | Refusal:
        """The checklist, of all clients of the world or of one key's, as JSON or as a page of text."""
        key = self._read_key(call, world)
        if isinstance(key, Refusal):
            return key
        page = read_after(self._desk.store, world.database, ExchangeFilter(), call.query["after"])
        exchanges = page.found if key is None else select_client(page.found, key)
        contract, patience = outline(self._desk.contract().values()), world.settings.pace.expire_after
        checklist = await asyncio.to_thread(assess, exchanges, contract, patience)
        control = f"{call.origin}/__admin/worlds/{quote(world.database)}"
        if wants_text(call):
            whose = f"the client with the key '{key}'" if key else "all clients"
            head = f"Readiness of {whose} in the world '{world.database}', {show_time(self._desk.now(world))}"
            return text_answer(200, _write(checklist, page, head, control))
        return json_answer(200, {"key": key, "control": control, **_show(checklist, page)})

    def _read_key(self, call: AdminCall, world: World) -> str | Refusal | None:
        given = call.query["key"]
        return None if given is None else read_key(self._desk.store, world, given)


def _show(checklist: Checklist, page: Page) -> dict[str, Any]:
    return {
        "ready": checklist.is_ready,
        "verdict": checklist.verdict,
        "exchanges": checklist.exchanges,
        "dropped": page.dropped,
        **{str(state): checklist.count(state) for state in State},
        "items": [_show_item(item) for item in checklist.items],
    }


def _show_item(item: Item) -> dict[str, Any]:
    return {
        "group": item.group,
        "name": item.name,
        "state": item.state,
        "sentence": item.sentence,
        "seen": list(item.numbers[:_MOST_NUMBERS]),
        "meaning": item.meaning,
        "advice": item.advice,
    }


def _write(checklist: Checklist, page: Page, head: str, control: str) -> str:
    rest = f"{checklist.count(State.MET)} met; from {count_of(checklist.exchanges, 'exchange')} of the journal"
    lines = [checklist.verdict, head, rest]
    if page.dropped:
        lines.append(
            f"The journal no longer holds {count_of(page.dropped, 'older exchange')}: what was met there is not "
            "counted here. Start the mock with a larger --journal-size."
        )
    lines.append(f"CONTROL={control}")
    for group, items in groupby(checklist.items, key=lambda item: item.group):
        lines += ["", group.capitalize(), *(line for item in items for line in _write_item(item))]
    return "\n".join(lines) + "\n"


def _write_item(item: Item) -> list[str]:
    numbers = f" ({list_numbers(item.numbers)})" if item.numbers else ""
    lines = [f"  {_BOXES[item.state]} {item.name}: {item.sentence}{numbers}"]
    lines += [f"        in production: {item.meaning}"] if item.meaning else []
    label = "what to do" if item.state is State.FINDING else "how"
    return [*lines, f"        {label}: {item.advice}"] if item.advice else lines
