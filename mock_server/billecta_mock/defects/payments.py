"""Defects of payment requests: creating them, and reading their status."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from billecta_mock.defects.context import DefectContext, RequestView
from billecta_mock.defects.defect import Change, Defect, Group
from billecta_mock.defects.mutators import (
    fail,
    is_absent_action,
    is_absent_payment,
    is_created,
    is_status,
    map_document,
    miss,
    put,
    redirect,
    refuse,
    rename,
    say,
    say_nothing,
    say_text,
    set_status,
    when,
    with_document,
)
from billecta_mock.domain.invoices import InvoiceState
from billecta_mock.domain.payments import Payment, PaymentStatus
from billecta_mock.http import Response

_CREATE: Final = Group.CREATING
_DIGITS_OF_NUMBER: Final = 12
_SHORTEST_PART_OF_ACTION: Final = 3


_SHORTEST_PART_OF_ID: Final = 8
_WARM_UP: Final = timedelta(seconds=1)
_LEASE: Final = timedelta(seconds=1)
_GUID_DASHES: Final = 4
_STATUS_NUMBERS: Final = {word: number for number, word in enumerate(PaymentStatus)}


def _created(name: str, clause: str, sentence: str, change: Change) -> Defect:
    return Defect(name, _CREATE, clause, sentence, answer=when(is_created, change))


def _no_action(name: str, clause: str, sentence: str, change: Change) -> Defect:
    return Defect(name, _CREATE, clause, sentence, answer=when(is_absent_action, change))


def _identify(find: Callable[[list[Payment], DefectContext], str]) -> Change:
    """The request id that is said is another. `find` gets the payments, newest first, of which the first was made."""

    def change(answer: Response, context: DefectContext) -> Response:
        payments = list(context.payments())
        return with_document(answer, {"requestid": find(payments, context)}) if payments else answer

    return change


def _previous(payments: list[Payment], _context: DefectContext) -> str:
    """Every second payment request gets the id of the one before."""
    return payments[len(payments) % 2 == 0].request_id


def _first_for_phone(payments: list[Payment], _context: DefectContext) -> str:
    return next(each.request_id for each in reversed(payments) if each.phone == payments[0].phone)


def _said(answer: Response, member: str) -> Any:
    return answer.document.get(member) if isinstance(answer.document, dict) else None


def _id_as_number(said: dict[str, Any]) -> Any:
    digits = "".join(character for character in str(said.get("requestid")) if character.isdecimal())
    return {**said, "requestid": int(digits[:_DIGITS_OF_NUMBER] or "1")}


def _find_open_actions(context: DefectContext) -> list[str]:
    invoices = context.world.dataset.invoices
    return [each.action_id for each in invoices if each.state is InvoiceState.OPEN and each.outstanding > 0]


def _create_for(find: Callable[[str, list[str]], str | None]) -> Callable[[RequestView, DefectContext], RequestView]:
    """An unknown action is taken for one that is open."""

    def believe(request: RequestView, context: DefectContext) -> RequestView:
        if not request.is_create or context.names_action:
            return request
        meant = find(request.resource or "", _find_open_actions(context))
        return request.with_resource(meant) if meant else request

    return believe


def _part_of(given: str, actions: list[str]) -> str | None:
    return next((each for each in actions if len(given) > _SHORTEST_PART_OF_ACTION and each.startswith(given)), None)


def _is_blocked(answer: Response, _context: DefectContext) -> bool:
    return answer.why.code == "RP06"


_ANSWERED: Final = (
    _created("create-is-200", "SWISH-1", "A create is answered 200.", set_status(200)),
    _created("create-is-202", "CODES-1", "A create is answered 202: it may be made later.", set_status(202)),
    _created("create-is-redirected", "SWISH-1", "A create redirects to the status of the payment request.",
             redirect(303, lambda answer, _context: str(_said(answer, "requestid")))),
    _created("create-is-empty", "SWISH-1", "A create is answered 201 without a body.", say_nothing(201)),
    _created("create-is-200-with-error", "SWISH-1", "A create is 200 with an error inside.",
             say(200, {"error": "RP06", "message": "Try again later"})),
    _created("create-is-400", "SWISH-1", "Every create is refused once it is made.", refuse("Billecta is busy")),
    _created("create-is-404", "SWISH-1", "Every create is answered as if its action were unknown.", miss()),
    _created("create-is-html", "SWISH-1", "A create is answered with a page.",
             say_text(201, "<!doctype html><title>Created</title>")),
    _created("requestid-renamed", "SWISH-1", "The id is called requestId.", rename("requestid", "requestId")),
    _created("requestid-called-id", "SWISH-1", "The id is called id.", rename("requestid", "id")),
    _created("requestid-numeric", "SWISH-1", "The id is a number.", map_document(_id_as_number)),
    _created("requestid-null", "SWISH-1", "The id is null.", put(requestid=None)),
    _created("requestid-in-list", "SWISH-1", "The id is in a list.", map_document(lambda said: [said])),
    _created("requestid-nested", "SWISH-1", "The id is an object inside of another.",
             map_document(lambda said: {"data": said})),
    _created("requestid-alone", "SWISH-1", "The answer is the id, not an object that holds it.",
             map_document(lambda said: said.get("requestid"))),
    _created("requestid-empty", "SWISH-2", "The id is empty.", put(requestid="")),
    _created("requestid-blank", "SWISH-2", "The id is a space.", put(requestid=" ")),
    _created("requestid-always-same", "SWISH-2", "Every payment request has the id of the first.",
             _identify(lambda payments, _context: payments[-1].request_id)),
    _created("requestid-twice", "SWISH-2", "Every second payment request has the id of the one before.",
             _identify(_previous)),
    _created("requestid-by-phone", "SWISH-2", "Payment requests to the same phone number have the same id.",
             _identify(_first_for_phone)),
    _created("requestid-by-action", "SWISH-2", "The id of a payment request is that of its action.",
             _identify(lambda _payments, context: context.request.resource or "")),
    _created("requestid-by-day", "SWISH-2", "The id of a payment request is the date.",
             _identify(lambda _payments, context: f"{context.now:%Y%m%d}")),
)  # fmt: skip

_UNKNOWN_ACTIONS: Final = (
    Defect("unknown-action-accepted", _CREATE, "SWISH-9", "An unknown action is taken for the first open one.",
           ask=_create_for(lambda _given, actions: actions[0] if actions else None)),
    Defect("part-of-action-accepted", _CREATE, "SWISH-9", "The beginning of an action's id is taken for that action.",
           ask=_create_for(_part_of)),
    Defect("action-with-suffix-accepted", _CREATE, "SWISH-9", "An action's id with anything after it is accepted.",
           ask=_create_for(lambda given, actions: next((each for each in actions if given.startswith(each)), None))),
    _no_action("unknown-action-is-201", "SWISH-9", "A create for an unknown action is said to be made, and is not.",
             say(201, {"requestid": "0" * 32})),
    _no_action("unknown-action-is-400", "SWISH-9", "An unknown action is a bad request.", refuse("No such action")),
    _no_action("unknown-action-is-403", "SWISH-9", "An unknown action is forbidden.", set_status(403)),
    _no_action("unknown-action-is-422", "CODES-1", "An unknown action cannot be processed.", set_status(422)),
    _no_action("unknown-action-is-500", "CODES-2", "An unknown action makes the server fail.", fail()),
    Defect("live-request-is-409", _CREATE, "CODES-1", "A second live request to one phone is a conflict, not a 400.",
           answer=when(_is_blocked, set_status(409))),
)  # fmt: skip

CREATE_DEFECTS: Final = (*_ANSWERED, *_UNKNOWN_ACTIONS)


_READ: Final = Group.STATUS


def _read(name: str, clause: str, sentence: str, change: Change) -> Defect:
    return Defect(name, _READ, clause, sentence, answer=when(is_status, change))


def _unreadable(name: str, sentence: str, applies: Callable[[DefectContext], bool], change: Change) -> Defect:
    def concerns(answer: Response, context: DefectContext) -> bool:
        return is_status(answer, context) and applies(context)

    return Defect(name, _READ, "STATUS-2", sentence, answer=when(concerns, change))


def _no_payment(name: str, clause: str, sentence: str, change: Change) -> Defect:
    return Defect(name, _READ, clause, sentence, answer=when(is_absent_payment, change))


def _count_reads(context: DefectContext) -> int:
    """How often the status of this payment request was asked for with a valid key, this time included."""
    return 1 + sum(
        exchange.method == "GET" and exchange.key_name is not None and exchange.path.endswith(context.request.path)
        for exchange in context.earlier()
    )


def _age(context: DefectContext) -> timedelta:
    payment = context.payment
    return context.now - payment.created_at if payment else timedelta.max


def _is_second_payment(context: DefectContext) -> bool:
    """Whether it is the second payment request, the fourth, and so on, of those that there are."""
    ids = [payment.request_id for payment in context.payments()]
    return context.request.resource in ids[::-1][1::2]


def _is_not_newest(context: DefectContext) -> bool:
    newest = next(context.payments(), None)
    return newest is not None and newest.request_id != context.request.resource


def _is_settled(context: DefectContext) -> bool:
    payment = context.payment
    return payment is not None and payment.status is not PaymentStatus.CREATED


def _status_as_number(said: dict[str, Any]) -> Any:
    return {**said, "requeststatus": _STATUS_NUMBERS.get(said.get("requeststatus", ""), 0)}


def _read_newest(request: RequestView, context: DefectContext) -> RequestView:
    newest = next(context.payments(), None)
    if not request.is_read or newest is None or context.names_payment or context.names_action:
        return request
    return request.with_resource(newest.request_id)


def _read_by_action(request: RequestView, context: DefectContext) -> RequestView:
    of_action = (payment for payment in context.payments() if payment.action_id == request.resource)
    newest = next(of_action, None) if request.is_read else None
    return request.with_resource(newest.request_id) if newest else request


def _read_by(resembles: Callable[[str, str], bool]) -> Callable[[RequestView, DefectContext], RequestView]:
    """An id that resembles that of a payment request, the second argument, is taken for it."""

    def believe(request: RequestView, context: DefectContext) -> RequestView:
        given = request.resource or ""
        if not request.is_read or len(given) < _SHORTEST_PART_OF_ID or context.names_payment:
            return request
        ids = (payment.request_id for payment in context.payments())
        meant = next((each for each in ids if resembles(given, each)), None)
        return request.with_resource(meant) if meant else request

    return believe


def _names_unused_action(answer: Response, context: DefectContext) -> bool:
    return is_absent_payment(answer, context) and context.names_action


def _names_invoice_id(answer: Response, context: DefectContext) -> bool:
    return (
        is_absent_payment(answer, context) and context.world.dataset.invoice(context.request.resource or "") is not None
    )


def _looks_like_guid(answer: Response, context: DefectContext) -> bool:
    return is_absent_payment(answer, context) and (context.request.resource or "").count("-") == _GUID_DASHES


_SAID: Final = (
    _read("requeststatus-called-status", "STATUS-1", "The status is called status.", rename("requeststatus", "status")),
    _read("requeststatus-renamed", "STATUS-1", "The status is called requestStatus.",
          rename("requeststatus", "requestStatus")),
    _read("requeststatus-null", "STATUS-1", "The status is null.", put(requeststatus=None)),
    _read("requeststatus-numeric", "STATUS-1", "The status is a number.", map_document(_status_as_number)),
    _read("requeststatus-true", "STATUS-1", "The status is whether it was paid.", put(requeststatus=True)),
    _read("requeststatus-nested", "STATUS-1", "The status is an object.",
          map_document(lambda said: {"requeststatus": {"value": said.get("requeststatus")}})),
    _read("requeststatus-in-list", "STATUS-1", "The status comes in a list.", map_document(lambda said: [said])),
    _read("requeststatus-alone", "STATUS-1", "The answer is the word, not an object that holds it.",
          map_document(lambda said: said.get("requeststatus"))),
    _read("status-as-text", "STATUS-1", "The status is plain text.", say_text(200, "Created", "text/plain")),
    _read("status-is-201", "STATUS-1", "Reading a status is answered 201.", set_status(201)),
    _read("status-is-empty-object", "STATUS-1", "The answer is an object without members.", say(200, {})),
    _read("status-is-200-with-error", "STATUS-1", "Reading a status is 200 with an error inside.",
          say(200, {"error": "timeout", "message": "Billecta did not answer"})),
    _read("status-is-204", "CODES-1", "Reading a status is answered with nothing at all.", say_nothing(204)),
    _read("requeststatus-empty", "STATUS-4", "The status is empty.", put(requeststatus="")),
    _read("requeststatus-blank", "STATUS-4", "The status is a space.", put(requeststatus=" ")),
)  # fmt: skip

_READ_AGAIN: Final = (
    _unreadable("first-read-is-404", "The first read of a status finds nothing.",
                lambda context: _count_reads(context) == 1, miss()),
    _unreadable("second-read-is-404", "The second read of a status finds nothing.",
                lambda context: _count_reads(context) == 2, miss()),  # noqa: PLR2004 — the sentence's
    _unreadable("fifth-read-is-500", "Every fifth read of a status fails.",
                lambda context: _count_reads(context) % 5 == 0, fail()),
    _unreadable("status-read-once", "A status can be read once.", lambda context: _count_reads(context) > 1, miss()),
    _unreadable("status-late", "In its first second, a payment request has no status yet.",
                lambda context: _age(context) < _WARM_UP, miss()),
    _unreadable("status-forgotten", "After a second, a payment request is forgotten.",
                lambda context: _age(context) > _LEASE, miss()),
    _unreadable("status-gone-once-settled", "A payment request that is paid or has failed is not found any more.",
                _is_settled, miss()),
    _unreadable("second-payment-unreadable", "Every second payment request has no status.",
                _is_second_payment, miss()),
    _unreadable("newest-payment-readable", "Only the newest payment request has a status.", _is_not_newest, miss()),
    _unreadable("status-empty-on-second-read", "The second read of a status is an empty object.",
                lambda context: _count_reads(context) == 2, say(200, {})),  # noqa: PLR2004 — the sentence's
)  # fmt: skip

_UNKNOWN: Final = (
    _no_payment("unknown-payment-is-created", "STATUS-3", "An unknown id has the status Created.",
             say(200, {"requeststatus": "Created"})),
    _no_payment("unknown-payment-is-unknown", "STATUS-3", "An unknown id has the status Unknown.",
             say(200, {"requeststatus": "Unknown"})),
    _no_payment("unknown-payment-is-null", "STATUS-3", "An unknown id is 200 with a status of null.",
             say(200, {"requeststatus": None})),
    _no_payment("unknown-payment-is-204", "STATUS-3", "An unknown id is nothing at all.", say_nothing(204)),
    _no_payment("unknown-payment-is-400", "STATUS-3", "An unknown id is a bad request.", refuse("No such request")),
    _no_payment("unknown-payment-is-403", "STATUS-3", "An unknown id is forbidden.", set_status(403)),
    _no_payment("unknown-payment-is-410", "CODES-1", "An unknown id is said to be gone.", set_status(410)),
    _no_payment("unknown-payment-is-500", "CODES-2", "An unknown id makes the server fail.", fail()),
    Defect("unknown-payment-is-newest", _READ, "STATUS-3", "An unknown id has the status of the newest request.",
           ask=_read_newest),
    Defect("guid-is-500", _READ, "STATUS-3", "An unknown id in the form of a GUID makes the server fail.",
           answer=when(_looks_like_guid, fail())),
    Defect("action-has-status", _READ, "STATUS-3", "The id of an invoice action has a status.",
           answer=when(_names_unused_action, say(200, {"requeststatus": "Created"}))),
    Defect("action-has-status-of-payment", _READ, "STATUS-3",
           "The id of an action has the status of the newest payment request for it.", ask=_read_by_action),
    Defect("invoice-has-status", _READ, "STATUS-3", "The id of an invoice has a status.",
           answer=when(_names_invoice_id, say(200, {"requeststatus": "Created"}))),
    Defect("part-of-requestid-accepted", _READ, "STATUS-3", "The beginning of a request id is taken for it.",
           ask=_read_by(lambda given, known: known.startswith(given))),
    Defect("requestid-with-suffix-accepted", _READ, "STATUS-3", "A request id with anything after it is accepted.",
           ask=_read_by(lambda given, known: given.startswith(known))),
)  # fmt: skip

STATUS_DEFECTS: Final = (*_SAID, *_READ_AGAIN, *_UNKNOWN)
