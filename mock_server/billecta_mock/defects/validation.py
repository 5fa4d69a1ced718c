"""Defects of validation: parameters that are accepted or refused against the contract, and what a 400 looks like."""

import re
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote

from billecta_mock.defects.context import DefectContext, RequestView
from billecta_mock.defects.defect import Ask, Change, Defect, Group
from billecta_mock.defects.mutators import (
    fail,
    is_bad_request,
    map_document,
    put,
    refuse,
    rename,
    say,
    say_nothing,
    say_text,
    set_status,
    set_type,
    when,
)
from billecta_mock.http import Response

_GROUP: Final = Group.VALIDATION
_PHONE: Final = 20
_MESSAGE: Final = 50
_DEEP: Final = 100_000
_DEFAULT_MESSAGE: Final = "Faktura"
_NOT_OF_SWISH: Final = re.compile(r"[^a-zA-Z0-9 ]")

Parameters = dict[str, str]


def _read_as(change: Callable[[Parameters, DefectContext], Parameters]) -> Ask:
    """The query parameters of a create are taken for others."""

    def believe(request: RequestView, context: DefectContext) -> RequestView:
        if not request.is_create:
            return request
        given = request.parameters
        read = change(given, context)
        return request if read == given else request.with_parameters(read)

    return believe


def _accepts_phone(applies: Callable[[str | None], bool]) -> Ask:
    """A phone that the contract refuses is replaced by one that nobody uses."""
    return _read_as(
        lambda given, context: {**given, "phone": context.spare_phone} if applies(given.get("phone")) else given
    )


def _accepts_message(applies: Callable[[str | None], bool]) -> Ask:
    """A message that the contract refuses is replaced by as much of it as Swish takes."""

    def read(given: Parameters, _context: DefectContext) -> Parameters:
        message = given.get("message")
        return {**given, "message": _mend(message or "")} if applies(message) else given

    return _read_as(read)


def _mend(message: str) -> str:
    return _NOT_OF_SWISH.sub("", message)[:_MESSAGE].strip() or _DEFAULT_MESSAGE


def _replace_in_query(old: bytes, new: bytes) -> Ask:
    def believe(request: RequestView, _context: DefectContext) -> RequestView:
        return request._replace(query=request.query.replace(old, new)) if request.is_create else request

    return believe


def _rename(given: Parameters, **names: str) -> Parameters:
    """Only those parameters that have the names given, under the names of the contract."""
    return {new: given[old] for old, new in names.items() if old in given}


def _without_phone(given: Parameters) -> Parameters:
    return {name: value for name, value in given.items() if name != "phone"}


def _refused(name: str, clause: str, sentence: str, applies: Callable[[str], bool]) -> Defect:
    """A message that is refused, though the contract and Swish take it; no payment request is made."""

    def drop(given: Parameters, _context: DefectContext) -> Parameters:
        return {**given, "message": ""} if applies(given.get("message", "")) else given

    def concerns(answer: Response, context: DefectContext) -> bool:
        return is_bad_request(answer, context) and applies(context.request.parameters.get("message", ""))

    refusal = when(concerns, refuse("message is too long or malformed"))
    return Defect(name, _GROUP, clause, sentence, ask=_read_as(drop), answer=refusal)


def _in_bad_request(name: str, sentence: str, change: Change) -> Defect:
    return Defect(name, _GROUP, "SWISH-8", sentence, answer=when(is_bad_request, change))


def _lacks(name: str) -> Callable[[Response, DefectContext], bool]:
    return lambda answer, context: is_bad_request(answer, context) and name not in context.request.parameters


def _is_too_long(name: str, most: int) -> Callable[[Response, DefectContext], bool]:
    return lambda answer, context: (
        is_bad_request(answer, context) and len(context.request.parameters.get(name, "")) > most
    )


def _state_problem(answer: Response, context: DefectContext) -> Response:
    """RFC 9457 has other members than the contract."""
    stated = map_document(lambda said: {"title": "Bad Request", "detail": said.get("message")})(answer, context)
    return set_type("application/problem+json")(stated, context)


def _bury(said: dict[str, Any]) -> Any:
    return {"errors": [said]}


def _nest(answer: Response, _context: DefectContext) -> Response:
    """Valid JSON of such a depth that many readers fail on it."""
    deep = b"[" * _DEEP + b"]" * _DEEP
    return answer._replace(body=b'{"error":"Bad Request","message":"wrong","why":' + deep + b"}")


_OF_PHONE: Final = (
    Defect("phone-optional", _GROUP, "SWISH-3", "A create without a phone takes the invoice's.",
           ask=_accepts_phone(lambda phone: phone is None)),
    Defect("empty-phone-accepted", _GROUP, "SWISH-3", "An empty phone is replaced by the invoice's.",
           ask=_accepts_phone(lambda phone: phone == "")),
    Defect("blank-phone-accepted", _GROUP, "SWISH-3", "A phone of spaces is replaced by the invoice's.",
           ask=_accepts_phone(lambda phone: phone is not None and phone != "" and not phone.strip())),
    Defect("missing-phone-is-404", _GROUP, "SWISH-3", "A create without a phone is not found.",
           answer=when(_lacks("phone"), set_status(404))),
    Defect("missing-phone-is-422", _GROUP, "SWISH-3", "A create without a phone cannot be processed.",
           answer=when(_lacks("phone"), set_status(422))),
    Defect("missing-phone-is-500", _GROUP, "CODES-2", "A create without a phone makes the server fail.",
           answer=when(_lacks("phone"), fail())),
    Defect("phone-of-21-accepted", _GROUP, "SWISH-4", "A phone of 21 characters is accepted.",
           ask=_accepts_phone(lambda phone: phone is not None and len(phone) == _PHONE + 1)),
    Defect("phone-of-any-length-accepted", _GROUP, "SWISH-4", "A phone of any length is accepted.",
           ask=_accepts_phone(lambda phone: phone is not None and len(phone) > _PHONE)),
    Defect("long-phone-is-413", _GROUP, "SWISH-4", "A phone that is too long is content that is too large.",
           answer=when(_is_too_long("phone", _PHONE), set_status(413))),
    Defect("long-phone-is-500", _GROUP, "CODES-2", "A phone that is too long makes the server fail.",
           answer=when(_is_too_long("phone", _PHONE), fail())),
)  # fmt: skip

_OF_MESSAGE: Final = (
    Defect("message-optional", _GROUP, "SWISH-5", "A create without a message takes a text of the server's.",
           ask=_accepts_message(lambda message: message is None)),
    Defect("empty-message-accepted", _GROUP, "SWISH-5", "An empty message is replaced by a text of the server's.",
           ask=_accepts_message(lambda message: message == "")),
    Defect("missing-message-is-422", _GROUP, "SWISH-5", "A create without a message cannot be processed.",
           answer=when(_lacks("message"), set_status(422))),
    Defect("missing-message-is-500", _GROUP, "CODES-2", "A create without a message makes the server fail.",
           answer=when(_lacks("message"), fail())),
    Defect("message-of-51-accepted", _GROUP, "SWISH-6", "A message of 51 characters is accepted.",
           ask=_accepts_message(lambda message: message is not None and len(message) == _MESSAGE + 1)),
    Defect("message-cut", _GROUP, "SWISH-6", "A message of any length is accepted, and silently cut.",
           ask=_accepts_message(lambda message: message is not None and len(message) > _MESSAGE)),
    Defect("message-counted-trimmed", _GROUP, "SWISH-6", "Spaces at the end of a message are not counted.",
           ask=_accepts_message(lambda message: len((message or "").rstrip()) <= _MESSAGE < len(message or ""))),
    Defect("long-message-is-413", _GROUP, "SWISH-6", "A message that is too long is content that is too large.",
           answer=when(_is_too_long("message", _MESSAGE), set_status(413))),
    Defect("long-message-is-500", _GROUP, "CODES-2", "A message that is too long makes the server fail.",
           answer=when(_is_too_long("message", _MESSAGE), fail())),
    _refused("message-of-50-refused", "SWISH-6", "A message of 50 characters is too long.",
             lambda message: len(message) == _MESSAGE),
    _refused("message-counted-in-bytes", "SWISH-6", "The length of a message is counted in bytes.",
             lambda message: len(message.encode(errors="replace")) > _MESSAGE),
    _refused("message-counted-encoded", "SWISH-6", "The length of a message is counted in percent-encoding.",
             lambda message: len(quote(message, errors="replace")) > _MESSAGE),
    _refused("space-refused", "SWISH-10", "A message with a space is refused.", lambda message: " " in message),
    _refused("digits-refused", "SWISH-10", "A message with a digit is refused.",
             lambda message: any(map(str.isdecimal, message))),
    _refused("capitals-refused", "SWISH-10", "A message that begins with a capital is refused.",
             lambda message: message[:1].isupper()),
    Defect("plus-not-a-space", _GROUP, "SWISH-10", "A plus sign in the query is kept, not read as a space.",
           ask=_replace_in_query(b"+", b"%2B")),
    Defect("escaped-space-kept", _GROUP, "SWISH-10", "An escaped space in the query is not decoded.",
           ask=_replace_in_query(b"%20", b"%2520")),
)  # fmt: skip

_OF_QUERY: Final = (
    Defect("query-ignored", _GROUP, "SWISH-7", "The query string is not read.",
           ask=_read_as(lambda _given, _context: {})),
    Defect("parameters-under-other-names", _GROUP, "SWISH-7", "The parameters are called phoneNumber and text.",
           ask=_read_as(lambda given, _context: _rename(given, phoneNumber="phone", text="message"))),
    Defect("parameters-in-one-order-only", _GROUP, "SWISH-7", "A phone that comes after the message is not read.",
           ask=_read_as(
               lambda given, _context: _without_phone(given) if next(iter(given), "") == "message" else given)),
    Defect("query-not-decoded", _GROUP, "SWISH-7", "Nothing in the query string is decoded but a plus sign.",
           ask=_replace_in_query(b"%", b"%25")),
)  # fmt: skip

_OF_REFUSAL: Final = (
    _in_bad_request("bad-request-is-plain-text", "A 400 is plain text.", say_text(400, "Bad Request", "text/plain")),
    _in_bad_request("bad-request-is-html", "A 400 is a page.", say_text(400, "<!doctype html><h1>Bad Request</h1>")),
    _in_bad_request("bad-request-is-empty", "A 400 has no body.", say_nothing(400)),
    _in_bad_request("bad-request-is-problem", "A 400 is application/problem+json, with its members.", _state_problem),
    _in_bad_request("bad-request-without-error", "A 400 has no member error.",
                    map_document(lambda said: {"message": said.get("message")})),
    _in_bad_request("bad-request-without-message", "A 400 has no member message.",
                    map_document(lambda said: {"error": said.get("error")})),
    _in_bad_request("bad-request-error-is-number", "In a 400, the error is a number.", put(error=1042)),
    _in_bad_request("bad-request-message-is-list", "In a 400, the message is a list.",
                    map_document(lambda said: {**said, "message": [said.get("message")]})),
    _in_bad_request("bad-request-message-is-object", "In a 400, the message is an object by parameter.",
                    map_document(lambda said: {**said, "message": {"phone": said.get("message")}})),
    _in_bad_request("bad-request-message-is-null", "In a 400, the message is null.", put(message=None)),
    _in_bad_request("bad-request-error-is-true", "In a 400, the error is true.", put(error=True)),
    _in_bad_request("bad-request-nested", "In a 400, error is an object that holds all.",
                    map_document(lambda said: {"error": said})),
    _in_bad_request("bad-request-buried", "In a 400, errors is a list of what the contract has.", map_document(_bury)),
    _in_bad_request("bad-request-in-list", "A 400 is a list.", map_document(lambda said: [said])),
    _in_bad_request("bad-request-capitalised", "In a 400, the members begin with capitals.",
                    map_document(lambda said: {name.title(): value for name, value in said.items()})),
    _in_bad_request("bad-request-renamed", "In a 400, message is called description.",
                    rename("message", "description")),
    _in_bad_request("bad-request-nested-deeply", "A 400 has a member of 100,000 lists inside each other.", _nest),
    Defect("bad-request-is-422", _GROUP, "CODES-1", "Whatever is not acceptable is 422.",
           answer=when(is_bad_request, set_status(422))),
    Defect("bad-request-is-200", _GROUP, "SWISH-8", "Whatever is not acceptable is 200 with an error inside.",
           answer=when(is_bad_request, set_status(200))),
    Defect("bad-request-is-201", _GROUP, "SWISH-5", "Whatever is not acceptable is said to be created, and is not.",
           answer=when(is_bad_request, say(201, {"requestid": "0" * 32}))),
)  # fmt: skip

DEFECTS: Final = (*_OF_PHONE, *_OF_MESSAGE, *_OF_QUERY, *_OF_REFUSAL)
