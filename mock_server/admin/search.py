"""What is searched for in a journal, as the control API is given it, and one page of what is found."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from mock_server.admin.times import parse_time
from mock_server.domain.refusals import Refusal
from mock_server.domain.search import ExchangeFilter, Numbered, select
from mock_server.store.protocol import Store

_FIELDS: Final = tuple(field.name for field in fields(ExchangeFilter))
_TIMES: Final = ("since", "until")


def read_filter(given: Mapping[str, Any], place: str = "") -> ExchangeFilter | Refusal:
    """The filter in a query string, or in the member of a body that `place` names."""
    values = {name: given[name] for name in _FIELDS if given.get(name) is not None}
    for name in _TIMES:
        if name in values:
            time = parse_time(values[name], f"{place}{name}")
            if isinstance(time, Refusal):
                return time
            values[name] = time
    if "status" in values:
        values["status"] = str(values["status"])
    return ExchangeFilter(**values)


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
    searched = list(store.exchanges(database))
    last = store.last_number(database)
    return Page(list(select(searched, wanted, limit)), last, last - len(searched))


def read_after(store: Store, database: str, wanted: ExchangeFilter, after: int, limit: int | None = None) -> Page:
    """The first exchanges above `after` that match, oldest first, so that whoever goes on from the last misses none.

    A number that the journal has not reached is from before the world was made again: everything is new then.
    """
    newest = store.last_number(database)
    after = after if after <= newest else 0
    searched = list(store.exchanges(database, after))
    found = list(select(reversed(searched), wanted, limit))
    last = found[-1][0] if len(found) == limit else newest
    return Page(found, last, newest - after - len(searched))
