"""Defects of HTTP: paths, methods, and JSON bodies."""

from collections.abc import Callable
from typing import Final

from billecta_mock.defects.context import Asked, Scene
from billecta_mock.defects.defect import Ask, Change, Defect, Group
from billecta_mock.defects.mutators import (
    HTML,
    Concern,
    fail,
    is_bad_request,
    is_created,
    is_json,
    is_status,
    is_wrong_method,
    map_body,
    miss,
    only,
    redirect,
    say,
    say_nothing,
    say_text,
    set_status,
    set_type,
)
from billecta_mock.http import Answer

_PATHS: Final = Group.ADDRESSES


NO_SUCH_ID: Final = "no-such-id"
_GONE: Final = 204


def _swap_slash(when: Callable[[Asked], bool]) -> Ask:
    """The last slash of a path is wanted where the contract has none, and none where it has one."""

    def believe(asked: Asked, _scene: Scene) -> Asked:
        if not when(asked):
            return asked
        bare = asked.path.removesuffix("/")
        return asked._replace(path=f"{bare}/" if bare == asked.path else bare)

    return believe


def _move(old: str, new: str) -> Ask:
    """What is under one path in the contract is found under another only."""

    def believe(asked: Asked, _scene: Scene) -> Asked:
        if asked.path.startswith(new):
            return asked._replace(path=old + asked.path.removeprefix(new))
        return asked._replace(path="/moved" + asked.path) if asked.path.startswith(old) else asked

    return believe


ADDRESS_DEFECTS: Final = (
    Defect("invoice-path-without-slash", _PATHS, "URL-1", "The invoice path ends without a slash; with one it is 404.",
           ask=_swap_slash(lambda asked: asked.is_for_invoice)),
    Defect("payment-path-with-slash", _PATHS, "URL-1", "The payment path ends in a slash; without one it is 404.",
           ask=_swap_slash(lambda asked: asked.is_for_payment)),
    Defect("read-path-with-slash", _PATHS, "URL-1", "The path of a status ends in a slash; that of a create does not.",
           ask=_swap_slash(lambda asked: asked.is_read)),
    Defect("invoice-path-redirected", _PATHS, "URL-1", "The right path of an invoice redirects to one without a slash.",
           answer=only(lambda _answer, scene: scene.names_invoice and scene.asked.path.endswith("/"),
                       redirect(308, lambda _answer, scene: f"../{scene.asked.segment}"))),
    Defect("invoice-path-renamed", _PATHS, "URL-1", "Invoices are found under /invoices/ only.",
           ask=_move("/fetch-invoice-pdf/", "/invoices/")),
    Defect("payment-path-renamed", _PATHS, "URL-1", "Payments are found under /swish/payments/ only.",
           ask=_move("/payments/swish/", "/swish/payments/")),
)  # fmt: skip


def let_in(when: Callable[[Asked], bool]) -> Ask:
    """Whoever has no valid key is taken for the user of the strongest one, when asking so."""

    def believe(asked: Asked, scene: Scene) -> Asked:
        strongest = scene.strongest_key
        return asked.with_key(strongest.value) if strongest and not scene.holder and when(asked) else asked

    return believe


def let_in_as(when: Callable[[Asked], bool], change: Callable[[Asked], Asked]) -> Ask:
    """As `let_in`, and what is asked for is changed as well."""
    admit = let_in(when)

    def believe(asked: Asked, scene: Scene) -> Asked:
        believed = admit(asked, scene)
        return believed if believed is asked else change(believed)

    return believe


def find_key(find: Callable[[Asked], str]) -> Ask:
    """A valid key is accepted from another place, where the header has none."""

    def believe(asked: Asked, scene: Scene) -> Asked:
        found = "" if scene.holder else find(asked)
        return asked.with_key(found) if any(found == key.value for key in scene.world.dataset.keys) else asked

    return believe


def resemble(resembles: Callable[[str, str], bool]) -> Ask:
    """A key that resembles a valid one, the second argument, is taken for it."""

    def believe(asked: Asked, scene: Scene) -> Asked:
        presented = asked.key
        if not presented or scene.holder:
            return asked
        meant = next((key.value for key in scene.world.dataset.keys if resembles(presented, key.value)), None)
        return asked.with_key(meant) if meant else asked

    return believe


def lock_out(when: Callable[[Asked, Scene], bool]) -> Ask:
    """A key is not accepted, valid or not."""
    return lambda asked, scene: asked.without_key() if when(asked, scene) else asked


_METHOD: Final = Group.METHODS
_HTTP_2: Final = "HTTP-2"


def _answered(name: str, sentence: str, method: str, change: Change) -> Defect:
    def concerns(answer: Answer, scene: Scene) -> bool:
        return is_wrong_method(answer, scene) and scene.asked.method == method

    return Defect(name, _METHOD, _HTTP_2, sentence, answer=only(concerns, change))


def _served_as(method: str, when: Callable[[Asked], bool]) -> Ask:
    return lambda asked, _scene: asked._replace(method=method) if when(asked) else asked


def _echo(answer: Answer, scene: Scene) -> Answer:
    """The request, with its key, as the body of the answer."""
    asked = scene.asked
    lines = [f"TRACE {asked.path} HTTP/1.1".encode(), *(name + b": " + value for name, value in asked.headers)]
    return Answer(200, "message/http", b"\r\n".join(lines), why=answer.why)


def _delete(answer: Answer, scene: Scene) -> Answer:
    """A payment request that can be deleted, and is not found any more."""
    if is_wrong_method(answer, scene) and scene.asked.method == "DELETE" and scene.names_payment:
        return say_nothing(_GONE)(answer, scene)
    return miss()(answer, scene) if is_status(answer, scene) and _was_deleted(scene) else answer


def _was_deleted(scene: Scene) -> bool:
    return any(
        exchange.method == "DELETE" and exchange.status == _GONE and exchange.path.endswith(scene.asked.path)
        for exchange in scene.earlier()
    )


def _has_two_parameters(asked: Asked) -> bool:
    return {"phone", "message"} <= asked.parameters.keys()


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
           ask=_served_as("POST", lambda asked: asked.is_for_payment and asked.method == "GET"
                          and _has_two_parameters(asked))),
    Defect("put-creates", _METHOD, _HTTP_2, "PUT creates a payment request, as POST does.",
           ask=_served_as("POST", lambda asked: asked.is_for_payment and asked.method == "PUT")),
    Defect("put-reads", _METHOD, _HTTP_2, "PUT reads a status, as GET does.",
           ask=_served_as("GET", lambda asked: asked.is_for_payment and asked.method == "PUT")),
    Defect("post-fetches-invoice", _METHOD, _HTTP_2, "POST fetches an invoice, as GET does.",
           ask=_served_as("GET", lambda asked: asked.is_for_invoice and asked.method == "POST")),
    Defect("delete-fetches-invoice", _METHOD, _HTTP_2, "DELETE answers with the invoice, as GET does.",
           ask=_served_as("GET", lambda asked: asked.is_for_invoice and asked.method == "DELETE")),
    Defect("post-on-invoice-is-500", _METHOD, _HTTP_2, "POST on an invoice makes the server fail.",
           answer=only(lambda answer, scene: is_wrong_method(answer, scene) and scene.asked.method == "POST", fail())),
)  # fmt: skip


_FORMAT: Final = Group.FORMATS
_HTTP_1: Final = "HTTP-1"


def _is_promised(answer: Answer, scene: Scene) -> bool:
    """Where the contract promises JSON."""
    promised = is_created(answer, scene) or is_status(answer, scene) or is_bad_request(answer, scene)
    return promised and is_json(answer, scene)


def _sent(name: str, sentence: str, change: Change, concern: Concern = _is_promised) -> Defect:
    return Defect(name, _FORMAT, _HTTP_1, sentence, answer=only(concern, change))


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
