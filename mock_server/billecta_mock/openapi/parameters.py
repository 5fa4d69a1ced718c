"""Parameters of an operation: found in the request, decoded, and held against their schemas."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, unquote_to_bytes

from starlette.types import Scope

from billecta_mock.domain.problems import Problem, ReasonCode, invalid
from billecta_mock.openapi.schemas import Schema, UnsupportedSpecError, compile_schema, explain, show, suggest

_KNOWN: Final = frozenset({"name", "in", "required", "description", "schema", "example", "examples", "deprecated"})
_BOOLEANS: Final = {"true": True, "false": False}
_MAX_FIELDS: Final = 200
_INTEGER: Final = re.compile(r"-?[0-9]{1,18}")
_SPLIT: Final = "billecta_mock.query"

QueryPairs = list[tuple[str, str]]
"""Names and values of a query string, percent-decoded byte for byte (as Latin-1), not yet as text."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter in the path, the query string or the headers, compiled."""

    name: str
    required: bool
    default: Any
    decode: Callable[[str], Any]
    schema: Schema

    def read_query(self, pairs: QueryPairs) -> Any:
        """Its value in a query string; the default where it is absent; or a Problem."""
        values = [value for name, value in pairs if name == self.name]
        if len(values) == 1:
            return self.read(values[0])
        if values:
            return _refuse(ReasonCode.PARAMETER_REPEATED, f"{self.name} is given {len(values)} times; give it once")
        if self.required:
            return _refuse(ReasonCode.PARAMETER_MISSING, f"{self.name} is required in the query string and is missing")
        return self.default

    def read(self, raw: str) -> Any:
        """The value of these bytes (as Latin-1), or a Problem that names the parameter and the rule."""
        try:
            text = raw if raw.isascii() else raw.encode("latin-1").decode()
            value = self.decode(text)
        except UnicodeDecodeError:
            return _refuse(ReasonCode.PARAMETER_NOT_UTF8, f"{self.name} is not valid UTF-8 after percent-decoding")
        except ValueError as reason:
            return _refuse(ReasonCode.PARAMETER_TYPE, f"{self.name} {reason}")
        if self.schema.is_valid(value):
            return value
        return _refuse(ReasonCode.PARAMETER_INVALID, f"{self.name} {explain(value, self.schema)[1]}")


def compile_parameter(declared: Mapping[str, Any], place: str) -> Parameter:
    """A parameter of the document. Raises UnsupportedSpecError for what the stage would otherwise ignore."""
    for keyword in declared:
        if keyword not in _KNOWN and not keyword.startswith("x-"):
            raise UnsupportedSpecError(f"{place}/{keyword}", f"the parameter keyword '{keyword}'")
    if declared["in"] not in ("path", "query") and not _is_optional_header(declared):
        raise UnsupportedSpecError(f"{place}/in", f"a parameter in the {declared['in']}")
    schema = declared.get("schema", {})
    decode = _DECODERS.get(schema.get("type", "string"))
    if decode is None:
        raise UnsupportedSpecError(f"{place}/schema/type", f"a parameter of type {schema['type']}")
    compiled = compile_schema(schema, f"{place}/schema")
    return Parameter(declared["name"], declared.get("required", False), schema.get("default"), decode, compiled)


def _is_optional_header(declared: Mapping[str, Any]) -> bool:
    return declared["in"] == "header" and not declared.get("required", False)


def split_query(scope: Scope) -> QueryPairs | Problem:
    """The pairs of a request's query string, in order, blank values kept. Split once, kept in the scope."""
    if _SPLIT not in scope:
        scope[_SPLIT] = _split(scope["query_string"])
    pairs: QueryPairs | Problem = scope[_SPLIT]
    return pairs


def read_all(parameters: Iterable[Parameter], pairs: QueryPairs) -> dict[str, Any] | Problem:
    """The values of all these query parameters, or the first Problem."""
    values: dict[str, Any] = {}
    for parameter in parameters:
        value = parameter.read_query(pairs)
        if isinstance(value, Problem):
            return value
        values[parameter.name] = value
    return values


def pair_headers(parameters: Iterable[Parameter], scope: Scope) -> QueryPairs:
    """The headers of a request that these parameters name, by the names that the parameters have."""
    names = {parameter.name.lower().encode(): parameter.name for parameter in parameters}
    return [(names[name], value.decode("latin-1")) for name, value in scope["headers"] if name in names]


def find_unknown(parameters: Iterable[Parameter], pairs: QueryPairs) -> Problem | None:
    """A Problem for the first query parameter that is not among these, for an API that takes no others."""
    known = sorted(parameter.name for parameter in parameters)
    for name, _ in pairs:
        if name not in known:
            advice = suggest(name, known) if known else "this path takes none"
            return _refuse(ReasonCode.PARAMETER_UNKNOWN, f"{show(name)} is no query parameter here; {advice}")
    return None


def decode_segment(segment: str) -> str:
    """The text of one raw path segment. Bytes that are not UTF-8 become U+FFFD, so that every text can be written."""
    if "%" not in segment:
        return segment
    return unquote_to_bytes(segment).decode(errors="replace")


def _split(query_string: bytes) -> QueryPairs | Problem:
    if not query_string:
        return []
    try:
        return parse_qsl(
            query_string.decode("latin-1"), keep_blank_values=True, encoding="latin-1", max_num_fields=_MAX_FIELDS
        )
    except ValueError:
        return _refuse(ReasonCode.QUERY_TOO_LONG, f"the query string has more than {_MAX_FIELDS} parameters")


def _refuse(code: ReasonCode, message: str) -> Problem:
    return invalid(code, "Bad Request", message)


def _decode_integer(text: str) -> int:
    if not _INTEGER.fullmatch(text):
        raise ValueError("must be a whole number of at most 18 digits")
    return int(text)


def _decode_boolean(text: str) -> bool:
    if text not in _BOOLEANS:
        raise ValueError("must be true or false")
    return _BOOLEANS[text]


_DECODERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "string": str,
    "integer": _decode_integer,
    "boolean": _decode_boolean,
}
