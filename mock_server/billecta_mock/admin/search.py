"""What is searched for in a journal, as the control API is given it, and one page of what is found."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from billecta_mock.admin.times import parse_time
from billecta_mock.domain.problems import Refusal, invalid
from billecta_mock.domain.verification.filters import ExchangeFilter, Numbered, find_misspelt, name_key, select
from billecta_mock.domain.world import World
from billecta_mock.openapi.schemas import show
from billecta_mock.store.protocol import Store

_FIELDS: Final = tuple(field.name for field in fields(ExchangeFilter))
_TIMES: Final = ("since", "until")


def read_filter(store: Store, world: World, given: Mapping[str, Any], place: str = "") -> ExchangeFilter | Refusal:
    """The filter in a query string, or in the member of a body that `place` names.

    A value that nothing in this world can have, and that its journal does not have, is refused: a claim that it never
    came would hold for ever.
    """
    values = {name: given[name] for name in _FIELDS if given.get(name) is not None}
    for name in _TIMES:
        if name in values:
            time = parse_time(values[name], f"{place}{name}")
            if isinstance(time, Refusal):
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


def read_key(store: Store, world: World, given: str) -> str | Refusal:
    """The name of a key that is given by name or itself, or its masked form."""
    flaw = _find_flaw(store, world, "key", given)
    if flaw:
        return invalid("search_impossible", "Bad Request", f"key: {flaw}")
    return name_key(given, world.dataset.keys)


def _find_flaw(store: Store, world: World, name: str, value: str) -> str | None:
    """What is wrong with a value. The text of a key, or of what is taken for one, is not said again."""
    flaw = find_misspelt(name, value, world)
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
