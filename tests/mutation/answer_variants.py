"""Small deployments whose answers look or travel in another way than the mock's, as the contract allows.

From the list at the end of the clause register; none of them may be reported.
"""

from __future__ import annotations

import gzip
import itertools
import json
import time
from dataclasses import replace
from io import BytesIO
from random import Random
from urllib.parse import quote

import pikepdf
from tests.verify.small_server import DOCUMENT, Answer, Asked, Contract, as_json


def _updated_document() -> bytes:
    """The document and an update without objects: a further cross-reference that points to the one before."""
    start = int(DOCUMENT.rpartition(b"startxref")[2].split()[0])
    with pikepdf.open(BytesIO(DOCUMENT)) as document:
        size, (number, generation) = len(document.objects) + 1, document.Root.objgen
    trailer = f"<< /Size {size} /Root {number} {generation} R /Prev {start} >>"
    update = f"xref\n0 0\ntrailer\n{trailer}\nstartxref\n{len(DOCUMENT)}\n%%EOF\n\n"
    return DOCUMENT + update.encode()


def _embedding_document() -> bytes:
    buffer = BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.attachments["order.pdf"] = DOCUMENT
        document.save(buffer, compress_streams=False)
    return buffer.getvalue()


UPDATED_DOCUMENT = _updated_document()
EMBEDDING_DOCUMENT = _embedding_document()


class HtmlErrors(Contract):
    def not_found(self, asked: Asked) -> Answer:
        return Answer(404, b"<!doctype html><title>404 Not Found</title>", "text/html; charset=utf-8")


class Gzip(Contract):
    def finish(self, asked: Asked, answer: Answer) -> Answer:
        if "gzip" not in asked.headers.get("accept-encoding", "") or not answer.body:
            return answer
        headers = (*answer.headers, ("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding"))
        return replace(answer, body=gzip.compress(answer.body), headers=headers)


class MoreMembers(Contract):
    def finish(self, asked: Asked, answer: Answer) -> Answer:
        if answer.media_type != "application/json" or answer.status == 404:
            return answer
        body = json.dumps({**json.loads(answer.body), "code": None, "links": [{"rel": "self"}], "försök": 1})
        return replace(answer, body=body.encode(), media_type="application/json; charset=UTF-8")


class VolatileHeadersAndCookies(Contract):
    def finish(self, asked: Asked, answer: Answer) -> Answer:
        number = self.reads = self.reads + 1
        volatile = (
            ("Set-Cookie", f"session={number}; HttpOnly"),
            ("X-Request-Id", f"{number:08x}"),
            ("Server", "a" if number % 2 else "b"),
            ("X-Runtime", str(time.perf_counter())),
            ("X-RateLimit-Remaining", str(3000 - number)),
        )
        return replace(answer, headers=answer.headers + volatile)


class HeadersThatComeAndGo(Contract):
    """Some answers carry a cookie or a warning, as it happens."""

    chance = Random(3)

    def finish(self, asked: Asked, answer: Answer) -> Answer:
        extra = [("Set-Cookie", "a=1"), ("X-Debug", "on"), ("X-Cache", "hit")]
        return replace(answer, headers=(*answer.headers, *(pair for pair in extra if self.chance.random() < 0.3)))


class EchoesAndTraces(Contract):
    """Error bodies that echo the path and carry a trace id."""

    def answer(self, asked: Asked) -> Answer:
        answer = super().answer(asked)
        if answer.status != 404:
            return answer
        self.reads += 1
        return as_json(404, message=f"{asked.raw_path} not found", path=asked.raw_path, trace=f"{self.reads:016x}")


class OtherStatusWords(Contract):
    words = itertools.cycle(["PENDING", "väntar på kund", "paid-out", "0"])

    def status(self, asked: Asked, request_id: str) -> Answer:
        answer = super().status(asked, request_id)
        return as_json(200, requeststatus=next(self.words)) if answer.status == 200 else answer


class NumericIds(Contract):
    def new_id(self) -> str:
        return str(7_000_001 + len(self.payments))


class IdsWithReservedCharacters(Contract):
    def new_id(self) -> str:
        return f"swish:{quote(super().new_id())}==~{len(self.payments)}"


class ClosesEachConnection(Contract):
    def finish(self, asked: Asked, answer: Answer) -> Answer:
        return replace(answer, headers=(*answer.headers, ("Connection", "close")))


class SlowAndNoisy(Contract):
    """Answers take 1 to 9 ms, as it happens."""

    def finish(self, asked: Asked, answer: Answer) -> Answer:
        time.sleep(0.001 * (1 + hash((len(self.seen), time.perf_counter_ns())) % 9))
        return answer


class TwoServers(Contract):
    """Two servers behind one address, either by chance, and each says who it is."""

    chance = Random(5)

    def finish(self, asked: Asked, answer: Answer) -> Answer:
        which = self.chance.choice(["a", "b"])
        return replace(answer, headers=(*answer.headers, ("Server", f"nginx/{which}"), ("X-Backend", which)))


class ExpiresWithoutZone(Contract):
    def document(self, asked: Asked) -> Answer:
        headers = (("Expires", "Thu, 01 Jan 1970 00:00:00"),)
        return replace(super().document(asked), headers=headers)


class CountsKeptConnections(Contract):
    """As Apache does: how many more requests the connection will take."""

    def finish(self, asked: Asked, answer: Answer) -> Answer:
        self.reads += 1
        return replace(answer, headers=(*answer.headers, ("Keep-Alive", f"timeout=5, max={999 - self.reads}")))


class AppendedUpdate(Contract):
    """A document with an incremental update, as a signature appends one."""

    def document(self, asked: Asked) -> Answer:
        return replace(super().document(asked), body=UPDATED_DOCUMENT)


class EmbeddedDocument(Contract):
    """A document that carries another, uncompressed."""

    def document(self, asked: Asked) -> Answer:
        return replace(super().document(asked), body=EMBEDDING_DOCUMENT)


class Chunked(Contract):
    def finish(self, asked: Asked, answer: Answer) -> Answer:
        return replace(answer, chunked=bool(answer.body))


class TagsItsDocuments(Contract):
    """A document that the client has already is not sent again."""

    def document(self, asked: Asked) -> Answer:
        headers = (("ETag", '"v1"'), ("Cache-Control", "private, max-age=60"), ("Vary", "x-api-key"))
        if asked.headers.get("if-none-match") in {'"v1"', "*"}:
            return Answer(304, b"", "", headers)
        return replace(super().document(asked), headers=headers)


class ParametersOnTheType(Contract):
    def document(self, asked: Asked) -> Answer:
        return replace(super().document(asked), media_type='application/pdf; name="invoice 1001.pdf"')


class OtherWordsForOtherMistakes(Contract):
    """Ids of another form are a bad request, and 404 has a body by kind of resource."""

    def refuse_key(self, asked: Asked, resource: str) -> Answer:
        return Answer(404, b"", "")

    def absent(self, asked: Asked, invoice_id: str) -> Answer:
        return as_json(404, error="invoice", message="Not Found", at=time.time_ns())

    def hidden(self, asked: Asked) -> Answer:
        return self.absent(asked, "")


class SlowAnswers(Contract):
    def finish(self, asked: Asked, answer: Answer) -> Answer:
        time.sleep(0.02)
        return answer


FREEDOMS = [kind for kind in Contract.__subclasses__() if kind.__module__ == __name__]
