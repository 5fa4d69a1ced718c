"""Whether a document is a seed: its syntax, its schema, and where in it an error is.

Inside the package a problem is a `SeedSyntaxError`, which knows its place in the document; the loader, which knows the
source as well, makes a `SeedError` of it.
"""

import difflib
import json
import math
from collections.abc import Iterator
from functools import cache
from pathlib import Path as FilePath
from typing import Any, Final, Literal, NotRequired, Self, TypedDict

import jsonschema_rs

Path = tuple[str | int, ...]


_DEEPEST: Final = 16
_MOST_VALUES: Final = 500_000
_LARGEST_INTEGER: Final = 2**63
_LONGEST_SHOWN: Final = 60


class SeedSyntaxError(Exception):
    """A problem at a place in a seed document. `sentence` says what it is and how to mend it, without a full stop."""

    def __init__(self, path: Path, sentence: str) -> None:
        super().__init__(sentence)
        self.path = path
        self.sentence = sentence


class SeedError(ValueError):
    """A seed that cannot be used; the text is one sentence with what, where and how to mend it.

    `line` is the line in a YAML file, counted from 1, `pointer` is a JSON pointer; each is None where it does not
    apply.
    """

    def __init__(self, source: str, sentence: str, *, line: int | None = None, pointer: str | None = None) -> None:
        place = [source, f"line {line}" if line else None, pointer]
        end = "" if sentence.endswith("?") else "."
        super().__init__(f"{', '.join(part for part in place if part)}: {sentence}{end}")
        self.line = line
        self.pointer = pointer

    @classmethod
    def at(cls, flaw: SeedSyntaxError, source: str, line: int | None = None) -> Self:
        """The error that a flaw in this source is, on this line of it."""
        return cls(source, flaw.sentence, line=line, pointer=json_pointer(flaw.path) or None)


def json_pointer(path: Path) -> str:
    """The JSON pointer (RFC 6901) of a place."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


class KeyEntry(TypedDict):
    """An API key and what its user may do."""

    key: str
    name: str
    operations: NotRequired[Literal["all"] | list[str]]
    invoices: NotRequired[Literal["all"] | list[str]]


class PartyEntry(TypedDict):
    """A customer."""

    name: str
    address: list[str]
    organisation_number: NotRequired[str]
    vat_number: NotRequired[str]
    email: NotRequired[str]


class SellerEntry(PartyEntry):
    """The company that sends the invoices."""

    bankgiro: str
    phone: NotRequired[str]
    swish: NotRequired[str]
    f_tax: NotRequired[bool]


class LineEntry(TypedDict):
    """An invoice line; its price is in kronor."""

    text: str
    quantity: float
    unit: str
    price: float
    vat: int


class InvoiceEntry(TypedDict):
    """An invoice or, with `credit_of`, a credit note."""

    id: str
    number: str
    action: str
    state: NotRequired[Literal["open", "paid", "credited"]]
    document: NotRequired[bool]
    buyer: str | PartyEntry
    issued: str
    due: str
    credit_of: NotRequired[str]
    terms: NotRequired[str]
    reference: NotRequired[str]
    seller_reference: NotRequired[str]
    note: NotRequired[str]
    lines: list[LineEntry]


class SeedDocument(TypedDict):
    """The whole document."""

    keys: NotRequired[list[KeyEntry]]
    seller: NotRequired[SellerEntry]
    customers: NotRequired[dict[str, PartyEntry]]
    invoices: NotRequired[list[InvoiceEntry]]


_SCHEMA_FILE: Final = FilePath(__file__).with_name("seed.schema.json")


def check(document: object) -> None:
    """Raise SeedSyntaxError for the first thing in a document that no seed can hold."""
    _check_json(document)
    for error in _validator().iter_errors(document):
        raise _flaw(error)


def check_depth(path: Path) -> None:
    """Raise SeedSyntaxError for a place that lies deeper than anything in a seed."""
    if len(path) > _DEEPEST:
        raise SeedSyntaxError(path[:2], f"lists or maps are nested more than {_DEEPEST} deep; seeds are flatter")


def _check_json(document: object) -> None:
    # Aliases let a short file stand for a huge document, so what is counted is the document, written out.
    for count, (path, value) in enumerate(_values(document)):
        if count > _MOST_VALUES:
            raise SeedSyntaxError((), f"the document has more than {_MOST_VALUES} values; make it smaller")
        check_depth(path)
        problem = _unusable(value)
        if problem:
            raise SeedSyntaxError(path, problem)


def _values(document: object) -> Iterator[tuple[Path, object]]:
    waiting: list[tuple[Path, object]] = [((), document)]
    while waiting:
        path, value = waiting.pop()
        yield path, value
        if isinstance(value, dict):
            waiting.extend(((*path, key), member) for key, member in reversed(value.items()))
        elif isinstance(value, list):
            waiting.extend(((*path, len(value) - 1 - back), item) for back, item in enumerate(reversed(value)))


def _unusable(value: object) -> str | None:
    if isinstance(value, str):
        return _unusable_text(value)
    if isinstance(value, dict):
        return next(filter(None, map(_unusable_name, value)), None)
    if isinstance(value, float):
        return None if math.isfinite(value) else "this is not a finite number; write it in digits"
    if isinstance(value, int):
        return None if abs(value) < _LARGEST_INTEGER else "this number is far too large; write a smaller one"
    return None if value is None or isinstance(value, list) else f"a {type(value).__name__} is no JSON value"


def _unusable_name(name: object) -> str | None:
    return _unusable_text(name) if isinstance(name, str) else "a name in this map is not a text; put it in quotes"


def _unusable_text(text: str) -> str | None:
    try:
        text.encode()
    except UnicodeEncodeError:
        return "this text has half of a surrogate pair in it; write the character itself"
    return None


@cache
def _schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(_SCHEMA_FILE.read_bytes())
    return schema


@cache
def _validator() -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(_schema())


def operation_ids() -> frozenset[str]:
    """The operations that a policy can name, and all that `all` stands for."""
    return frozenset(_schema()["$defs"]["operations"]["items"]["enum"])


def _flaw(error: jsonschema_rs.ValidationError) -> SeedSyntaxError:
    path, details = tuple(error.instance_path), error.kind.as_dict()
    if "unexpected" in details:
        name = details["unexpected"][0]
        return SeedSyntaxError((*path, name), _unknown_member(name, _subschema(error)))
    if error.kind.name == "required":
        return SeedSyntaxError(path, f"{details['property']!r} is missing here; add it")
    return SeedSyntaxError(path, f"{_shown(error.instance)} is not {_subschema(error)['description']}")


def _unknown_member(name: str, subschema: dict[str, Any]) -> str:
    known = sorted(subschema["properties"])
    near = difflib.get_close_matches(name, known, n=1)
    advice = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"
    return f"{_shown(name)} is not known here; {advice}"


def _subschema(error: jsonschema_rs.ValidationError) -> dict[str, Any]:
    """The part of the schema whose keyword failed; its description says what is right."""
    part: Any = _schema()
    for step in error.schema_path[:-1]:
        part = part[step]
    described: dict[str, Any] = part
    return described


def _shown(value: object) -> str:
    if isinstance(value, dict | list):
        return "a map" if isinstance(value, dict) else f"a list of {len(value)}"
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    text = repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}… ({len(text)} characters)"
