"""Small deployments with one defect each that a suite which asks only for the usual does not see."""

from __future__ import annotations

import gzip
import html
import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from urllib.parse import parse_qs, unquote

import pikepdf
from tests.verify.small_server import BASE_PATH, DOCUMENT, KEY, LIMITED_KEY, Answer, Asked, Contract, as_json

Found = Callable[[Asked], bool]
Changed = Callable[[Contract, Asked, Answer], Answer]


def _opens(clause: str, found: Found) -> type[Contract]:
    """Takes something else for a key."""

    class Opens(Contract):
        def is_key(self, asked: Asked) -> bool:
            return super().is_key(asked) or found(asked)

    Opens.clause = clause
    return Opens


def _answers(clause: str, changed: Changed) -> type[Contract]:
    """Changes some of the answers of a deployment that keeps the contract."""

    class Answers(Contract):
        def finish(self, asked: Asked, answer: Answer) -> Answer:
            return changed(self, asked, answer)

    Answers.clause = clause
    return Answers


def _fails(clause: str, when: Found) -> type[Contract]:
    return _answers(clause, lambda _, asked, answer: as_json(500, message="oops") if when(asked) else answer)


def _reads(clause: str, parameter: str, reading: Callable[[str], str]) -> type[Contract]:
    """Reads a parameter otherwise before it verifies it."""

    class Reads(Contract):
        def parameter(self, asked: Asked, name: str) -> str | None:
            given = super().parameter(asked, name)
            return reading(given) if given is not None and name == parameter else given

    Reads.clause = clause
    return Reads


def _finds(reading: Callable[[str], str]) -> type[Contract]:
    """Takes another id for that of an invoice."""

    class Finds(Contract):
        clause = "PDF-4"

        def sees(self, asked: Asked, invoice_id: str) -> bool:
            return super().sees(asked, reading(invoice_id))

    return Finds


def _tells(clause: str, resource: str, when: Found, changed: Callable[[Answer], Answer]) -> type[Contract]:
    """Tells one resource from none in the answers to some requests."""

    def told(_: Contract, asked: Asked, answer: Answer) -> Answer:
        known = asked.raw_path.rstrip("/").endswith("/" + resource)
        return changed(answer) if known and when(asked) else answer

    return _answers(clause, told)


def _said(text: str) -> type[Contract]:
    """Shows something of its inside in an error."""
    return _answers("SEC-2", lambda _, __, answer: as_json(404, message=text) if answer.status == 404 else answer)


def _with(name: str, value: str) -> Callable[[Answer], Answer]:
    return lambda answer: replace(answer, headers=(*answer.headers, (name, value)))


def _unauthorized(answer: Answer) -> Answer:
    return replace(answer, status=401)


def _without_key(asked: Asked) -> bool:
    return asked.key not in {KEY, LIMITED_KEY}


def _of_document(
    changed: Callable[[Answer], Answer], clause: str = "PDF-2", when: Found = lambda _: True
) -> type[Contract]:
    return _answers(
        clause, lambda _, asked, answer: changed(answer) if answer.body == DOCUMENT and when(asked) else answer
    )


def _encrypted() -> bytes:
    buffer = BytesIO()
    with pikepdf.open(BytesIO(DOCUMENT)) as document:
        document.save(buffer, encryption=pikepdf.Encryption(owner="owner", user="secret"))
    return buffer.getvalue()


class ReadsTheBody(Contract):
    clause = "SWISH-7"

    def parameter(self, asked: Asked, name: str) -> str | None:
        in_body = parse_qs(asked.body.decode("latin-1")).get(name, [None])[0]
        return super().parameter(asked, name) or (in_body if name == "message" else None)


class SetsAKeyAsCookie(Contract):
    clause = "AUTH-2"

    def is_key(self, asked: Asked) -> bool:
        return super().is_key(asked) or "sid=open" in asked.headers.get("cookie", "")

    def document(self, asked: Asked) -> Answer:
        return _with("Set-Cookie", "sid=open; Path=/; HttpOnly")(super().document(asked))


class CapitalsRefusedOnCreate(Contract):
    clause = "AUTH-3"

    def is_key(self, asked: Asked) -> bool:
        return super().is_key(asked) and not (asked.method == "POST" and "X-API-KEY" in asked.header_names)


class MethodInTheQuery(Contract):
    clause = "AUTH-5"

    def answer(self, asked: Asked) -> Answer:
        overridden = asked.parameters.get("_method") == ["GET"]
        return self.document(asked) if overridden else super().answer(asked)


class StatusOfAnyMethod(Contract):
    clause = "AUTH-5"

    def answer(self, asked: Asked) -> Answer:
        known = asked.raw_path.rpartition("/")[2] in self.payments
        return as_json(200, requeststatus="Created") if known and asked.method == "POST" else super().answer(asked)


class DeletesAndDenies(Contract):
    clause = "HTTP-2"

    def on_payment(self, asked: Asked, resource: str) -> Answer:
        if asked.method == "DELETE":
            self.payments.pop(resource, None)
        return super().on_payment(asked, resource)


class WildcardIsNewest(Contract):
    clause = "STATUS-3"

    def status(self, asked: Asked, request_id: str) -> Answer:
        newest = next(reversed(self.payments), request_id)
        return super().status(asked, newest if "%" in request_id else request_id)


class CutsIdsAtASign(Contract):
    clause = "STATUS-3"

    def status(self, asked: Asked, request_id: str) -> Answer:
        return super().status(asked, re.split("[?;#]", request_id)[0])


class OddActionIsServerError(Contract):
    clause = "CODES-2"

    def create(self, asked: Asked, action_id: str) -> Answer:
        return as_json(500, message="oops") if "'" in action_id else super().create(asked, action_id)


class HiddenWithoutSlash(Contract):
    clause = "PERM-1"

    def answer(self, asked: Asked) -> Answer:
        bare = asked.raw_path == f"{BASE_PATH}/fetch-invoice-pdf/2002" and asked.key == LIMITED_KEY
        return self.document(asked) if bare else super().answer(asked)


QUIET: dict[str, type[Contract]] = {
    "key in an unusual header": _opens("AUTH-2", lambda asked: asked.headers.get("x-functions-key") == KEY),
    "key as token": _opens("AUTH-2", lambda asked: asked.headers.get("authorization") == f"Token {KEY}"),
    "key in a cookie of another name": _opens(
        "AUTH-2", lambda asked: f"session={KEY}" in asked.headers.get("cookie", "")
    ),
    "key as subscription": _opens("AUTH-2", lambda asked: asked.parameters.get("subscription-key") == [KEY]),
    "a browser is let in": _opens("AUTH-2", lambda asked: "text/html" in asked.headers.get("accept", "")),
    "a download is let in": _opens("AUTH-2", lambda asked: "download" in asked.parameters),
    "a refusal with the document": _answers(
        "AUTH-2", lambda _, asked, answer: replace(answer, body=DOCUMENT) if _without_key(asked) else answer
    ),
    "no-break spaces": _opens("AUTH-4", lambda asked: (asked.key or "").strip() == KEY),
    "first character": _opens("AUTH-4", lambda asked: (asked.key or "")[1:] == KEY[1:]),
    "HEAD of a status": _opens("AUTH-5", lambda asked: asked.method == "HEAD" and "/payments/" in asked.raw_path),
    "told by a range": _tells(
        "MASK-2", "1001", lambda asked: _without_key(asked) and "range" in asked.headers, _unauthorized
    ),
    "told to a bearer": _tells(
        "MASK-2", "1001", lambda asked: KEY in asked.headers.get("authorization", ""), _unauthorized
    ),
    "told to a longer key": _tells(
        "MASK-2", "1001", lambda asked: (asked.key or "").startswith(KEY + "x"), _unauthorized
    ),
    "hidden told to a wrong key": _tells(
        "MASK-2", "2002", lambda asked: bool(asked.key) and _without_key(asked), _unauthorized
    ),
    "action told by GET": _tells(
        "MASK-2", "action123", lambda asked: asked.method == "GET" and _without_key(asked), _unauthorized
    ),
    "action told to who sends nothing": _tells(
        "MASK-2", "action123", lambda asked: not asked.query and _without_key(asked), _unauthorized
    ),
    "told by an age": _tells("MASK-2", "1001", _without_key, _with("Age", "0")),
    "hidden told by OPTIONS": _tells(
        "MASK-4", "2002", lambda asked: asked.key == LIMITED_KEY and asked.method == "OPTIONS", _with("Allow", "GET")
    ),
    "hidden told by a redirect": _tells(
        "MASK-4",
        "2002",
        lambda asked: asked.key == LIMITED_KEY and not asked.raw_path.endswith("/"),
        lambda answer: replace(answer, status=301),
    ),
    "PDF refused to who wants no other": _of_document(
        lambda _: as_json(406, message="x"), "PDF-1", lambda asked: asked.headers.get("accept") == "application/pdf"
    ),
    "document behind a password": _of_document(lambda answer: replace(answer, body=_encrypted())),
    "gzip without its end": _of_document(
        lambda answer: _with("Content-Encoding", "gzip")(replace(answer, body=gzip.compress(DOCUMENT)[:-9]))
    ),
    "id as a file": _finds(lambda asked: asked.removesuffix(".pdf")),
    "id before a line end": _finds(lambda asked: asked.removesuffix("\n")),
    "id before a space": _finds(str.rstrip),
    "id as a sum": _finds(lambda asked: asked.removesuffix("-0")),
    "id before a semicolon": _finds(lambda asked: asked.partition(";")[0]),
    "id of wide digits": _finds(lambda asked: unicodedata.normalize("NFKC", asked)),
    "colon in an id": _fails("PDF-4", lambda asked: "%3A" in asked.raw_path),
    "no number": _fails("PDF-4", lambda asked: asked.raw_path.endswith("/nan/")),
    "phone trimmed": _reads("SWISH-4", "phone", str.strip),
    "phone without its spaces": _reads("SWISH-4", "phone", lambda given: given.replace(" ", "")),
    "spaces in front not counted": _reads("SWISH-6", "message", str.lstrip),
    "spaces side by side not counted": _reads("SWISH-6", "message", lambda given: re.sub(" +", " ", given)),
    "decoded twice": _reads("SWISH-6", "message", unquote),
    "entities decoded": _reads("SWISH-6", "message", html.unescape),
    "status refused to who wants JSON": _answers(
        "STATUS-1",
        lambda _, asked, answer: as_json(406) if asked.headers.get("accept") == "application/json" else answer,
    ),
    "status that nobody sees": _answers(
        "STATUS-4",
        lambda _, __, answer: as_json(200, requeststatus="\u200b") if b"requeststatus" in answer.body else answer,
    ),
    "malformed Authorization": _fails("CODES-2", lambda asked: "!" in asked.headers.get("authorization", "")),
    "address that is none": _fails("CODES-2", lambda asked: asked.headers.get("x-forwarded-for") == "somewhere"),
    "many headers": _fails("CODES-2", lambda asked: len(asked.headers) > 45),
    "unknown charset": _fails(
        "CODES-2", lambda asked: "nonsense" in asked.headers.get("content-type", "") and bool(asked.body)
    ),
    "bad query of a read": _fails("CODES-2", lambda asked: asked.method == "GET" and "%ZZ" in asked.query),
    "connection string": _said("Server=db1;User Id=sa;Password=hunter2;"),
    "database error": _said("ERROR:  invalid input syntax for type integer"),
    "key in hexadecimal digits": _answers(
        "SEC-2", lambda _, asked, answer: as_json(404, seen=KEY.encode().hex()) if answer.status == 404 else answer
    ),
    "cached at the edge": _of_document(_with("CDN-Cache-Control", "max-age=600"), "SEC-3"),
}
QUIET |= {
    kind.__name__: kind
    for kind in (
        ReadsTheBody,
        SetsAKeyAsCookie,
        CapitalsRefusedOnCreate,
        MethodInTheQuery,
        StatusOfAnyMethod,
        DeletesAndDenies,
        CutsIdsAtASign,
        OddActionIsServerError,
        HiddenWithoutSlash,
    )
}
SEEN_IN_A_WHOLE_RUN = {
    "WildcardIsNewest": WildcardIsNewest,
    "type for another key": _of_document(
        lambda answer: replace(answer, media_type="text/plain"), "PDF-1", lambda asked: asked.key == LIMITED_KEY
    ),
}
"""Seen in the answers to what checks of other clauses ask."""
