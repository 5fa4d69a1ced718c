"""Responses of an operation: every answer is held against them before it is sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from billecta_mock.contract.examples import compile_examples
from billecta_mock.contract.explanations import explain
from billecta_mock.contract.schemas import Schema, UnsupportedSpecError, compile_schema
from billecta_mock.http import JSON, Answer

_ANY_MEDIA_TYPE: Final = "*/*"
_OPAQUE: Final = ({"type": "string"}, {"type": "string", "format": "binary"})


@dataclass(frozen=True, slots=True)
class Response:
    """One documented response: its media types, each with a validator where its schema says something of JSON."""

    validators: Mapping[str, Schema | None]
    examples: Mapping[str, Answer]

    def find_violation(self, answer: Answer) -> str | None:
        """What this answer does against the contract, in a sentence; None where it keeps it."""
        if not self.validators:
            return None if answer.media_type is None else "has a body where the contract gives none"
        if answer.media_type not in self.validators and _ANY_MEDIA_TYPE not in self.validators:
            return f"has media type {answer.media_type}, which the contract does not give"
        validator = self.validators.get(answer.media_type or _ANY_MEDIA_TYPE)
        if validator is None or validator.is_valid(answer.document):
            return None
        return f"has a body that the contract does not allow: {_describe(validator, answer.document)}"


def compile_response(status: int, declared: Mapping[str, Any], place: str) -> Response:
    """A response of the document.

    Raises UnsupportedSpecError for a schema that the stage would ignore in part, and for an example against a schema.
    """
    content = declared.get("content", {})
    validators = {media_type: _compile_media_type(media_type, each, place) for media_type, each in content.items()}
    response = Response(validators, compile_examples(status, content))
    for name, example in response.examples.items():
        if (violation := response.find_violation(example)) is not None:
            raise UnsupportedSpecError(f"{place}: the example '{name}'", f"an example that {violation}")
    return response


def _compile_media_type(media_type: str, declared: Mapping[str, Any], place: str) -> Schema | None:
    schema = declared.get("schema")
    if not schema or (media_type != JSON and schema in _OPAQUE):
        return None
    where = f"{place}/content/{media_type.replace('/', '~1')}/schema"
    if media_type != JSON:
        raise UnsupportedSpecError(where, f"a schema for {media_type} that is more than a text or binary")
    return compile_schema(schema, where)


def _describe(validator: Schema, document: Any) -> str:
    pointer, explanation = explain(document, validator)
    return f"at '{pointer}', it {explanation}"
