"""Request bodies: read within a bound, parsed, and held against their schema."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
from starlette.types import Receive

from billecta_mock.contract.explanations import explain
from billecta_mock.contract.schemas import Schema, UnsupportedSpecError, compile_schema
from billecta_mock.domain.problems import Reason, Refusal, invalid
from billecta_mock.http import JSON

MAX_BYTES: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Body:
    """The JSON body of an operation, compiled."""

    required: bool
    schema: Schema

    def read(self, raw: bytes) -> Any:
        """The document in these bytes, None where there are none and none is needed, or a Refusal."""
        if not raw:
            return invalid(Reason.BODY_MISSING, "Bad Request", "a JSON body is required") if self.required else None
        document = _parse(raw)
        try:
            if isinstance(document, Refusal) or self.schema.is_valid(document):
                return document
            return self._refuse(document)
        except ValueError:
            return invalid(Reason.BODY_TOO_DEEP, "Bad Request", "the body is nested too deep")

    def _refuse(self, document: Any) -> Refusal:
        pointer, explanation = explain(document, self.schema)
        place = f"body, at {pointer}:" if pointer else "the body"
        return invalid(Reason.BODY_INVALID, "Bad Request", f"{place} {explanation}")


def compile_body(declared: Mapping[str, Any], place: str) -> Body | None:
    """The body that an operation declares, if any. Raises UnsupportedSpecError for anything but JSON."""
    if not declared:
        return None
    content = declared["content"]
    if set(content) != {JSON}:
        raise UnsupportedSpecError(f"{place}/content", "a request body that is not application/json alone")
    schema = compile_schema(content[JSON].get("schema", {}), f"{place}/content/{JSON}/schema")
    return Body(declared.get("required", False), schema)


async def receive_body(receive: Receive) -> bytes | Refusal:
    """The whole body of a request; a Refusal where it is larger than MAX_BYTES, or was cut off on its way.

    A body that was cut off is none at all: nothing may be done on the strength of its beginning.
    """
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return invalid(Reason.BODY_CUT, "Bad Request", "the connection was closed before the body was whole")
        body += message.get("body", b"")
        if len(body) > MAX_BYTES:
            return invalid(Reason.BODY_TOO_LARGE, "Bad Request", f"the body is larger than {MAX_BYTES} bytes")
        more = message.get("more_body", False)
    return bytes(body)


def _parse(raw: bytes) -> Any:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        return invalid(Reason.BODY_NOT_JSON, "Bad Request", f"the body is not JSON in UTF-8: {error.msg} at {where}")
