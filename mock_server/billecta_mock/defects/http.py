"""Defects of HTTP: paths, methods, and JSON bodies."""

from collections.abc import Callable
from typing import Final

from billecta_mock.defects.context import DefectContext, RequestView
from billecta_mock.defects.defect import Ask, Change, Defect, Group
from billecta_mock.defects.mutators import (
    HTML,
    Condition,
    fail,
    is_bad_request,
    is_created,
    is_json,
    is_status,
    is_wrong_method,
    map_body,
    miss,
    redirect,
    say,
    say_nothing,
    say_text,
    set_status,
    set_type,
    when,
)
from billecta_mock.http import Response

_PATHS: Final = Group.ADDRESSES


NO_SUCH_ID: Final = "no-such-id"
_GONE: Final = 204


def _swap_slash(applies: Callable[[RequestView], bool]) -> Ask:
    """The last slash of a path is wanted where the contract has none, and none where it has one."""

    def believe(request: RequestView, _context: DefectContext) -> RequestView:
        if not applies(request):
            return request
        bare = request.path.removesuffix("/")
        return request._replace(path=f"{bare}/" if bare == request.path else bare)

    return believe


def _move(old: str, new: str) -> Ask:
    """What is under one path in the contract is found under another only."""

    def believe(request: RequestView, _context: DefectContext) -> RequestView:
        if request.path.startswith(new):
            return request._replace(path=old + request.path.removeprefix(new))
        return request._replace(path="/moved" + request.path) if request.path.startswith(old) else request

    return believe


ADDRESS_DEFECTS: Final = (
    Defect("invoice-path-without-slash", _PATHS, "URL-1", "The invoice path ends without a slash; with one it is 404.",
           ask=_swap_slash(lambda request: request.is_for_invoice)),
    Defect("payment-path-with-slash", _PATHS, "URL-1", "The payment path ends in a slash; without one it is 404.",
           ask=_swap_slash(lambda request: request.is_for_payment)),
    Defect("read-path-with-slash", _PATHS, "URL-1", "The path of a status ends in a slash; that of a create does not.",
           ask=_swap_slash(lambda request: request.is_read)),
    Defect("invoice-path-redirected", _PATHS, "URL-1", "The right path of an invoice redirects to one without a slash.",
           answer=when(lambda _answer, context: context.names_invoice and context.request.path.endswith("/"),
                       redirect(308, lambda _answer, context: f"../{context.request.segment}"))),
    Defect("invoice-path-renamed", _PATHS, "URL-1", "Invoices are found under /invoices/ only.",
           ask=_move("/fetch-invoice-pdf/", "/invoices/")),
    Defect("payment-path-renamed", _PATHS, "URL-1", "Payments are found under /swish/payments/ only.",
           ask=_move("/payments/swish/", "/swish/payments/")),
)  # fmt: skip


def let_in(applies: Callable[[RequestView], bool]) -> Ask:
    """Whoever has no valid key is taken for the user of the strongest one, when asking so."""

    def believe(request: RequestView, context: DefectContext) -> RequestView:
        strongest = context.strongest_key
        return request.with_key(strongest.value) if strongest and not context.holder and applies(request) else request

    return believe


def let_in_as(applies: Callable[[RequestView], bool], change: Callable[[RequestView], RequestView]) -> Ask:
    """As `let_in`, and what is asked for is changed as well."""
    admit = let_in(applies)

    def believe(request: RequestView, context: DefectContext) -> RequestView:
        believed = admit(request, context)
        return believed if believed is request else change(believed)

    return believe


def find_key(find: Callable[[RequestView], str]) -> Ask:
    """A valid key is accepted from another place, where the header has none."""

    def believe(request: RequestView, context: DefectContext) -> RequestView:
        found = "" if context.holder else find(request)
        return request.with_key(found) if any(found == key.value for key in context.world.dataset.keys) else request

    return believe


def resemble(resembles: Callable[[str, str], bool]) -> Ask:
    """A key that resembles a valid one, the second argument, is taken for it."""

    def believe(request: RequestView, context: DefectContext) -> RequestView:
        presented = request.key
        if not presented or context.holder:
            return request
        meant = next((key.value for key in context.world.dataset.keys if resembles(presented, key.value)), None)
        return request.with_key(meant) if meant else request

    return believe


def lock_out(applies: Callable[[RequestView, DefectContext], bool]) -> Ask:
    """A key is not accepted, valid or not."""
    return lambda request, context: request.without_key() if applies(request, context) else request


_METHOD: Final = Group.METHODS
_HTTP_2: Final = "HTTP-2"


def _answered(name: str, sentence: str, method: str, change: Change) -> Defect:
    def concerns(answer: Response, context: DefectContext) -> bool:
        return is_wrong_method(answer, context) and context.request.method == method

    return Defect(name, _METHOD, _HTTP_2, sentence, answer=when(concerns, change))


def _served_as(method: str, applies: Callable[[RequestView], bool]) -> Ask:
    return lambda request, _context: request._replace(method=method) if applies(request) else request


def _echo(answer: Response, context: DefectContext) -> Response:
    """The request, with its key, as the body of the answer."""
    request = context.request
    lines = [f"TRACE {request.path} HTTP/1.1".encode(), *(name + b": " + value for name, value in request.headers)]
    return Response(200, "message/http", b"\r\n".join(lines), why=answer.why)


def _delete(answer: Response, context: DefectContext) -> Response:
    """A payment request that can be deleted, and is not found any more."""
    if is_wrong_method(answer, context) and context.request.method == "DELETE" and context.names_payment:
        return say_nothing(_GONE)(answer, context)
    return miss()(answer, context) if is_status(answer, context) and _was_deleted(context) else answer


def _was_deleted(context: DefectContext) -> bool:
    return any(
        exchange.method == "DELETE" and exchange.status == _GONE and exchange.path.endswith(context.request.path)
        for exchange in context.earlier()
    )


def _has_two_parameters(request: RequestView) -> bool:
    return {"phone", "message"} <= request.parameters.keys()


METHOD_DEFECTS: Final = (
    _answered("delete-is-204", "DELETE is answered as if it had been done.", "DELETE", say_nothing(_GONE)),
    _answered("put-is-200", "PUT is answered as if it had been done.", "PUT", set_status(200)),
    _answered("patch-is-200", "PATCH is answered as if it had been done.", "PATCH", say(200, {"status": "ok"})),
    _answered("delete-is-500", "DELETE makes the server fail.", "DELETE", fail()),
    _answered("put-is-501", "PUT is said to be not implemented.", "PUT", fail(501)),
    _answered("patch-is-500", "PATCH makes the server fail.", "PATCH", fail()),
    _answered("trace-echoes", "TRACE sends the request back, with its key.", "TRACE", _echo),
    Defect("delete-works", _METHOD, _HTTP_2, "DELETE drops a payment request: its status is 404 from then on.",
           answer=_delete),
    Defect("get-creates", _METHOD, _HTTP_2, "GET creates a payment request if it has the parameters of one.",
           ask=_served_as("POST", lambda request: request.is_for_payment and request.method == "GET"
                          and _has_two_parameters(request))),
    Defect("put-creates", _METHOD, _HTTP_2, "PUT creates a payment request, as POST does.",
           ask=_served_as("POST", lambda request: request.is_for_payment and request.method == "PUT")),
    Defect("put-reads", _METHOD, _HTTP_2, "PUT reads a status, as GET does.",
           ask=_served_as("GET", lambda request: request.is_for_payment and request.method == "PUT")),
    Defect("post-fetches-invoice", _METHOD, _HTTP_2, "POST fetches an invoice, as GET does.",
           ask=_served_as("GET", lambda request: request.is_for_invoice and request.method == "POST")),
    Defect("delete-fetches-invoice", _METHOD, _HTTP_2, "DELETE answers with the invoice, as GET does.",
           ask=_served_as("GET", lambda request: request.is_for_invoice and request.method == "DELETE")),
    Defect("post-on-invoice-is-500", _METHOD, _HTTP_2, "POST on an invoice makes the server fail.",
           answer=when(
               lambda answer, context: is_wrong_method(answer, context) and context.request.method == "POST", fail())),
)  # fmt: skip


_FORMAT: Final = Group.FORMATS
_HTTP_1: Final = "HTTP-1"


def _is_promised(answer: Response, context: DefectContext) -> bool:
    """Where the contract promises JSON."""
    promised = is_created(answer, context) or is_status(answer, context) or is_bad_request(answer, context)
    return promised and is_json(answer, context)


def _sent(name: str, sentence: str, change: Change, concern: Condition = _is_promised) -> Defect:
    return Defect(name, _FORMAT, _HTTP_1, sentence, answer=when(concern, change))


def _written(name: str, sentence: str, transform: Callable[[bytes], bytes]) -> Defect:
    return _sent(name, sentence, map_body(transform))


def _as_latin1(body: bytes) -> bytes:
    """With a letter outside ASCII in every object, so that the encoding can be seen."""
    return body.decode(errors="replace").replace("{", '{"språk":"sv",', 1).encode("latin-1", errors="replace")


FORMAT_DEFECTS: Final = (
    _sent("json-as-text", "JSON has the type text/plain.", set_type("text/plain")),
    _sent("json-as-html", "JSON has the type text/html.", set_type(HTML)),
    _sent("json-as-pdf", "JSON has the type application/pdf.", set_type("application/pdf")),
    _sent("json-as-script", "JSON has the type text/javascript.", set_type("text/javascript")),
    _sent("json-without-type", "JSON has no type.", set_type(None)),
    _sent("status-json-as-text", "A status has the type text/plain.", set_type("text/plain"), is_status),
    _sent("create-json-as-html", "The answer to a create has the type text/html.", set_type(HTML), is_created),
    _sent("html-as-json", "A 400 is a page under the type of JSON.",
          say_text(400, "<!doctype html><h1>Bad Request</h1>", "application/json"), is_bad_request),
    _written("json-in-latin1", "JSON is written in Latin-1.", _as_latin1),
    _written("json-in-utf16", "JSON is written in UTF-16.",
             lambda body: body.decode(errors="replace").encode("utf-16")),
    _written("json-after-byte-order-mark", "A byte order mark comes before JSON.",
             lambda body: b"\xef\xbb\xbf" + body),
    _written("json-after-guard", "A guard against script tags comes before JSON.", lambda body: b")]}',\n" + body),
    _written("json-in-single-quotes", "JSON is written with single quotes.", lambda body: body.replace(b'"', b"'")),
    _written("json-with-trailing-comma", "Objects end in a comma.", lambda body: body.replace(b"}", b",}")),
    _written("json-with-nan", "Objects have a member that is NaN.",
             lambda body: body.replace(b"{", b'{"amount":NaN,', 1)),
    _written("json-twice", "JSON is sent twice in one body.", lambda body: body * 2),
    _written("json-cut", "The last characters of JSON are missing.", lambda body: body[:-3]),
    _written("json-before-log-line", "A line of a log follows JSON.", lambda body: body + b"\nDEBUG done\n"),
    _written("json-in-script", "JSON is wrapped in a call.", lambda body: b"callback(" + body + b");"),
)  # fmt: skip
