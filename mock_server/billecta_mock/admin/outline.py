"""The contract as it is served now, in outline."""

from collections.abc import Iterable

from billecta_mock.domain.verification.near_misses import Outline, OutlinedOperation, OutlinedParameter
from billecta_mock.openapi.compiler import Operation


def outline(operations: Iterable[Operation]) -> Outline:
    """As much of compiled operations as the domain needs."""
    return tuple(
        OutlinedOperation(
            operation_id=operation.operation_id,
            method=operation.method,
            path=operation.path,
            parameters=tuple(OutlinedParameter(each.name, each.required) for each in operation.query_parameters),
            statuses=tuple(operation.responses),
        )
        for operation in operations
    )
