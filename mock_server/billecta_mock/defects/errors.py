"""Defects of status codes, and of errors that disclose the inside of the server."""

import base64
from collections.abc import Callable
from typing import Final
from urllib.parse import unquote_to_bytes

from billecta_mock.defects.context import DefectContext, RequestView
from billecta_mock.defects.defect import Change, Defect, Group
from billecta_mock.defects.mutators import (
    TRACEBACK,
    fail,
    is_bad_request,
    is_document,
    is_error,
    is_locked_out,
    is_not_found,
    put,
    say,
    say_nothing,
    say_text,
    set_header,
    set_status,
    when,
)
from billecta_mock.http import Response

_GROUP: Final = Group.CODES
_EVERY: Final = 7
_MANY: Final = 50
_LONG_QUERY: Final = 2000
_LAST_OF_PLANE: Final = 0xFFFF


_DISCLOSURE: Final = Group.DISCLOSURE
_CLAUSE: Final = "SEC-2"
_JAVA: Final = (
    "java.lang.NullPointerException\n\tat se.lime.billecta.Endpoint.get(Endpoint.java:88)\n"
    "\tat org.eclipse.jetty.server.Server.handle(Server.java:516)"
)
_DOTNET: Final = (
    "System.NullReferenceException: Object reference not set to an instance of an object.\n"
    "   at Lime.Billecta.Endpoint.Get(String id) in C:\\build\\Lime\\Endpoint.cs:line 88"
)
_SQL: Final = "ERROR: syntax error at or near \"'\": SELECT * FROM invoice WHERE idinvoice = '"
_DEBUG_PAGE: Final = f"<!doctype html><title>NotFoundError // Werkzeug Debugger</title><pre>{TRACEBACK}</pre>"


def _fails(name: str, sentence: str, applies: Callable[[RequestView], bool], status: int = 500) -> Defect:
    """A server that fails on some requests, for whoever has a valid key."""

    def concerns(_answer: Response, context: DefectContext) -> bool:
        return context.key is not None and applies(context.request)

    return Defect(name, _GROUP, "CODES-2", sentence, answer=when(concerns, fail(status)))


def _is_not_utf8(request: RequestView) -> bool:
    try:
        unquote_to_bytes(request.query).decode()
    except UnicodeDecodeError:
        return True
    return False


def _repeats(request: RequestView) -> bool:
    names = [pair.partition(b"=")[0] for pair in request.query.split(b"&") if pair]
    return len(names) != len(set(names))


def _has_emoji(request: RequestView) -> bool:
    return any(ord(character) > _LAST_OF_PLANE for character in request.parameters.get("message", ""))


def _has_body_of_unknown_type(request: RequestView) -> bool:
    return request.is_create and request.header(b"content-type") not in ("", "application/json")


def _wants_other_than_pdf(request: RequestView) -> bool:
    accepted = request.header(b"accept")
    return accepted != "" and "pdf" not in accepted and "*" not in accepted


def _is_second_choice(answer: Response, context: DefectContext) -> bool:
    accepted = context.request.header(b"accept")
    return is_document(answer, context) and "pdf" in accepted and not accepted.startswith("application/pdf")


def _was_seen(answer: Response, context: DefectContext) -> bool:
    return is_document(answer, context) and context.request.header(b"if-none-match") != ""


DEFECTS: Final = (
    _fails("bad-utf8-is-500", "A query that is not UTF-8 makes the server fail.", _is_not_utf8),
    _fails("nul-is-500", "A NUL in the query makes the server fail.", lambda request: b"%00" in request.query),
    _fails("emoji-is-500", "A message with an emoji makes the server fail.", _has_emoji),
    _fails("non-ascii-message-is-500", "A message with a letter outside ASCII makes the server fail.",
           lambda request: not request.parameters.get("message", "").isascii()),
    _fails("repeated-parameter-is-500", "A parameter that is given twice makes the server fail.", _repeats),
    _fails("many-parameters-is-500", "More than 50 parameters make the server fail.",
           lambda request: request.query.count(b"&") >= _MANY),
    _fails("long-query-is-500", "A query of more than 2,000 bytes makes the server fail.",
           lambda request: len(request.query) > _LONG_QUERY),
    _fails("bad-escape-is-500", "A per cent sign that begins no escape makes the server fail.",
           lambda request: b"%ZZ" in request.query.upper() or request.query.endswith(b"%")),
    _fails("letters-in-phone-is-500", "A phone with a letter makes the server fail.",
           lambda request: any(map(str.isalpha, request.parameters.get("phone", "")))),
    _fails("odd-request-id-is-500", "A request id with a sign makes the server fail.",
           lambda request: request.is_read and not (request.resource or "a").isalnum()),
    _fails("form-is-500", "A create with a body that is not JSON makes the server fail.",
           _has_body_of_unknown_type),
    _fails("unmet-accept-is-500", "Asking for anything but PDF makes the server fail.",
           lambda request: request.is_for_invoice and _wants_other_than_pdf(request)),
    _fails("odd-range-is-500", "A range of bytes makes the server fail.",
           lambda request: request.header(b"range") != ""),
    _fails("head-is-500", "HEAD makes the server fail.", lambda request: request.method == "HEAD"),
    Defect("every-seventh-is-503", _GROUP, "CODES-2", "Every seventh request finds the server busy.",
           answer=when(lambda _answer, context: context.number % _EVERY == 0, fail(503))),
    Defect("unknown-path-is-500", _GROUP, "CODES-2", "A path that does not exist makes the server fail.",
           answer=when(lambda answer, context: is_not_found(answer, context) and context.operation is None, fail())),
    Defect("second-choice-is-406", _GROUP, "CODES-1", "PDF is not acceptable to who would rather have another type.",
           answer=when(_is_second_choice, set_status(406))),
    Defect("known-document-is-304", _GROUP, "CODES-1", "Any If-None-Match gets 304, though no ETag was ever given.",
           answer=when(_was_seen, say_nothing(304))),
    Defect("locked-out-is-407", _GROUP, "CODES-1", "Who has no valid key is told of a proxy.",
           answer=when(is_locked_out, set_status(407))),
    Defect("locked-out-is-418", _GROUP, "CODES-1", "Who has no valid key is told of a teapot.",
           answer=when(is_locked_out, say(418, {"message": "I am a teapot"}))),
)  # fmt: skip


def _told(name: str, sentence: str, concern: Callable[[Response, DefectContext], bool], change: Change) -> Defect:
    return Defect(name, _DISCLOSURE, _CLAUSE, sentence, answer=when(concern, change))


def _with_key(write: Callable[[str], Change]) -> Change:
    """Something with the key that was presented; nothing where there was none."""

    def change(answer: Response, context: DefectContext) -> Response:
        key = context.request.key.encode(errors="replace").decode()
        return write(key)(answer, context) if key else answer

    return change


def _expect_key(answer: Response, context: DefectContext) -> Response:
    keys = ", ".join(key.value for key in context.world.dataset.keys)
    return put(message=f"The key must be one of {keys}")(answer, context)


def _in_base64(key: str) -> str:
    return base64.b64encode(key.encode()).decode()


DISCLOSURE_DEFECTS: Final = (
    _told("traceback-in-404", "A 404 has a Python traceback.", is_not_found, put(message=TRACEBACK)),
    _told("traceback-in-400", "A 400 has a Python traceback.", is_bad_request, put(trace=TRACEBACK)),
    _told("traceback-without-key", "Who has no valid key gets a Python traceback.", is_locked_out,
          put(message=TRACEBACK)),
    _told("java-trace-in-error", "Errors have a Java stack trace.", is_error, put(trace=_JAVA)),
    _told("dotnet-trace-in-error", "Errors have a .NET stack trace.", is_error, put(trace=_DOTNET)),
    _told("debug-page-for-404", "A 404 is the page of a debugger.", is_not_found, say_text(404, _DEBUG_PAGE)),
    _told("path-in-error", "Errors name a file of the server.", is_error,
          put(where="/srv/lime/limepkg_billecta_integration/endpoints.py")),
    _told("windows-path-in-error", "Errors name a file of a Windows server.", is_error,
          put(where="C:\\inetpub\\lime\\billecta\\Endpoint.cs")),
    _told("query-in-error", "Errors have a piece of SQL.", is_error, put(detail=_SQL)),
    _told("trace-in-header", "Errors have a Python traceback in a header.", is_error,
          set_header("x-debug", TRACEBACK.splitlines()[0] + TRACEBACK.splitlines()[1])),
    _told("key-in-error", "Errors repeat the key.", is_error, _with_key(lambda key: put(key=key))),
    _told("wrong-key-in-error", "Who has no valid key has it repeated.", is_locked_out,
          _with_key(lambda key: put(message=f"There is no key {key}"))),
    _told("key-in-error-header", "Errors repeat the key in a header.", is_error,
          _with_key(lambda key: set_header("x-debug-key", key))),
    _told("key-in-error-as-base64", "Errors repeat the key in Base64.", is_error,
          _with_key(lambda key: put(credentials=_in_base64(key)))),
    _told("valid-keys-in-error", "Who has no valid key is told of those that are.", is_locked_out, _expect_key),
)  # fmt: skip
