"""Defects of methods that the contract does not give: they do something, or make the server fail."""

from collections.abc import Callable
from typing import Final

from billecta_mock.defects.changes import fail, miss, only, say, say_nothing, set_status
from billecta_mock.defects.conditions import is_status, is_wrong_method
from billecta_mock.defects.defect import Ask, Change, Defect, Group
from billecta_mock.defects.scene import Asked, Scene
from billecta_mock.http import Answer

_GROUP: Final = Group.METHODS
_CLAUSE: Final = "HTTP-2"
_GONE: Final = 204


def _answered(name: str, sentence: str, method: str, change: Change) -> Defect:
    def concerns(answer: Answer, scene: Scene) -> bool:
        return is_wrong_method(answer, scene) and scene.asked.method == method

    return Defect(name, _GROUP, _CLAUSE, sentence, answer=only(concerns, change))


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


DEFECTS: Final = (
    _answered("delete-is-204", "DELETE is answered as if it had been done.", "DELETE", say_nothing(_GONE)),
    _answered("put-is-200", "PUT is answered as if it had been done.", "PUT", set_status(200)),
    _answered("patch-is-200", "PATCH is answered as if it had been done.", "PATCH", say(200, {"status": "ok"})),
    _answered("delete-is-500", "DELETE makes the server fail.", "DELETE", fail()),
    _answered("put-is-501", "PUT is said to be not implemented.", "PUT", fail(501)),
    _answered("patch-is-500", "PATCH makes the server fail.", "PATCH", fail()),
    _answered("trace-echoes", "TRACE sends the request back, with its key.", "TRACE", _echo),
    Defect("delete-works", _GROUP, _CLAUSE, "DELETE drops a payment request: its status is 404 from then on.",
           answer=_delete),
    Defect("get-creates", _GROUP, _CLAUSE, "GET creates a payment request if it has the parameters of one.",
           ask=_served_as("POST", lambda asked: asked.is_for_payment and asked.method == "GET"
                          and _has_two_parameters(asked))),
    Defect("put-creates", _GROUP, _CLAUSE, "PUT creates a payment request, as POST does.",
           ask=_served_as("POST", lambda asked: asked.is_for_payment and asked.method == "PUT")),
    Defect("put-reads", _GROUP, _CLAUSE, "PUT reads a status, as GET does.",
           ask=_served_as("GET", lambda asked: asked.is_for_payment and asked.method == "PUT")),
    Defect("post-fetches-invoice", _GROUP, _CLAUSE, "POST fetches an invoice, as GET does.",
           ask=_served_as("GET", lambda asked: asked.is_for_invoice and asked.method == "POST")),
    Defect("delete-fetches-invoice", _GROUP, _CLAUSE, "DELETE answers with the invoice, as GET does.",
           ask=_served_as("GET", lambda asked: asked.is_for_invoice and asked.method == "DELETE")),
    Defect("post-on-invoice-is-500", _GROUP, _CLAUSE, "POST on an invoice makes the server fail.",
           answer=only(lambda answer, scene: is_wrong_method(answer, scene) and scene.asked.method == "POST", fail())),
)  # fmt: skip
