"""Schemas of OpenAPI 3.0, compiled to validators, and their errors as sentences."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final, cast

import jsonschema_rs

_LONGEST_SHOWN: Final = 64
_FORMS: Final = {"date-time": "a time such as 2030-01-31T12:00:00Z"}
_ON_FORM: Final = frozenset({"pattern", "anyOf"})
_TYPES: Final = {
    "integer": "a whole number",
    "number": "a number",
    "string": "a text",
    "boolean": "true or false",
    "object": "a JSON object",
    "array": "a list",
    "null": "null",
}


_APPLIED: Final = frozenset(
    {
        "type", "format", "enum", "nullable", "not", "allOf", "anyOf", "oneOf",
        "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
        "minLength", "maxLength", "pattern",
        "items", "minItems", "maxItems", "uniqueItems",
        "properties", "required", "additionalProperties", "minProperties", "maxProperties",
    }
)  # fmt: skip
FORM: Final = "x-form"
"""The keyword under which a schema says in words, after "must be", which form a value has."""
_DESCRIBING: Final = frozenset({"title", "description", "default", "example", "deprecated", "externalDocs"})


def explain(value: Any, schema: Schema) -> tuple[str, str]:
    """The first violation of a value that is not valid: its place as a JSON pointer, and the rest of the sentence."""
    error = next(iter(schema.validator.iter_errors(value)))
    pointer = "".join(f"/{part}" for part in error.instance_path)
    rule = _find_rule(schema.words, error.schema_path[:-1])
    if FORM in rule and error.kind.name in _ON_FORM:
        return pointer, f"must be {rule[FORM]}"
    if error.kind.name == "additionalProperties":
        return pointer, _explain_unknown(error.kind.value[0], rule)
    explanation = _EXPLANATIONS.get(error.kind.name)
    return pointer, explanation(error.instance, error.kind) if explanation else f"is refused: {error.message}"


def _find_rule(words: Mapping[str, Any], path: Sequence[str | int]) -> Mapping[str, Any]:
    """The part of a schema that was not kept."""
    found: Any = words
    for part in path:
        found = found[part]
    return cast("Mapping[str, Any]", found)


def _explain_unknown(member: str, rule: Mapping[str, Any]) -> str:
    known = list(rule.get("properties", {}))
    return f"has the unknown member {show(member)}" + (f"; {suggest(member, known)}" if known else "")


def show(text: str) -> str:
    """A text of the caller's as it is quoted back, cut to a sensible length."""
    return f"'{text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + '…'}'"


def suggest(word: str, known: list[str]) -> str:
    """The end of a sentence about an unknown word: what was probably meant, or what there is."""
    near = get_close_matches(word, known, n=1)
    return f"did you mean '{near[0]}'?" if near else f"there are {', '.join(known)}"


def _explain_length(value: str, kind: Any) -> str:
    return f"has {len(value)} characters; at least {kind.value} are needed" if value else "is empty; it is required"


def _explain_type(_value: Any, kind: Any) -> str:
    return f"must be {' or '.join(_TYPES[each] for each in kind.value)}"


_EXPLANATIONS: Final[Mapping[str, Callable[[Any, Any], str]]] = {
    "minLength": _explain_length,
    "maxLength": lambda value, kind: f"has {len(value)} characters; at most {kind.value} are allowed",
    "anyOf": lambda *_: "has none of the forms that are allowed here",
    "pattern": lambda _, kind: f"must have the form {kind.value}",
    "maxItems": lambda value, kind: f"has {len(value)} elements; at most {kind.value} are allowed",
    "minItems": lambda _, kind: f"must have at least {kind.value} element",
    "minimum": lambda _, kind: f"must be at least {kind.value}",
    "maximum": lambda _, kind: f"must be at most {kind.value}",
    "enum": lambda _, kind: f"must be one of {', '.join(map(str, kind.value))}",
    "type": _explain_type,
    "format": lambda _, kind: f"must be {_FORMS.get(kind.value, kind.value)}",
    "required": lambda _, kind: f"lacks '{kind.value}'",
    "minProperties": lambda _, kind: f"must have at least {kind.value} member",
}


class UnsupportedSpecError(ValueError):
    """The document asks for something that the compiled stage does not do; the start stops here."""

    def __init__(self, place: str, feature: str) -> None:
        sentence = f"{place}: {feature} is not supported; take it out of the document, or teach the stage to do it"
        super().__init__(sentence)


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema, compiled: it says whether a value keeps it, and has its words for whoever explains why not."""

    validator: jsonschema_rs.Draft4Validator
    words: Mapping[str, Any]

    def is_valid(self, value: Any) -> bool:
        """Whether the value keeps it. Raises ValueError for one that is nested too deep."""
        return self.validator.is_valid(value)


def compile_schema(schema: Mapping[str, Any], place: str) -> Schema:
    """A schema whose references are resolved, compiled.

    `place` says where in the document the schema stands. Raises UnsupportedSpecError for a keyword that would
    otherwise be ignored.
    """
    translated = _translate(schema, place)
    return Schema(jsonschema_rs.Draft4Validator(translated, validate_formats=True, mask="the value"), translated)


def _translate(schema: Mapping[str, Any], place: str) -> dict[str, Any]:
    """The same schema in the words of JSON Schema draft 4, of which OpenAPI 3.0 is a dialect."""
    translated = {
        keyword: _translate_keyword(keyword, value, f"{place}/{keyword}")
        for keyword, value in schema.items()
        if not _is_describing(keyword)
    }
    if translated.pop("nullable", False):
        return {"anyOf": [translated, {"type": "null"}]}
    return translated


def _is_describing(keyword: str) -> bool:
    return keyword in _DESCRIBING or (keyword.startswith("x-") and keyword != FORM)


def _translate_keyword(keyword: str, value: Any, place: str) -> Any:
    if keyword == FORM:
        return value
    if keyword not in _APPLIED:
        raise UnsupportedSpecError(place, f"the schema keyword '{keyword}'")
    if keyword == "format" and value == "binary":
        return "x-binary"
    if keyword == "properties":
        return {name: _translate(each, f"{place}/{name}") for name, each in value.items()}
    if keyword in ("allOf", "anyOf", "oneOf"):
        return [_translate(each, f"{place}/{index}") for index, each in enumerate(value)]
    if keyword in ("items", "not", "additionalProperties") and isinstance(value, Mapping):
        return _translate(value, place)
    return value
