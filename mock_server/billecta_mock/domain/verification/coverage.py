"""Which answers, which outcomes of payments and which faults a client has met."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from billecta_mock.domain.actions import FaultKind
from billecta_mock.domain.journal import DELAY, GATEWAY_STATUSES, Exchange, fault_tag
from billecta_mock.domain.payments import CREATE, FETCH, READ, PaymentStatus
from billecta_mock.domain.verification.checklist_items import Item, State
from billecta_mock.domain.verification.filters import Numbered
from billecta_mock.domain.verification.near_misses import ContractSummary, OperationSummary

RESPONSES: Final = "documented responses"
OUTCOMES: Final = "outcomes of payments"
FAULTS: Final = "faults"

_FIRST_ERROR: Final = 300
_AS_USUAL: Final[Mapping[str, str]] = {
    FETCH: "fetch an invoice that exists",
    CREATE: "create a payment request with a phone number reserved for fiction, such as 46701740605",
    READ: "read the status of a payment request that was created",
}
_WAYS: Final[Mapping[PaymentStatus, tuple[PaymentStatus, ...]]] = {
    PaymentStatus.REFUNDED: (PaymentStatus.PAID, PaymentStatus.REFUNDED)
}


def check_responses(exchanges: Sequence[Numbered], outline: ContractSummary) -> list[Item]:
    """A line for each status that the contract documents for each operation."""
    return [
        _check(
            RESPONSES,
            f"{operation.operation_id} {status}",
            _find(exchanges, _is_answer(operation.operation_id, status)),
            _describe_response(operation, status),
        )
        for operation in outline
        for status in sorted(operation.statuses)
    ]


def check_outcomes(exchanges: Sequence[Numbered]) -> list[Item]:
    """A line for each status word that a read can tell."""
    return [
        _check(OUTCOMES, str(status), _find(exchanges, _is_told(status)), _describe_outcome(status))
        for status in PaymentStatus
    ]


def check_faults(exchanges: Sequence[Numbered]) -> list[Item]:
    """A line for each fault of the connection or of a gateway, and for an answer that is late."""
    faults: dict[str, Mapping[str, Any]] = {
        str(kind): {"type": str(kind)} for kind in FaultKind if kind is not FaultKind.STATUS
    }
    faults |= {str(status): _gateway(status) for status in GATEWAY_STATUSES}
    items = [
        _check(FAULTS, name, _find(exchanges, _is_marked(fault_tag(name))), _post("faults", {"fault": fault}))
        for name, fault in faults.items()
    ]
    late = _post("faults", {"delay": {"type": "fixed", "seconds": 30}})
    return [*items, _check(FAULTS, "an answer that is late", _find(exchanges, _is_marked(DELAY)), late)]


def _gateway(status: int) -> dict[str, Any]:
    fault: dict[str, Any] = {"type": str(FaultKind.STATUS), "status": status}
    return fault | {"retry_after": 2} if status in (429, 503) else fault


def _check(group: str, name: str, numbers: tuple[int, ...], advice: str) -> Item:
    if numbers:
        return Item(group, name, State.MET, f"met {len(numbers)} times" if len(numbers) > 1 else "met once", numbers)
    return Item(group, name, State.OPEN, "not met yet", advice=advice)


def _describe_response(operation: OperationSummary, status: int) -> str:
    if status < _FIRST_ERROR:
        return _AS_USUAL.get(operation.operation_id, f"call {operation.operation_id} as usual")
    return _post("rules", {"respond": {"status": status}}, operation=operation.operation_id)


def _describe_outcome(status: PaymentStatus) -> str:
    if status is PaymentStatus.CREATED:
        return "create a payment request and read its status at once"
    steps = [{"status": str(step)} for step in _WAYS.get(status, (status,))]
    return _post("rules", {"life": {"steps": steps}}, operation=CREATE) + " and create, then read the status"


def _post(kind: str, then: Mapping[str, Any], **match: str) -> str:
    """The call of the admin API that makes it happen to the next request, once."""
    rule = {"times": 1, **({"match": match} if match else {}), "then": then}
    return f"curl -X POST $CONTROL/{kind} -d '{json.dumps(rule)}'"


def _find(exchanges: Iterable[Numbered], is_meant: Callable[[Exchange], bool]) -> tuple[int, ...]:
    return tuple(number for number, exchange in exchanges if is_meant(exchange))


def _is_answer(operation_id: str, status: int) -> Callable[[Exchange], bool]:
    return lambda exchange: exchange.operation == operation_id and exchange.status == status


def _is_told(status: PaymentStatus) -> Callable[[Exchange], bool]:
    return lambda exchange: exchange.operation == READ and exchange.payment_status == status


def _is_marked(mark: str) -> Callable[[Exchange], bool]:
    return lambda exchange: mark in exchange.marks
