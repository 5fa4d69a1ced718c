"""With which finding to begin: the one that others follow from, as far as that can be told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from billecta_verify.report.groups import Group
from billecta_verify.report.layout import plural
from billecta_verify.report.model import Result
from billecta_verify.transport.operations import CREATE_PAYMENT, FETCH_INVOICE, READ_STATUS

_OF_SERVER_ERRORS: Final = "CODES-2"
_OF_OPERATIONS: Final = {FETCH_INVOICE: "PDF-1", CREATE_PAYMENT: "SWISH-1", READ_STATUS: "STATUS-1"}
"""The clause that promises the answer of an operation, which those of anything else rest on."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """The findings to look at first, and why these, in a sentence that ends before them; empty for no more than order.

    `is_first` is whether they were seen before all others.
    """

    group: Group
    why: str = ""
    is_first: bool = True


def beginning(result: Result, errors: Sequence[Group]) -> Beginning:
    """Where to begin among the errors, of which there is one at least."""
    first = min(errors, key=lambda group: _position(result, group))
    return _with_server_errors(result, errors) or _with_the_operation(first, errors) or Beginning(first)


def _with_server_errors(result: Result, errors: Sequence[Group]) -> Beginning | None:
    """A server error fails whatever check it meets: where it met several clauses, it is the thing itself."""
    statuses = Counter(sent.status for sent in result.sent if sent.status >= HTTPStatus.INTERNAL_SERVER_ERROR)
    met = {group.first.clause for group in errors if _is_server_error(group)}
    own = next((group for group in errors if group.first.clause == _OF_SERVER_ERRORS), None)
    if own is None or len(met - {_OF_SERVER_ERRORS}) < _SEVERAL:
        return None
    status, count = statuses.most_common(1)[0]
    why = f"The deployment answered {status} to {plural(count, 'request')}, which {len(met)} clauses show. "
    return Beginning(own, why, is_first=False)


def _with_the_operation(first: Group, errors: Sequence[Group]) -> Beginning | None:
    """The clause of the operation itself, where it was seen to fail by the very answer that was seen first."""
    shown = first.first
    own = _OF_OPERATIONS.get(shown.operation or "")
    if shown.clause == own or shown.observed.startswith(str(HTTPStatus.UNAUTHORIZED.value)):
        return None
    alike = (group for group in errors if group.first.clause == own and group.first.observed == shown.observed)
    found = next(alike, None)
    return None if found is None else Beginning(found, is_first=False)


def _is_server_error(group: Group) -> bool:
    return group.first.observed[:1] == "5"


def _position(result: Result, group: Group) -> int:
    """When the first check of a group ended, among all checks."""
    order = {sent.check: number for number, sent in reversed(list(enumerate(result.sent)))}
    return min((order.get(finding.check, len(order)) for finding in group.findings), default=0)


_SEVERAL: Final = 2
