"""Small deployments that keep the contract in another way than the mock: the list at the end of the clause register.

None of them may be reported.
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

from .small_server import DOCUMENT, READ_ONLY_KEY, Answer, Asked, Contract, as_json


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


class UnauthorizedWithEmptyBody(Contract):
    def refuse_key(self, asked: Asked, resource: str) -> Answer:
        return Answer(401, b"", "", (("WWW-Authenticate", "ApiKey"),))


class UnauthorizedForMissingKeyOnly(Contract):
    def refuse_key(self, asked: Asked, resource: str) -> Answer:
        return self.not_found(asked) if asked.key else as_json(401, message="Unauthorized")


class SlashRedirects(Contract):
    def answer(self, asked: Asked) -> Answer:
        path = asked.raw_path
        if "fetch-invoice-pdf" in path and not path.endswith("/"):
            return Answer(308, b"", "", (("Location", path + "/"),))
        if "/payments/" in path and path.endswith("/"):
            return Answer(308, b"", "", (("Location", path.rstrip("/")),))
        return super().answer(asked)


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


class OneLiveRequestPerPhone(Contract):
    def created(self, asked: Asked) -> Answer:
        if self.parameter(asked, "phone") in self.payments.values():
            return as_json(400, error="RP06", message="This payer has a live payment request already")
        return super().created(asked)


class RefusesEveryPayer(Contract):
    def created(self, asked: Asked) -> Answer:
        return as_json(400, error="ACMT03", message="Payer not enrolled")


class StricterPhones(Contract):
    def judge_parameters(self, asked: Asked) -> Answer | None:
        phone = self.parameter(asked, "phone") or ""
        return super().judge_parameters(asked) or (None if phone.isdigit() else self.bad_request("phone"))


class SwishCharacterSet(Contract):
    def judge_parameters(self, asked: Asked) -> Answer | None:
        message = self.parameter(asked, "message") or ""
        allowed = all(character.isalnum() or character in ' :;.,?!()"' for character in message)
        return super().judge_parameters(asked) or (None if allowed else self.bad_request("message"))


class LimitsTheRate(Contract):
    """429 for every fortieth request."""

    def answer(self, asked: Asked) -> Answer:
        if len(self.seen) % 40 == 39:
            self.seen.append(asked)
            return replace(as_json(429, message="Too Many Requests"), headers=(("Retry-After", "0"),))
        return super().answer(asked)


class ClosesEachConnection(Contract):
    def finish(self, asked: Asked, answer: Answer) -> Answer:
        return replace(answer, headers=(*answer.headers, ("Connection", "close")))


class NoHead(Contract):
    def answer(self, asked: Asked) -> Answer:
        if asked.method in {"HEAD", "OPTIONS"}:
            return Answer(405, b"", "", (("Allow", "GET, POST"),))
        return super().answer(asked)


class ForbidsAllToTheLimitedKey(Contract):
    """A policy denies the limited key every invoice: 403, whether it exists or not."""

    def on_invoice(self, asked: Asked, invoice_id: str) -> Answer:
        if asked.key == "Limited-Key-7":
            return self.denied(asked)
        return super().on_invoice(asked, invoice_id)


class BadRequestForStrangeIds(Contract):
    def absent(self, asked: Asked, invoice_id: str) -> Answer:
        if invoice_id.isascii() and invoice_id.isdigit() and invoice_id != "0":
            return self.not_found(asked)
        return as_json(400, error="Bad Request", message="The invoice id must be a positive whole number")


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


class RefusesControlCharacters(Contract):
    """A firewall in front refuses what no honest client sends."""

    def answer(self, asked: Asked) -> Answer:
        if any(f"%{code:02X}" in asked.raw_path for code in (0x00, 0x0A, 0x0D)):
            self.seen.append(asked)
            return Answer(403, b"<title>Forbidden</title>", "text/html")
        return super().answer(asked)


class ExpiresWithoutZone(Contract):
    def document(self, asked: Asked) -> Answer:
        headers = (("Expires", "Thu, 01 Jan 1970 00:00:00"),)
        return replace(super().document(asked), headers=headers)


class LeadingZeros(Contract):
    """Invoice ids are whole numbers, however many zeros they begin with."""

    def sees(self, asked: Asked, invoice_id: str) -> bool:
        return super().sees(asked, invoice_id.lstrip("0"))


class CountsKeptConnections(Contract):
    """As Apache does: how many more requests the connection will take."""

    def finish(self, asked: Asked, answer: Answer) -> Answer:
        self.reads += 1
        return replace(answer, headers=(*answer.headers, ("Keep-Alive", f"timeout=5, max={999 - self.reads}")))


class ManySequentialIds(Contract):
    """Short numbers for everything, and most of them are taken, by payments of others too."""

    def new_id(self) -> str:
        return str(7_000_001 + len(self.payments))

    def sees(self, asked: Asked, invoice_id: str) -> bool:
        taken = invoice_id.isascii() and invoice_id.isdigit() and len(invoice_id) < 8 and invoice_id[0] != "0"
        return super().sees(asked, invoice_id) or (taken and invoice_id != "2002")

    def status(self, asked: Asked, request_id: str) -> Answer:
        taken = request_id.isascii() and request_id.isdigit() and len(request_id) < 8
        return as_json(200, requeststatus="Paid") if taken else super().status(asked, request_id)


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


class LooksUpFirst(Contract):
    """What does not exist is not found, whatever else is wrong with a request that policy allows."""

    def create(self, asked: Asked, action_id: str) -> Answer:
        known = self.is_action(action_id) or asked.key == READ_ONLY_KEY
        return super().create(asked, action_id) if known else self.not_found(asked)


class NoOtherMethods(Contract):
    """Another method is a route that does not exist."""

    def other_method(self, asked: Asked) -> Answer:
        return self.not_found(asked)


class NamesNoMethodOfItsOwn(Contract):
    """A method that no page of HTTP gives, and TRACE, are not implemented."""

    def answer(self, asked: Asked) -> Answer:
        if asked.method in {"TRACE", "OPTIONS"}:
            return Answer(501, b"<title>501</title>", "text/html")
        return super().answer(asked)


class TagsItsDocuments(Contract):
    """A document that the client has already is not sent again."""

    def document(self, asked: Asked) -> Answer:
        headers = (("ETag", '"v1"'), ("Cache-Control", "private, max-age=60"), ("Vary", "x-api-key"))
        if asked.headers.get("if-none-match") in {'"v1"', "*"}:
            return Answer(304, b"", "", headers)
        return replace(super().document(asked), headers=headers)


class SaysOneThingOfEveryMistake(Contract):
    """Every 400 is the same, and so is that of a payer whom Swish does not know."""

    def bad_request(self, name: str) -> Answer:
        return as_json(400, error="Bad Request", message="Bad Request")

    def created(self, asked: Asked) -> Answer:
        return self.bad_request("") if self.parameter(asked, "phone") == "46701740605" else super().created(asked)


class TestNumberOnly(Contract):
    """One number may be asked to pay; every other is not acceptable, as is none."""

    def judge_parameters(self, asked: Asked) -> Answer | None:
        known = self.parameter(asked, "phone") == "46701740606"
        return super().judge_parameters(asked) or (None if known else self.bad_request("phone"))


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
