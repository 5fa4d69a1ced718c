"""Defects of masking: what tells an existing resource from a missing one, in the answer or in its time."""

from collections.abc import Callable
from typing import Final

from billecta_mock.defects.context import READING, DefectContext
from billecta_mock.defects.defect import Change, Defect, Group
from billecta_mock.defects.mutators import (
    map_body,
    map_document,
    put,
    redirect,
    refuse,
    say_nothing,
    say_text,
    set_header,
    set_status,
    set_type,
    when,
)
from billecta_mock.http import Response

_PADDING: Final = 16

_Of = Callable[[DefectContext], bool]


SECONDS: Final = 0.06
"""How much longer."""


def _tells(name: str, sentence: str, change: Change, of: _Of, to: _Of = lambda _context: True) -> Defect:
    """Answers to callers without a valid key are changed if the path names what exists."""

    def concerns(_answer: Response, context: DefectContext) -> bool:
        return context.key is None and to(context) and of(context)

    return Defect(name, Group.MASKING, "MASK-2", sentence, answer=when(concerns, change))


def _hidden(name: str, sentence: str, change: Change, to: _Of = lambda _context: True) -> Defect:
    """Answers to callers with a valid key are changed if object access hides the invoice from them."""

    def concerns(answer: Response, context: DefectContext) -> bool:
        return answer.status >= 400 and context.is_hidden and to(context)  # noqa: PLR2004 — an error

    return Defect(name, Group.MASKING, "MASK-4", sentence, answer=when(concerns, change))


def _invoice(context: DefectContext) -> bool:
    return context.names_invoice


def _action(context: DefectContext) -> bool:
    return context.request.is_create and context.names_action


def _payment(context: DefectContext) -> bool:
    return not context.request.is_create and context.names_payment


def _by(method: str) -> _Of:
    return lambda context: context.request.method == method


def _with_wrong_key(context: DefectContext) -> bool:
    return context.request.key != ""


def _without_key(context: DefectContext) -> bool:
    return not context.request.has_key


def _with_part_of_key(context: DefectContext) -> bool:
    key = context.request.key
    return key != "" and any(each.value.startswith(key) for each in context.world.dataset.keys)


def _set_long_cookie(answer: Response, context: DefectContext) -> Response:
    """A cookie of another value each time: only its length tells."""
    return _cookie(24)(answer, context)


def _set_short_cookie(answer: Response, context: DefectContext) -> Response:
    return _cookie(16)(answer, context)


def _cookie(length: int) -> Change:
    return lambda answer, context: set_header("set-cookie", f"session={context.number:0{length}x}; HttpOnly")(
        answer, context
    )


def _tell_by_cookie_length(answer: Response, context: DefectContext) -> Response:
    if context.key is not None:
        return answer
    return _set_long_cookie(answer, context) if context.names_invoice else _set_short_cookie(answer, context)


def _tell_beside_trace(answer: Response, context: DefectContext) -> Response:
    if context.key is not None:
        return answer
    return put(trace=f"{context.number:08x}", code=1 + context.names_invoice)(answer, context)


def _seen_by_some_only(context: DefectContext) -> bool:
    """An invoice that at least one key may not see."""
    resource = context.request.resource or ""
    return context.names_invoice and not all(key.may_see(resource) for key in context.world.dataset.keys)


def _lacking_slash(context: DefectContext) -> bool:
    return context.names_invoice and not context.request.path.endswith("/")


_NO_KEY: Final = "Invalid key"

_OF_INVOICES: Final = (
    _tells("invoice-told-by-status", "Without a valid key, an invoice that exists is 401, another 404.",
           set_status(401), _invoice),
    _tells("invoice-told-by-message", "Without a valid key, the message differs for an invoice that exists.",
           put(message=_NO_KEY), _invoice),
    _tells("invoice-told-by-member", "Without a valid key, the error of an invoice that exists has one more member.",
           put(type="invoice"), _invoice),
    _tells("invoice-told-by-order", "Without a valid key, the members of the error come in another order.",
           map_document(lambda said: dict(reversed(said.items()))), _invoice),
    _tells("invoice-told-by-length", "Without a valid key, the error of an invoice that exists is longer by padding.",
           map_document(lambda said: {**said, "message": f"{said.get('message')}{'.' * _PADDING}"}), _invoice),
    _tells("invoice-told-by-white-space", "Without a valid key, the error of an invoice that exists ends in a newline.",
           map_body(lambda body: body + b"\n"), _invoice),
    _tells("invoice-told-by-letter-case", "Without a valid key, one letter of the error is in other case.",
           map_body(lambda body: body.replace(b"There is", b"there is")), _invoice),
    _tells("invoice-told-by-charset", "Without a valid key, the media type of the error names a charset.",
           set_type("application/json; charset=utf-8"), _invoice),
    _tells("invoice-told-by-media-type", "Without a valid key, the error of an invoice that exists is HTML.",
           say_text(404, "<!doctype html><title>404 Not Found</title>"), _invoice),
    _tells("invoice-told-by-header", "Without a valid key, the error of an invoice that exists has a Vary header.",
           set_header("vary", "Accept"), _invoice),
    _tells("invoice-told-by-etag", "Without a valid key, the error of an invoice that exists has an ETag.",
           set_header("etag", '"1"'), _invoice),
    _tells("invoice-told-by-cache-control", "Without a valid key, the error of an invoice that exists is private.",
           set_header("cache-control", "private, no-store"), _invoice),
    _tells("invoice-told-by-cookie", "Without a valid key, the error of an invoice that exists sets a cookie.",
           set_header("set-cookie", "seen=1"), _invoice),
    _tells("invoice-told-by-connection", "Without a valid key, the connection ends after an invoice that exists.",
           set_header("connection", "close"), _invoice),
    Defect("invoice-told-by-cookie-length", Group.MASKING, "MASK-2",
           "Without a valid key, a cookie that changes each time is longer for an invoice that exists.",
           answer=_tell_by_cookie_length),
    Defect("invoice-told-beside-trace", Group.MASKING, "MASK-2",
           "Without a valid key, errors have a trace id that changes each time, and a code that tells.",
           answer=_tell_beside_trace),
    _tells("invoice-told-to-wrong-key", "With a wrong key, but not without one, an invoice that exists is 401.",
           set_status(401), _invoice, _with_wrong_key),
    _tells("invoice-told-to-no-key", "Without a key, but not with a wrong one, an invoice that exists is 401.",
           set_status(401), _invoice, _without_key),
    _tells("invoice-told-to-part-of-key", "With the beginning of a valid key, an invoice that exists is 401.",
           set_status(401), _invoice, _with_part_of_key),
    _tells("invoice-told-by-head", "Without a valid key, HEAD is 401 for an invoice that exists.",
           set_status(401), _invoice, _by("HEAD")),
    _tells("invoice-told-by-options", "Without a valid key, OPTIONS is 200 for an invoice that exists.",
           say_nothing(200, {"allow": "GET, HEAD, OPTIONS"}), _invoice, _by("OPTIONS")),
    _tells("invoice-told-by-post", "Without a valid key, POST is 401 on the path of an invoice that exists.",
           set_status(401), _invoice, _by("POST")),
    _tells("invoice-told-by-redirect", "Without a valid key, only an invoice that exists is redirected to its slash.",
           redirect(308, lambda _answer, context: f"{context.request.segment}/"), _lacking_slash),
    _tells("hidden-invoice-told-without-key", "Without a valid key, an invoice that not every key may see is 401.",
           set_status(401), _seen_by_some_only),
)  # fmt: skip

_OF_PAYMENTS: Final = (
    _tells("action-told-by-status", "Without a valid key, a create for an action that exists is 401, another 404.",
           set_status(401), _action),
    _tells("action-told-by-message", "Without a valid key, the message differs for an action that exists.",
           put(message=_NO_KEY), _action),
    _tells("action-told-by-header", "Without a valid key, the error of an action that exists has a header more.",
           set_header("x-billecta-action", "found"), _action),
    _tells("action-told-by-parameters", "Without a valid key, a create for an action that exists is a bad request.",
           refuse("The payer could not be reached"), _action, _with_wrong_key),
    _tells("payment-told-by-status", "Without a valid key, a payment request that exists is 401, another 404.",
           set_status(401), _payment),
    _tells("payment-told-by-message", "Without a valid key, the message differs for a payment request that exists.",
           put(message=_NO_KEY), _payment),
    _tells("payment-told-by-white-space", "Without a valid key, the error of a payment request ends in a space.",
           map_body(lambda body: body + b" "), _payment),
    _tells("payment-told-by-header", "Without a valid key, the error of a payment request has a header more.",
           set_header("last-modified", "Thu, 15 Jan 2026 08:00:00 GMT"), _payment),
    _tells("payment-told-to-wrong-key", "With a wrong key, the error of a payment request has a member more.",
           put(code=7), _payment, _with_wrong_key),
    _tells("payment-told-to-no-key", "Without a key, the error of a payment request has a member more.",
           put(code=7), _payment, _without_key),
    _tells("payment-told-by-head", "Without a valid key, HEAD is 401 for a payment request that exists.",
           set_status(401), _payment, _by("HEAD")),
    _tells("payment-told-by-options", "Without a valid key, OPTIONS names the methods of payment requests that exist.",
           set_header("allow", "GET, HEAD, OPTIONS"), _payment, _by("OPTIONS")),
)  # fmt: skip

_OF_HIDDEN: Final = (
    _hidden("hidden-invoice-is-401", "An invoice that the key may not see is 401.", set_status(401)),
    _hidden("hidden-invoice-is-403", "An invoice that the key may not see is 403, one that is missing 404.",
            set_status(403)),
    _hidden("hidden-invoice-told-by-message", "The message says that an invoice is there but may not be seen.",
            put(message="Access denied")),
    _hidden("hidden-invoice-told-by-white-space", "The error of an invoice that may not be seen ends in a newline.",
            map_body(lambda body: body + b"\n")),
    _hidden("hidden-invoice-told-by-charset", "The media type of the error names a charset for a hidden invoice.",
            set_type("application/json; charset=utf-8")),
    _hidden("hidden-invoice-told-by-header", "The error of an invoice that may not be seen has a header more.",
            set_header("x-permission", "denied")),
    _hidden("hidden-invoice-told-by-head", "HEAD is 403 for an invoice that may not be seen.",
            set_status(403), _by("HEAD")),
)  # fmt: skip

DEFECTS: Final = (*_OF_INVOICES, *_OF_PAYMENTS, *_OF_HIDDEN)


def _slower(name: str, clause: str, sentence: str, applies: Callable[[DefectContext], bool]) -> Defect:
    def delay(_answer: Response, context: DefectContext) -> float:
        return SECONDS if applies(context) else 0.0

    return Defect(name, Group.TIMING, clause, sentence, delay=delay)


def _is_read_locked_out(context: DefectContext) -> bool:
    return context.key is None and context.request.method in READING


TIMING_DEFECTS: Final = (
    _slower("invoice-told-by-time", "MASK-3", "Without a valid key, an invoice that exists takes longer.",
            lambda context: _is_read_locked_out(context) and context.names_invoice),
    _slower("invoice-told-by-time-to-wrong-key", "MASK-3", "With a wrong key, an invoice that exists takes longer.",
            lambda context: _is_read_locked_out(context) and context.names_invoice and context.request.key != ""),
    _slower("invoice-told-by-time-to-no-key", "MASK-3", "Without a key, an invoice that exists takes longer.",
            lambda context: _is_read_locked_out(context) and context.names_invoice and not context.request.has_key),
    _slower("invoice-told-by-time-of-head", "MASK-3", "Without a valid key, HEAD takes longer for an invoice.",
            lambda context: context.key is None and context.request.method == "HEAD" and context.names_invoice),
    _slower("missing-invoice-takes-longer", "MASK-3", "Without a valid key, a missing invoice takes longer.",
            lambda context: (
                _is_read_locked_out(context) and context.request.is_for_invoice and not context.names_invoice)),
    _slower("action-told-by-time", "MASK-3", "Without a valid key, a create for an action that exists takes longer.",
            lambda context: context.key is None and context.request.is_create and context.names_action),
    _slower("payment-told-by-time", "MASK-3", "Without a valid key, a payment request that exists takes longer.",
            lambda context: _is_read_locked_out(context) and context.names_payment),
    _slower("hidden-invoice-told-by-time", "MASK-4", "An invoice that the key may not see takes longer than none.",
            lambda context: context.is_hidden),
)  # fmt: skip
