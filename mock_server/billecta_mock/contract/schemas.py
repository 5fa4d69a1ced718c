"""Schemas of OpenAPI 3.0, compiled to validators."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import jsonschema_rs

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
