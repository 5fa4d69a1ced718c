"""Does an answer fit the OpenAPI document? Judged by schemathesis."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

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
