"""The contract in outline: as much of it as a comparison of requests with it needs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OutlinedParameter:
    """One parameter of a query string."""

    name: str
    required: bool


@dataclass(frozen=True, slots=True)
class OutlinedOperation:
    """One operation: `path` is its template below the name of the world, `statuses` those that are documented."""

    operation_id: str
    method: str
    path: str
    parameters: tuple[OutlinedParameter, ...] = ()
    statuses: tuple[int, ...] = ()


Outline = tuple[OutlinedOperation, ...]
