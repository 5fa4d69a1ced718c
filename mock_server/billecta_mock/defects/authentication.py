"""Defects of authentication, of the comparison of keys, and of the permission model."""

import base64
import binascii
from collections.abc import Callable
from itertools import islice
from typing import Final
from urllib.parse import unquote

from billecta_mock.defects.context import READING, DefectContext, RequestView
from billecta_mock.defects.defect import Ask, Defect, Group
from billecta_mock.defects.http import find_key, let_in, let_in_as, lock_out, resemble
from billecta_mock.defects.mutators import (
    fail,
    is_denied,
    is_locked_out,
    miss,
    refuse,
    say,
    say_nothing,
    say_text,
    set_status,
    when,
)
from billecta_mock.http import Response

_GROUP: Final = Group.AUTHENTICATION
_EVERY: Final = 5
_PATIENCE: Final = 5
_LONGEST_PHONE: Final = 20
_LONGEST_MESSAGE: Final = 50


def _after_wrong_keys(_asked: RequestView, context: DefectContext) -> bool:
    last = [exchange.why.code for exchange in islice(context.earlier(), _PATIENCE)]
    return len(last) == _PATIENCE and set(last) == {"key_unknown"}


def _in_query(request: RequestView) -> str:
    parameters = request.parameters
    return next((parameters[name] for name in ("x-api-key", "api_key", "apikey", "key") if name in parameters), "")


def _in_cookie(request: RequestView) -> str:
    crumbs = (crumb.strip().partition("=") for crumb in request.header(b"cookie").split(";"))
    return next((value for name, _, value in crumbs if name.lower() in ("x-api-key", "api_key", "apikey")), "")


def _after(scheme: str) -> Callable[[RequestView], str]:
    def find(request: RequestView) -> str:
        given, _, credentials = request.header(b"authorization").partition(" ")
        return credentials.strip() if given.lower() == scheme else ""

    return find


def _as_password(request: RequestView) -> str:
    try:
        user, _, password = base64.b64decode(_after("basic")(request)).decode().partition(":")
    except (binascii.Error, ValueError):
        return ""
    return password or user


def _in_other_header(request: RequestView) -> str:
    names = (b"api-key", b"apikey", b"x-apikey", b"x-auth-token", b"x-access-token")
    return next((value for value in map(request.header, names) if value), "")


def _take_foreign_key(request: RequestView, context: DefectContext) -> RequestView:
    foreign = any(key.value == request.key for world in context.neighbours() for key in world.dataset.keys)
    strongest = context.strongest_key
    return request.with_key(strongest.value) if strongest and foreign and not context.holder else request


def _has_bad_parameters(_answer: Response, context: DefectContext) -> bool:
    given = context.request.parameters
    phone, message = given.get("phone", ""), given.get("message", "")
    good = 0 < len(phone) <= _LONGEST_PHONE and 0 < len(message) <= _LONGEST_MESSAGE
    return context.key is None and context.request.is_create and not good


def _has_odd_invoice_id(_answer: Response, context: DefectContext) -> bool:
    return context.key is None and context.request.is_for_invoice and not (context.request.resource or "").isdecimal()


def _lacks_key(_answer: Response, context: DefectContext) -> bool:
    return context.key is None and not context.request.key


def _has_wrong_key(_answer: Response, context: DefectContext) -> bool:
    return context.key is None and context.request.key != ""


_REFUSED_WITH_KEY: Final = (
    Defect("valid-key-refused", _GROUP, "AUTH-1", "No key is accepted, not even a valid one.",
           ask=lock_out(lambda _asked, _context: True)),
    Defect("valid-key-refused-for-invoice", _GROUP, "AUTH-1", "No key opens an invoice.",
           ask=lock_out(lambda request, _context: request.is_for_invoice)),
    Defect("valid-key-refused-for-create", _GROUP, "AUTH-1", "No key creates a payment request.",
           ask=lock_out(lambda request, _context: request.is_create)),
    Defect("valid-key-refused-for-status", _GROUP, "AUTH-1", "No key reads a status.",
           ask=lock_out(lambda request, _context: request.is_read)),
    Defect("valid-key-refused-now-and-then", _GROUP, "AUTH-1", "Every fifth request is refused, whatever its key.",
           ask=lock_out(lambda _asked, context: context.number % _EVERY == 0)),
    Defect("valid-key-refused-after-wrong-ones", _GROUP, "AUTH-1",
           "After five requests in a row with a wrong key, the next is refused even with a valid one.",
           ask=lock_out(_after_wrong_keys)),
    Defect("key-header-case-sensitive", _GROUP, "AUTH-3",
           "The key's header is not found unless its name is written in lower case.",
           ask=lock_out(lambda request, _context: request.key_name != request.key_name.lower())),
)  # fmt: skip

_LET_IN: Final = (
    Defect("no-key-needed", _GROUP, "AUTH-2", "Everybody is let in.", ask=let_in(lambda _asked: True)),
    Defect("no-key-needed-for-invoice", _GROUP, "AUTH-2", "Everybody may fetch invoices.",
           ask=let_in(lambda request: request.is_for_invoice)),
    Defect("no-key-needed-for-create", _GROUP, "AUTH-2", "Everybody may create payment requests.",
           ask=let_in(lambda request: request.is_create)),
    Defect("no-key-needed-for-status", _GROUP, "AUTH-2", "Everybody may read the status of a payment request.",
           ask=let_in(lambda request: request.is_read)),
    Defect("any-key-accepted", _GROUP, "AUTH-2", "A key is needed, but any will do.",
           ask=let_in(lambda request: request.key != "")),
    Defect("empty-key-accepted", _GROUP, "AUTH-2", "The header is needed, but may be empty.",
           ask=let_in(lambda request: request.has_key and not request.key)),
    Defect("key-in-query-accepted", _GROUP, "AUTH-2", "The key is also taken from the query string.",
           ask=find_key(_in_query)),
    Defect("key-in-cookie-accepted", _GROUP, "AUTH-2", "The key is also taken from a cookie.",
           ask=find_key(_in_cookie)),
    Defect("key-as-bearer-accepted", _GROUP, "AUTH-2", "The key is also taken as a bearer token.",
           ask=find_key(_after("bearer"))),
    Defect("key-as-password-accepted", _GROUP, "AUTH-2", "The key is also taken as the password of Basic.",
           ask=find_key(_as_password)),
    Defect("key-in-other-header-accepted", _GROUP, "AUTH-2", "The key is also taken from headers of other names.",
           ask=find_key(_in_other_header)),
    Defect("key-of-other-world-accepted", _GROUP, "AUTH-2", "A key of another database is accepted in this one.",
           ask=_take_foreign_key),
    Defect("proxied-from-loopback-needs-no-key", _GROUP, "AUTH-2",
           "Who claims by X-Forwarded-For to be the server itself needs no key.",
           ask=let_in(lambda request: request.header(b"x-forwarded-for").startswith("127."))),
    Defect("range-needs-no-key", _GROUP, "AUTH-2", "A request for a range of bytes is served before the key is asked.",
           ask=let_in(lambda request: request.header(b"range") != "")),
    Defect("double-slash-needs-no-key", _GROUP, "AUTH-2", "A path with two slashes in a row gets around the key.",
           ask=let_in_as(lambda request: "//" in request.path,
                         lambda request: request._replace(path=request.path.replace("//", "/")))),
    Defect("missing-slash-needs-no-key", _GROUP, "AUTH-2",
           "The invoice path without its last slash gets around the key.",
           ask=let_in_as(lambda request: request.is_for_invoice and not request.path.endswith("/"),
                         lambda request: request._replace(path=f"{request.path}/"))),
    Defect("upper-case-path-needs-no-key", _GROUP, "AUTH-2", "A path in capitals gets around the key.",
           ask=let_in_as(lambda request: request.path[:2] in ("/F", "/P"),
                         lambda request: request._replace(path=request.path.lower()))),
)  # fmt: skip

_OTHER_METHODS: Final = (
    Defect("head-needs-no-key", _GROUP, "AUTH-5", "HEAD is answered without a key.",
           ask=let_in(lambda request: request.method == "HEAD")),
    Defect("options-answered-as-get", _GROUP, "AUTH-5", "OPTIONS needs no key and is answered as GET.",
           ask=let_in_as(lambda request: request.method == "OPTIONS", lambda request: request._replace(method="GET"))),
    Defect("method-override-needs-no-key", _GROUP, "AUTH-5",
           "A POST that a header turns into a GET is served without a key.",
           ask=let_in_as(lambda request: request.header(b"x-http-method-override").upper() in READING,
                         lambda request: request._replace(method="GET"))),
    Defect("put-needs-no-key", _GROUP, "AUTH-5", "PUT needs no key and is answered as GET.",
           ask=let_in_as(lambda request: request.method == "PUT", lambda request: request._replace(method="GET"))),
)  # fmt: skip

_TOLD: Final = (
    Defect("locked-out-is-403", _GROUP, "AUTH-2", "Who has no valid key gets 403.",
           answer=when(is_locked_out, set_status(403))),
    Defect("locked-out-is-200-with-error", _GROUP, "AUTH-2", "Who has no valid key gets 200 with an error inside.",
           answer=when(is_locked_out, set_status(200))),
    Defect("locked-out-is-redirected", _GROUP, "AUTH-2", "Who has no valid key is sent to a page to sign in on.",
           answer=when(is_locked_out, say_nothing(302, {"location": "/login"}))),
    Defect("locked-out-gets-a-form", _GROUP, "AUTH-2", "Who has no valid key gets 200 and a page to sign in on.",
           answer=when(is_locked_out, say_text(200, "<!doctype html><title>Sign in</title><form></form>"))),
    Defect("parameters-judged-before-key", _GROUP, "AUTH-2", "Bad parameters are complained of before the key.",
           answer=when(_has_bad_parameters, refuse("phone and message are required, of 20 and 50 characters"))),
    Defect("invoice-id-judged-before-key", _GROUP, "AUTH-2", "An odd invoice id is complained of before the key.",
           answer=when(_has_odd_invoice_id, refuse("invoice_id must be a whole number"))),
    Defect("missing-key-is-400", _GROUP, "MASK-1", "A missing key is a bad request, a wrong one is not found.",
           answer=when(_lacks_key, refuse("The header x-api-key is required"))),
    Defect("wrong-key-is-400", _GROUP, "MASK-1", "A wrong key is a bad request, a missing one is not found.",
           answer=when(_has_wrong_key, refuse("The key has a form that no key has"))),
    Defect("wrong-key-is-403", _GROUP, "MASK-1", "A wrong key is forbidden, a missing one is not found.",
           answer=when(_has_wrong_key, set_status(403))),
    Defect("missing-key-is-204", _GROUP, "MASK-1", "A missing key is answered with nothing at all.",
           answer=when(_lacks_key, say_nothing(204))),
    Defect("missing-key-is-500", _GROUP, "CODES-2", "A missing key makes the server fail.",
           answer=when(_lacks_key, fail())),
    Defect("non-ascii-key-is-500", _GROUP, "CODES-2", "A key with a letter outside ASCII makes the server fail.",
           answer=when(lambda _answer, context: not context.request.key.isascii(), fail())),
    Defect("long-key-is-500", _GROUP, "CODES-2", "A key of more than 255 characters makes the server fail.",
           answer=when(lambda _answer, context: len(context.request.key) > 255, fail())),  # noqa: PLR2004 — the sentence's
    Defect("wrong-key-is-410", _GROUP, "CODES-1", "A wrong key is said to be gone.",
           answer=when(_has_wrong_key, say(410, {"message": "Gone"}))),
)  # fmt: skip

DEFECTS: Final = (*_REFUSED_WITH_KEY, *_LET_IN, *_OTHER_METHODS, *_TOLD)


def _accepted(name: str, sentence: str, ask: Ask) -> Defect:
    return Defect(name, Group.KEYS, "AUTH-4", sentence, ask=ask)


def _letters(key: str) -> str:
    return "".join(character for character in key if character.isalnum())


KEY_DEFECTS: Final = (
    _accepted("key-prefix-accepted", "The beginning of a valid key is accepted as that key.",
              resemble(lambda given, valid: valid.startswith(given))),
    _accepted("key-suffix-accepted", "A valid key with anything after it is accepted.",
              resemble(lambda given, valid: given.startswith(valid))),
    _accepted("key-found-anywhere", "A key that holds a valid one anywhere is accepted.",
              resemble(lambda given, valid: valid in given)),
    _accepted("key-case-ignored", "A key in other case is accepted.",
              resemble(lambda given, valid: given.lower() == valid.lower())),
    _accepted("key-first-half-compared", "Only the first half of a key is compared.",
              resemble(lambda given, valid: given[: len(valid) // 2] == valid[: len(valid) // 2])),
    _accepted("key-last-character-ignored", "The last character of a key is not compared.",
              resemble(lambda given, valid: len(given) == len(valid) and given[:-1] == valid[:-1])),
    _accepted("key-length-compared", "A key is accepted if it is as long as a valid one.",
              resemble(lambda given, valid: len(given) == len(valid))),
    _accepted("key-letters-in-any-order", "A key is accepted if it has the characters of a valid one, in any order.",
              resemble(lambda given, valid: sorted(given) == sorted(valid))),
    _accepted("key-quotes-stripped", "A valid key in quotation marks is accepted.",
              resemble(lambda given, valid: given.strip("\"'") == valid)),
    _accepted("key-scheme-stripped", "A valid key after a word such as Bearer is accepted in the key's own header.",
              resemble(lambda given, valid: given.rpartition(" ")[2] == valid)),
    _accepted("key-first-of-list", "Of a list of keys, the first is taken.",
              resemble(lambda given, valid: given.partition(",")[0].strip() == valid)),
    _accepted("key-last-of-list", "Of a list of keys, the last is taken.",
              resemble(lambda given, valid: given.rpartition(",")[2].strip() == valid)),
    _accepted("key-percent-decoded", "A valid key is accepted in percent-encoding.",
              resemble(lambda given, valid: unquote(given) == valid)),
    _accepted("key-separators-ignored", "Spaces and signs inside a key are not compared.",
              resemble(lambda given, valid: _letters(given) == _letters(valid))),
)  # fmt: skip


_DENIAL: Final = Group.PERMISSIONS


def _permit(applies: Callable[[RequestView, DefectContext], bool]) -> Ask:
    """Whoever has a valid key may do what the user of the strongest one may, when asking so."""

    def believe(request: RequestView, context: DefectContext) -> RequestView:
        strongest = context.strongest_key
        return (
            request.with_key(strongest.value) if strongest and context.holder and applies(request, context) else request
        )

    return believe


def _is_denied_create(answer: object, context: DefectContext) -> bool:
    del answer
    return _lacks_policy(context, "createSwishPayment") and context.request.is_create


def _lacks_policy(context: DefectContext, operation: str) -> bool:
    return context.key is not None and not context.key.may_call(operation)


def _may_fetch(context: DefectContext) -> bool:
    return context.holder is not None and context.holder.may_call("fetchInvoicePdf")


PERMISSION_DEFECTS: Final = (
    Defect("denied-create-is-made", _DENIAL, "PERM-1", "Every valid key may create payment requests.",
           ask=_permit(lambda request, _context: request.is_create)),
    Defect("denied-invoice-is-sent", _DENIAL, "PERM-1", "Every valid key may fetch every invoice.",
           ask=_permit(lambda request, _context: request.is_for_invoice)),
    Defect("denied-status-is-read", _DENIAL, "PERM-1", "Every valid key may read every status.",
           ask=_permit(lambda request, _context: request.is_read)),
    Defect("hidden-invoice-is-sent", _DENIAL, "PERM-1", "Policy is kept, but object access hides no invoice.",
           ask=_permit(lambda request, context: request.is_for_invoice and _may_fetch(context))),
    Defect("hidden-invoice-is-sent-to-head", _DENIAL, "PERM-1", "Object access hides no invoice from HEAD.",
           ask=_permit(
               lambda request, context: request.is_for_invoice and request.method == "HEAD" and _may_fetch(context))),
    Defect("denied-is-400", _DENIAL, "PERM-1", "What policy denies is a bad request.",
           answer=when(is_denied, refuse("The user of this key may not do this"))),
    Defect("denied-is-401", _DENIAL, "PERM-1", "What policy denies is answered as if the key were wrong.",
           answer=when(is_denied, set_status(401))),
    Defect("denied-create-is-404", _DENIAL, "PERM-1", "A create that policy denies is not found.",
           answer=when(_is_denied_create, miss())),
    Defect("denied-create-is-201", _DENIAL, "PERM-1", "A create that policy denies is said to be made, and is not.",
           answer=when(_is_denied_create, say(201, {"requestid": "0" * 32}))),
    Defect("denied-is-200-with-error", _DENIAL, "PERM-1", "What policy denies is 200 with an error inside.",
           answer=when(is_denied, set_status(200))),
    Defect("denied-is-redirected", _DENIAL, "PERM-1", "What policy denies redirects to a page for more rights.",
           answer=when(is_denied, say_nothing(303, {"location": "/permissions"}))),
    Defect("denied-is-500", _DENIAL, "CODES-2", "What policy denies makes the server fail.",
           answer=when(is_denied, fail())),
)  # fmt: skip
