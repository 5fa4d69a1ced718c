"""What a defect changes of an answer, and which answers it changes."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

import orjson

from billecta_mock.defects.context import DefectContext
from billecta_mock.defects.defect import Change
from billecta_mock.http import JSON, Response

Condition = Callable[[Response, DefectContext], bool]
"""Whether an answer is one of those that a defect changes."""

_PDF: Final = "application/pdf"


HTML: Final = "text/html; charset=utf-8"
TRACEBACK: Final = """\
Traceback (most recent call last):
  File "/srv/lime/limepkg_billecta_integration/endpoints.py", line 88, in get
    invoice = self.application.limetypes.invoice.get(invoice_id)
  File "/srv/lime/lime_type/limetypes.py", line 412, in get
    raise NotFoundError(object_id)
lime_errors.NotFoundError: invoice
"""


def is_document(answer: Response, _context: DefectContext) -> bool:
    """An invoice."""
    return answer.media_type == _PDF


def is_created(answer: Response, _context: DefectContext) -> bool:
    """A payment request that was made."""
    return answer.status == HTTPStatus.CREATED


def is_status(answer: Response, context: DefectContext) -> bool:
    """The status of a payment request."""
    return context.operation == "getSwishPayment" and answer.status == HTTPStatus.OK


def is_bad_request(answer: Response, _context: DefectContext) -> bool:
    """A request that was not acceptable."""
    return answer.status == HTTPStatus.BAD_REQUEST


def is_denied(answer: Response, _context: DefectContext) -> bool:
    """A request that the permission model denied."""
    return answer.status == HTTPStatus.FORBIDDEN


def is_wrong_method(answer: Response, _context: DefectContext) -> bool:
    """A method that the path does not have."""
    return answer.status == HTTPStatus.METHOD_NOT_ALLOWED


def is_locked_out(_answer: Response, context: DefectContext) -> bool:
    """A caller without a valid key."""
    return context.key is None


def is_absent_invoice(answer: Response, context: DefectContext) -> bool:
    """An invoice that is not there, or that the caller may not see."""
    return is_not_found(answer, context) and context.operation == "fetchInvoicePdf"


def is_absent_action(answer: Response, context: DefectContext) -> bool:
    """An invoice action that is not there."""
    return is_not_found(answer, context) and context.operation == "createSwishPayment"


def is_absent_payment(answer: Response, context: DefectContext) -> bool:
    """A payment request that is not there."""
    return is_not_found(answer, context) and context.operation == "getSwishPayment"


def is_not_found(answer: Response, context: DefectContext) -> bool:
    """A 404 that masks nothing."""
    return answer.status == HTTPStatus.NOT_FOUND and context.key is not None


def is_json(answer: Response, _context: DefectContext) -> bool:
    """An answer in JSON."""
    return answer.media_type == JSON


def is_error(answer: Response, _context: DefectContext) -> bool:
    """An answer that is an error."""
    return answer.status >= HTTPStatus.BAD_REQUEST


def when(concern: Condition, change: Change) -> Change:
    """The change, made to those answers that it concerns."""

    def apply(answer: Response, context: DefectContext) -> Response:
        return change(answer, context) if concern(answer, context) else answer

    return apply


def set_status(status: int) -> Change:
    """The same answer under another status."""
    return lambda answer, _context: answer._replace(status=status)


def set_type(media_type: str | None) -> Change:
    """The same body under another media type, or under none."""
    return lambda answer, _context: answer._replace(media_type=media_type)


def set_header(name: str, value: str) -> Change:
    """The same answer with this header, instead of one of that name."""
    line = (name.encode(), value.encode())
    return lambda answer, _context: answer._replace(headers=(*_without(answer, line[0]), line))


def map_body(transform: Callable[[bytes], bytes]) -> Change:
    """The same answer with another body."""
    return lambda answer, _context: answer._replace(body=transform(answer.body))


def map_document(transform: Callable[[dict[str, Any]], Any]) -> Change:
    """The same answer with another JSON document; one without a JSON object stays as it is."""

    def change(answer: Response, _context: DefectContext) -> Response:
        return with_document(answer, transform(answer.document)) if isinstance(answer.document, dict) else answer

    return change


def rename(old: str, new: str) -> Change:
    """The same JSON object with one member under another name."""
    return map_document(lambda said: {new if name == old else name: value for name, value in said.items()})


def put(**members: Any) -> Change:
    """The same JSON object with these members."""
    return map_document(lambda said: {**said, **members})


def say(status: int, document: Any) -> Change:
    """Another answer altogether, in JSON."""
    return lambda answer, _context: with_document(Response(status, JSON, b"", why=answer.why), document)


def say_text(status: int, text: str, media_type: str = HTML) -> Change:
    """Another answer altogether, as text."""
    return lambda answer, _context: Response(status, media_type, text.encode(), why=answer.why)


def say_nothing(status: int, headers: Mapping[str, str] | None = None) -> Change:
    """Another answer altogether, without a body."""
    lines = tuple((name.encode(), value.encode()) for name, value in (headers or {}).items())
    return lambda answer, _context: Response(status, None, b"", headers=lines, why=answer.why)


def redirect(status: int, find: Callable[[Response, DefectContext], str]) -> Change:
    """Another place to ask, relative to the path that was asked for."""
    return lambda answer, context: say_nothing(status, {"location": find(answer, context)})(answer, context)


def fail(status: int = 500) -> Change:
    """The answer of a server that failed."""
    return say(status, {"error": "Internal Server Error", "message": "Something went wrong"})


def refuse(message: str) -> Change:
    """A 400 of the form that the contract gives (SWISH-8)."""
    return say(400, {"error": "Bad Request", "message": message})


def miss() -> Change:
    """A plain 404."""
    return say(404, {"error": "Not Found", "message": "There is no such resource"})


def with_document(answer: Response, document: Any) -> Response:
    """The same answer with this JSON document."""
    return answer._replace(body=orjson.dumps(document), document=document)


def _without(answer: Response, name: bytes) -> tuple[tuple[bytes, bytes], ...]:
    return tuple(pair for pair in answer.headers if pair[0] != name)
