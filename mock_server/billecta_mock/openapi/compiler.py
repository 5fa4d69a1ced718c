"""One operation of the contract, compiled: its request body, its responses, its examples."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
from starlette.types import Receive

from billecta_mock.domain.problems import Problem, ReasonCode, invalid
from billecta_mock.http import JSON, Response, json_response
from billecta_mock.openapi.parameters import Parameter, compile_parameter
from billecta_mock.openapi.schemas import Schema, UnsupportedSpecError, compile_schema, explain

MAX_BYTES: Final = 1024 * 1024


_ANY_MEDIA_TYPE: Final = "*/*"
_OPAQUE: Final = ({"type": "string"}, {"type": "string", "format": "binary"})
_ONLY: Final = "example"
"""The name of an example that stands alone, without one."""
_KNOWN: Final = frozenset(
    {
        "operationId", "summary", "description", "tags", "deprecated", "externalDocs",
        "parameters", "requestBody", "responses", "security",
    }
)  # fmt: skip
_NOT_QUERY: Final = ("path", "header")


@dataclass(frozen=True, slots=True)
class Body:
    """The JSON body of an operation, compiled."""

    required: bool
    schema: Schema

    def read(self, raw: bytes) -> Any:
        """The document in these bytes, None where there are none and none is needed, or a Problem."""
        if not raw:
            return invalid(ReasonCode.BODY_MISSING, "Bad Request", "a JSON body is required") if self.required else None
        document = _parse(raw)
        try:
            if isinstance(document, Problem) or self.schema.is_valid(document):
                return document
            return self._refuse(document)
        except ValueError:
            return invalid(ReasonCode.BODY_TOO_DEEP, "Bad Request", "the body is nested too deep")

    def _refuse(self, document: Any) -> Problem:
        pointer, explanation = explain(document, self.schema)
        place = f"body, at {pointer}:" if pointer else "the body"
        return invalid(ReasonCode.BODY_INVALID, "Bad Request", f"{place} {explanation}")


def compile_body(declared: Mapping[str, Any], place: str) -> Body | None:
    """The body that an operation declares, if any. Raises UnsupportedSpecError for anything but JSON."""
    if not declared:
        return None
    content = declared["content"]
    if set(content) != {JSON}:
        raise UnsupportedSpecError(f"{place}/content", "a request body that is not application/json alone")
    schema = compile_schema(content[JSON].get("schema", {}), f"{place}/content/{JSON}/schema")
    return Body(declared.get("required", False), schema)


async def receive_body(receive: Receive) -> bytes | Problem:
    """The whole body of a request; a Problem where it is larger than MAX_BYTES, or was cut off on its way.

    A body that was cut off is none at all: nothing may be done on the strength of its beginning.
    """
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return invalid(ReasonCode.BODY_CUT, "Bad Request", "the connection was closed before the body was whole")
        body += message.get("body", b"")
        if len(body) > MAX_BYTES:
            return invalid(ReasonCode.BODY_TOO_LARGE, "Bad Request", f"the body is larger than {MAX_BYTES} bytes")
        more = message.get("more_body", False)
    return bytes(body)


def _parse(raw: bytes) -> Any:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        return invalid(
            ReasonCode.BODY_NOT_JSON, "Bad Request", f"the body is not JSON in UTF-8: {error.msg} at {where}"
        )


@dataclass(frozen=True, slots=True)
class ResponseSpec:
    """One documented response: its media types, each with a validator where its schema says something of JSON."""

    validators: Mapping[str, Schema | None]
    examples: Mapping[str, Response]

    def find_violation(self, answer: Response) -> str | None:
        """What this answer does against the contract, in a sentence; None where it keeps it."""
        if not self.validators:
            return None if answer.media_type is None else "has a body where the contract gives none"
        if answer.media_type not in self.validators and _ANY_MEDIA_TYPE not in self.validators:
            return f"has media type {answer.media_type}, which the contract does not give"
        validator = self.validators.get(answer.media_type or _ANY_MEDIA_TYPE)
        if validator is None or validator.is_valid(answer.document):
            return None
        return f"has a body that the contract does not allow: {_describe(validator, answer.document)}"


def compile_response(status: int, declared: Mapping[str, Any], place: str) -> ResponseSpec:
    """A response of the document.

    Raises UnsupportedSpecError for a schema that the stage would ignore in part, and for an example against a schema.
    """
    content = declared.get("content", {})
    validators = {media_type: _compile_media_type(media_type, each, place) for media_type, each in content.items()}
    response = ResponseSpec(validators, compile_examples(status, content))
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


def compile_examples(status: int, content: Mapping[str, Any]) -> dict[str, Response]:
    """The examples of a response by name, in the order of the document; of two with one name, the first."""
    found: dict[str, Response] = {}
    for media_type, declared in content.items():
        for name, value in _examples(declared):
            found.setdefault(name, _as_answer(status, media_type, value))
    return found


def _examples(declared: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    if "example" in declared:
        yield _ONLY, declared["example"]
    for name, example in declared.get("examples", {}).items():
        if "value" in example:
            yield name, example["value"]


def _as_answer(status: int, media_type: str, value: Any) -> Response:
    """For a range of media types the value tells which one is meant: a page begins with a tag."""
    if media_type == JSON or (media_type.startswith("*") and not isinstance(value, str)):
        return json_response(status, value)
    concrete = "text/html" if media_type.startswith("*") else media_type
    return Response(status, concrete, str(value).encode())


@dataclass(frozen=True, slots=True)
class Operation:
    """What one method on one path promises. `path` is the whole template, from the base path on."""

    operation_id: str
    query_parameters: tuple[Parameter, ...]
    header_parameters: tuple[Parameter, ...]
    body: Body | None
    responses: Mapping[int, ResponseSpec]
    method: str = ""
    path: str = ""

    @property
    def negotiates(self) -> bool:
        """Whether a response has several media types, so that it matters which one the caller accepts."""
        return any(len(response.validators) > 1 for response in self.responses.values())

    def find_violation(self, answer: Response) -> str | None:
        """What this answer does against the contract, in a sentence; None where it keeps it (CODES-1)."""
        response = self.responses.get(answer.status)
        if response is None:
            return f"has status {answer.status}, which the contract does not give"
        return response.find_violation(answer)


def compile_operation(declared: Mapping[str, Any], parameters: list[Mapping[str, Any]], place: str) -> Operation:
    """An operation of the document, references resolved; `parameters` are those of the operation and of its path.

    Raises UnsupportedSpecError, naming the place, for what the stage would otherwise ignore.
    """
    for keyword in declared:
        if keyword not in _KNOWN and not keyword.startswith("x-"):
            raise UnsupportedSpecError(f"{place}/{keyword}", f"the operation keyword '{keyword}'")
    placed = [(each, f"{place}/parameters/{index}") for index, each in enumerate(parameters)]
    for parameter, where in placed:
        if parameter["in"] == "path":
            _check_path_parameter(parameter, where)
    return Operation(
        operation_id=declared["operationId"],
        query_parameters=tuple(
            compile_parameter(each, where) for each, where in placed if each["in"] not in _NOT_QUERY
        ),
        header_parameters=tuple(compile_parameter(each, where) for each, where in placed if each["in"] == "header"),
        body=compile_body(declared.get("requestBody", {}), f"{place}/requestBody"),
        responses=dict(
            _compile_response(status, each, f"{place}/responses/{status}")
            for status, each in declared["responses"].items()
        ),
    )


def _check_path_parameter(declared: Mapping[str, Any], place: str) -> None:
    """A path parameter is an opaque string: an id of any form is an id to look up (PDF-4)."""
    if declared.get("schema") != {"type": "string"}:
        raise UnsupportedSpecError(f"{place}/schema", "a path parameter with more of a schema than 'type: string'")


def _compile_response(written: str, declared: Mapping[str, Any], place: str) -> tuple[int, ResponseSpec]:
    if not written.isdecimal():
        raise UnsupportedSpecError(place, f"the response '{written}'")
    return int(written), compile_response(int(written), declared, place)
