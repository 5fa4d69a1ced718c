"""Claims about the journal of a world: which requests, and how many of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Unpack

from billecta_mock.client.errors import is_explained, refuse_unknown
from billecta_mock.client.forms import Operation, RequestFilter

__tracebackhide__ = is_explained
_FILTERS: Final = frozenset(RequestFilter.__annotations__)


@dataclass(frozen=True, slots=True)
class Claim:
    """So many requests of this kind. Made by `exactly`, `at_least`, `at_most`, `between` and `never`."""

    request: Mapping[str, object]
    number: Mapping[str, int]

    def document(self) -> dict[str, Any]:
        """The claim as the control plane takes it."""
        return {"request": dict(self.request), **self.number}


def exactly(count: int, operation: Operation | None = None, **request: Unpack[RequestFilter]) -> Claim:
    """So many of these requests came in all, no more and no fewer."""
    return Claim(filter_of(operation, request), {"exactly": count})


def at_least(count: int, operation: Operation | None = None, **request: Unpack[RequestFilter]) -> Claim:
    """So many of these requests came, or more."""
    return Claim(filter_of(operation, request), {"at_least": count})


def at_most(count: int, operation: Operation | None = None, **request: Unpack[RequestFilter]) -> Claim:
    """No more of these requests came than so many."""
    return Claim(filter_of(operation, request), {"at_most": count})


def between(least: int, most: int, operation: Operation | None = None, **request: Unpack[RequestFilter]) -> Claim:
    """Neither fewer of these requests came nor more."""
    return Claim(filter_of(operation, request), {"at_least": least, "at_most": most})


def never(operation: Operation | None = None, **request: Unpack[RequestFilter]) -> Claim:
    """No such request came."""
    return Claim(filter_of(operation, request), {"never": True})


def filter_of(operation: Operation | None, request: RequestFilter) -> dict[str, object]:
    """The filter of a claim or of a search: an operation, if any, and what else. Raises OptionError."""
    refuse_unknown(request, _FILTERS)
    return {**({} if operation is None else {"operation": operation}), **request}
