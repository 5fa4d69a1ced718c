"""Defects of disclosure: errors that tell of the inside of the server, or of keys."""

import base64
from collections.abc import Callable
from typing import Final

from billecta_mock.defects.changes import TRACEBACK, only, put, say_text, set_header
from billecta_mock.defects.conditions import is_bad_request, is_error, is_locked_out, is_not_found
from billecta_mock.defects.defect import Change, Defect, Group
from billecta_mock.defects.scene import Scene
from billecta_mock.http import Answer

_GROUP: Final = Group.DISCLOSURE
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


def _told(name: str, sentence: str, concern: Callable[[Answer, Scene], bool], change: Change) -> Defect:
    return Defect(name, _GROUP, _CLAUSE, sentence, answer=only(concern, change))


def _with_key(write: Callable[[str], Change]) -> Change:
    """Something with the key that was presented; nothing where there was none."""

    def change(answer: Answer, scene: Scene) -> Answer:
        key = scene.asked.key.encode(errors="replace").decode()
        return write(key)(answer, scene) if key else answer

    return change


def _expect_key(answer: Answer, scene: Scene) -> Answer:
    keys = ", ".join(key.value for key in scene.world.dataset.keys)
    return put(message=f"The key must be one of {keys}")(answer, scene)


def _in_base64(key: str) -> str:
    return base64.b64encode(key.encode()).decode()


DEFECTS: Final = (
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
