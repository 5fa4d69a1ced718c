"""The catalogue to be read: one line each for people and `grep`, or JSON."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

import orjson

from billecta_mock.defects.catalogue import CATALOGUE
from billecta_mock.defects.defect import Defect, Group

_WAY: Final = "takes words to look for, --group GROUP, --clause CLAUSE and --json"


@dataclass(frozen=True, slots=True)
class Request:
    """Which defects are asked for: of this group and this clause, with all of these words in their lines."""

    words: tuple[str, ...] = ()
    group: str | None = None
    clause: str | None = None
    as_json: bool = False


def read_request(arguments: Sequence[str]) -> Request:
    """What stands behind the command. Raises ValueError with a sentence about what cannot be."""
    words: list[str] = []
    filters: dict[str, str] = {}
    rest = iter(arguments)
    for argument in rest:
        name, equals, value = argument.partition("=")
        if name in ("--group", "--clause"):
            filters[name] = value if equals else next(rest, "")
        elif argument.startswith("-") and argument != "--json":
            raise ValueError(f"'{argument}' is no option; it {_WAY}")
        elif argument != "--json":
            words.append(argument.lower())
    group = _check("--group", filters.get("--group"), list(Group))
    clause = _check("--clause", filters.get("--clause"), sorted({each.clause for each in CATALOGUE.values()}))
    return Request(tuple(words), group, clause, "--json" in arguments)


def find_defects(request: Request) -> list[Defect]:
    """Those that are asked for, in the order of the catalogue. Raises ValueError where there is none."""
    found = [each for each in CATALOGUE.values() if _fits(each, request)]
    if not found:
        raise ValueError("no defect has all of that; without words, the whole list is printed")
    return found


def list_as_text(defects: Iterable[Defect] = CATALOGUE.values()) -> str:
    """A line for each defect: group, name, clause, sentence, in columns as wide as the whole catalogue needs."""
    every = CATALOGUE.values()
    group = max(len(each.group) for each in every)
    name = max(len(each.name) for each in every)
    clause = max(len(each.clause) for each in every)
    return "\n".join(f"{d.group:{group}}  {d.name:{name}}  {d.clause:{clause}}  {d.sentence}" for d in defects)


def list_as_json(defects: Iterable[Defect] = CATALOGUE.values()) -> str:
    """An array of objects with the members name, group, clause and sentence."""
    shown = [
        {"name": each.name, "group": each.group, "clause": each.clause, "sentence": each.sentence} for each in defects
    ]
    return orjson.dumps(shown, option=orjson.OPT_INDENT_2).decode()


def _fits(defect: Defect, request: Request) -> bool:
    line = f"{defect.group} {defect.name} {defect.clause} {defect.sentence}".lower()
    return (
        request.group in (None, defect.group)
        and request.clause in (None, defect.clause)
        and all(word in line for word in request.words)
    )


def _check(option: str, value: str | None, known: Sequence[str]) -> str | None:
    if value is None:
        return None
    by_case = {each.lower(): each for each in known}
    if value.lower() in by_case:
        return by_case[value.lower()]
    near = get_close_matches(value.lower(), by_case, n=1)
    advice = f"did you mean '{by_case[near[0]]}'?" if near else f"there are {', '.join(known)}"
    raise ValueError(f"{option}: '{value}' is none; {advice}")
