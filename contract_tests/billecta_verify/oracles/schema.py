"""Whether an answer fits the OpenAPI document, validated by schemathesis, and whether a body is the promised JSON."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any, Final, NoReturn

import schemathesis
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.schemas import APIOperation

from billecta_spec import load_openapi
from billecta_verify.transport.exchange import Exchange
from billecta_verify.transport.operations import CREATE_PAYMENT, FETCH_INVOICE, READ_STATUS

PLACES: Final = {
    FETCH_INVOICE: ("/fetch-invoice-pdf/{invoice_id}/", "GET"),
    CREATE_PAYMENT: ("/payments/swish/{id}", "POST"),
    READ_STATUS: ("/payments/swish/{id}", "GET"),
}


@lru_cache(maxsize=1)
def _schema() -> schemathesis.BaseSchema:
    return schemathesis.openapi.from_dict(load_openapi())


def operation(operation_id: str) -> APIOperation[Any, Any, Any, Any]:
    """The operation of the contract with this operationId, as schemathesis knows it."""
    path, method = PLACES[operation_id]
    return _schema()[path][method]


@lru_cache(maxsize=8)
def documented_statuses(operation_id: str) -> frozenset[int]:
    """The status codes that the page gives for an operation."""
    path, method = PLACES[operation_id]
    return frozenset(int(status) for status in load_openapi()["paths"][path][method.lower()]["responses"])


def schema_flaw(exchange: Exchange) -> str | None:
    """Where the answer departs from the schema of its operation and status, in one line; None where it fits."""
    if exchange.response is None or exchange.broken:
        return exchange.broken
    try:
        operation(exchange.request.operation).validate_response(exchange.response)
    except (Failure, FailureGroup) as failure:
        return _titles(failure)
    except RecursionError:
        return "the JSON is nested too deeply to be read"
    return None


def _titles(failure: Failure | FailureGroup) -> str:
    """The kinds of failure only: their messages quote the answer."""
    failures = failure.exceptions if isinstance(failure, FailureGroup) else [failure]
    return "; ".join(sorted({getattr(item, "title", type(item).__name__) for item in failures}))


def json_flaw(exchange: Exchange) -> str | None:
    """Why the body is not valid UTF-8 JSON with a JSON media type; None where it is."""
    if not exchange.is_json:
        return f"there is {exchange.shown_media_type} in place of JSON"
    return json_body_flaw(exchange)


def json_body_flaw(exchange: Exchange) -> str | None:
    """Why the body, whatever its media type, is not valid UTF-8 JSON."""
    if exchange.broken:
        return f"the body is not whole: {exchange.broken}"
    try:
        text = exchange.body.decode("utf-8")
    except UnicodeDecodeError as error:
        return f"byte {error.start} of the body is not UTF-8"
    try:
        json.loads(text, parse_constant=_refuse_constant)
    except ValueError as error:
        return f"the body is not JSON ({error})" if text else "the body is empty"
    except RecursionError:
        return "the JSON is nested too deeply to be read"
    return None


def error_envelope_flaw(exchange: Exchange) -> str | None:
    """Why a 400 is not a JSON object with `error` and `message`, both strings; None where it is."""
    flaw = json_flaw(exchange)
    return flaw or _member_flaw(exchange.json(), "error") or _member_flaw(exchange.json(), "message")


def string_member_flaw(exchange: Exchange, name: str) -> str | None:
    """Why the body is not a JSON object with this member as a string."""
    return json_flaw(exchange) or _member_flaw(exchange.json(), name)


def _member_flaw(document: Any, name: str) -> str | None:
    if not isinstance(document, dict):
        return "the JSON is no object"
    if name not in document:
        return f"the object has no member `{name}`"
    return None if isinstance(document[name], str) else f"`{name}` is not a string"


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")
