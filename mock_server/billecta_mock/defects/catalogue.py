"""Every defect by name: find them, list them, apply those of a world."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from http import HTTPStatus
from typing import Final

import orjson

from billecta_mock.defects import authentication, documents, errors, http, masking, payments, validation
from billecta_mock.defects.context import DefectContext, RequestView
from billecta_mock.defects.defect import Defect, Group, UnknownDefectError
from billecta_mock.http import Response

_DEFECTS: Final = (
    *http.ADDRESS_DEFECTS,
    *authentication.DEFECTS,
    *authentication.KEY_DEFECTS,
    *masking.DEFECTS,
    *masking.TIMING_DEFECTS,
    *authentication.PERMISSION_DEFECTS,
    *documents.DEFECTS,
    *documents.INVOICE_DEFECTS,
    *payments.CREATE_DEFECTS,
    *validation.DEFECTS,
    *payments.STATUS_DEFECTS,
    *errors.DEFECTS,
    *http.METHOD_DEFECTS,
    *http.FORMAT_DEFECTS,
    *errors.DISCLOSURE_DEFECTS,
)

UNBREAKABLE: Final[Mapping[str, str]] = {
    "SEC-1": "plain http is a matter of how the server is reached, not of what it answers: start it without TLS",
}
"""Clauses that no defect breaks, and why."""


_WAY: Final = "takes words to look for, --group GROUP, --clause CLAUSE and --json"
_BODILESS: Final = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})


def _by_name(defects: Iterable[Defect]) -> dict[str, Defect]:
    catalogue: dict[str, Defect] = {}
    for defect in defects:
        if defect.name in catalogue:
            raise ValueError(f"two defects are called '{defect.name}'")
        catalogue[defect.name] = defect
    return catalogue


CATALOGUE: Final[Mapping[str, Defect]] = _by_name(_DEFECTS)


def check_names(names: Iterable[str]) -> tuple[str, ...]:
    """The names of defects, each once, in the order given. Raises UnknownDefectError for the first that is none."""
    checked: dict[str, None] = {}
    for index, name in enumerate(names):
        if name not in CATALOGUE:
            near = get_close_matches(name, CATALOGUE, n=1)
            raise UnknownDefectError(name, index, near[0] if near else None)
        checked[name] = None
    return tuple(checked)


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


def mutate_request(
    names: Iterable[str], request: RequestView, context: DefectContext
) -> tuple[RequestView, tuple[str, ...]]:
    """The request as the server shall believe that it was asked, and the names of the defects that changed it."""
    changed = []
    for name in names:
        believed = CATALOGUE[name].ask(request, context)
        if believed != request:
            changed.append(name)
        request = believed
    return request, tuple(changed)


def mutate_response(
    names: Iterable[str], answer: Response, context: DefectContext
) -> tuple[Response, float, tuple[str, ...]]:
    """The answer as it shall be sent, the seconds to hold it back, and the names of the defects that changed it."""
    delay, changed = 0.0, []
    for name in names:
        defect = CATALOGUE[name]
        waits = defect.delay(answer, context)
        spoilt = defect.answer(answer, context)
        if waits or spoilt != answer:
            changed.append(name)
        answer, delay = spoilt, delay + waits
    return _without_forbidden_body(answer), delay, tuple(changed)


def _without_forbidden_body(answer: Response) -> Response:
    """Two defects may add up to a 204 or 304 with a body, which would be no HTTP at all."""
    return answer._replace(body=b"") if answer.status in _BODILESS else answer
