"""The `Prefer` header, by which a client chooses one of the documented answers (RFC 7240)."""

from collections.abc import Mapping
from typing import Final

from billecta_mock.domain.actions import CannedResponse, Life, Outcome, find_path
from billecta_mock.domain.payments import CREATE, READ, PaymentStatus
from billecta_mock.domain.problems import Reason, Refusal, invalid
from billecta_mock.openapi.compiler import Operation
from billecta_mock.openapi.schemas import show, suggest

_KNOWN: Final = ("code", "example", "status")
_OK: Final = 200


def read_preference(header: str, operation: Operation) -> Outcome | Refusal | None:
    """What a `Prefer` header asks of this operation; None where it asks for nothing that the mock knows.

    `code` is a documented status, `example` the name of a documented example, `status` a status of payments. What is
    not documented is refused, so that no test passes for a misspelt preference.
    """
    from werkzeug.http import parse_dict_header  # noqa: PLC0415 — slow to import, and most clients have no preference

    parsed = parse_dict_header(header.replace(";", ","))
    wishes = {name.lower(): value or "" for name, value in parsed.items() if name.lower() in _KNOWN}
    if "status" in wishes:
        return _wish_status(wishes, operation)
    return _wish_response(wishes, operation) if wishes else None


def _wish_response(wishes: Mapping[str, str], operation: Operation) -> Outcome | Refusal:
    code, example = wishes.get("code"), wishes.get("example")
    codes = [str(status) for status in operation.responses]
    if code is not None and code not in codes:
        return _refuse("code", code, operation, f"there are {', '.join(codes)}")
    statuses = [int(code)] if code is not None else list(operation.responses)
    if example is None:
        return Outcome(response=CannedResponse(statuses[0]))
    found = next((status for status in statuses if example in operation.responses[status].examples), None)
    if found is None:
        names = dict.fromkeys(name for status in statuses for name in operation.responses[status].examples)
        return _refuse("example", example, operation, suggest(example, list(names)))
    return Outcome(response=CannedResponse(found, example))


def _wish_status(wishes: Mapping[str, str], operation: Operation) -> Outcome | Refusal:
    status = wishes["status"]
    if len(wishes) > 1:
        return _bad_request("Prefer: status goes with neither code nor example")
    if operation.operation_id not in (CREATE, READ):
        return _bad_request(f"Prefer: status={show(status)}: {operation.operation_id} is not about a payment")
    if status not in map(str, PaymentStatus):
        return _refuse("status", status, operation, suggest(status, list(PaymentStatus)))
    if operation.operation_id == CREATE:
        return Outcome(life=Life(find_path(PaymentStatus(status))))
    return Outcome(response=CannedResponse(_OK, document={"requeststatus": status}))


def _refuse(kind: str, value: str, operation: Operation, advice: str) -> Refusal:
    return _bad_request(f"Prefer: {kind}={show(value)} is not documented for {operation.operation_id}; {advice}")


def _bad_request(message: str) -> Refusal:
    return invalid(Reason.PREFERENCE_UNKNOWN, "Bad Request", message)
