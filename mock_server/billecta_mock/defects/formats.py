"""Defects of JSON: bodies that are none, or are not called so."""

from collections.abc import Callable
from typing import Final

from billecta_mock.defects.changes import HTML, map_body, only, say_text, set_type
from billecta_mock.defects.conditions import Concern, is_bad_request, is_created, is_json, is_status
from billecta_mock.defects.defect import Change, Defect, Group
from billecta_mock.defects.scene import Scene
from billecta_mock.http import Answer

_GROUP: Final = Group.FORMATS
_CLAUSE: Final = "HTTP-1"


def _is_promised(answer: Answer, scene: Scene) -> bool:
    """Where the contract promises JSON."""
    promised = is_created(answer, scene) or is_status(answer, scene) or is_bad_request(answer, scene)
    return promised and is_json(answer, scene)


def _sent(name: str, sentence: str, change: Change, concern: Concern = _is_promised) -> Defect:
    return Defect(name, _GROUP, _CLAUSE, sentence, answer=only(concern, change))


def _written(name: str, sentence: str, transform: Callable[[bytes], bytes]) -> Defect:
    return _sent(name, sentence, map_body(transform))


def _as_latin1(body: bytes) -> bytes:
    """With a letter outside ASCII in every object, so that the encoding can be seen."""
    return body.decode(errors="replace").replace("{", '{"språk":"sv",', 1).encode("latin-1", errors="replace")


DEFECTS: Final = (
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
