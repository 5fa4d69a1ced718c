"""Small deployments, each of which breaks one clause. `clause` is the one whose check must find it."""

from __future__ import annotations

import gzip
import itertools
import time
from dataclasses import replace

from .small_server import DOCUMENT, KEY, LIMITED_KEY, READ_ONLY_KEY, Answer, Asked, Contract, as_json


class SlashMissing(Contract):
    clause = "URL-1"

    def answer(self, asked: Asked) -> Answer:
        if "fetch-invoice-pdf" in asked.raw_path:
            flipped = asked.raw_path[:-1] if asked.raw_path.endswith("/") else asked.raw_path + "/"
            asked = replace(asked, raw_path=flipped)
        return super().answer(asked)


class RejectsEachFifthRead(Contract):
    clause = "AUTH-1"

    def document(self, asked: Asked) -> Answer:
        self.documents = getattr(self, "documents", 0) + 1
        return self.not_found(asked) if self.documents % 5 == 0 else super().document(asked)


class KeyInQuery(Contract):
    clause = "AUTH-2"

    def is_key(self, asked: Asked) -> bool:
        return super().is_key(asked) or asked.parameters.get("api_key") == [KEY]


class KeyAsBearerToken(Contract):
    clause = "AUTH-2"

    def is_key(self, asked: Asked) -> bool:
        return super().is_key(asked) or asked.headers.get("authorization") == f"Bearer {KEY}"


class KeyInCookie(Contract):
    clause = "AUTH-2"

    def is_key(self, asked: Asked) -> bool:
        return super().is_key(asked) or f"x-api-key={KEY}" in asked.headers.get("cookie", "")


class EmptyKeyAccepted(Contract):
    clause = "AUTH-2"

    def is_key(self, asked: Asked) -> bool:
        return super().is_key(asked) or asked.key == ""


class ForbiddenInPlaceOfUnauthorized(Contract):
    clause = "AUTH-2"

    def refuse_key(self, asked: Asked, resource: str) -> Answer:
        return as_json(403, message="Forbidden")


class ParametersBeforeKey(Contract):
    clause = "AUTH-2"

    def refuse_key(self, asked: Asked, resource: str) -> Answer:
        wrong = asked.method == "POST" and self.judge_parameters(asked)
        return wrong or super().refuse_key(asked, resource)


class CreateNeedsNoKey(Contract):
    clause = "AUTH-2"

    def is_key(self, asked: Asked) -> bool:
        return super().is_key(asked) or asked.method == "POST"


class HeaderNameIsCaseSensitive(Contract):
    clause = "AUTH-3"

    def is_key(self, asked: Asked) -> bool:
        return "x-api-key" in asked.header_names and super().is_key(asked)


class KeyInAnyCase(Contract):
    clause = "AUTH-4"

    def is_key(self, asked: Asked) -> bool:
        return (asked.key or "").lower() in {key.lower() for key in (KEY, LIMITED_KEY, READ_ONLY_KEY)}


class KeyByPrefix(Contract):
    clause = "AUTH-4"

    def is_key(self, asked: Asked) -> bool:
        return super().is_key(asked) or (len(asked.key or "") > 3 and KEY.startswith(asked.key or ""))


class KeyWithSuffix(Contract):
    clause = "AUTH-4"

    def is_key(self, asked: Asked) -> bool:
        return super().is_key(asked) or (asked.key or "").startswith(KEY)


class HeadNeedsNoKey(Contract):
    clause = "AUTH-5"

    def is_key(self, asked: Asked) -> bool:
        return super().is_key(asked) or asked.method == "HEAD"


class BadRequestForMissingKey(Contract):
    clause = "MASK-1"

    def refuse_key(self, asked: Asked, resource: str) -> Answer:
        return super().refuse_key(asked, resource) if asked.key else as_json(400, error="key", message="missing")


class StatusTells(Contract):
    clause = "MASK-2"

    def refuse_key(self, asked: Asked, resource: str) -> Answer:
        return as_json(401 if resource == "1001/" else 404, message="Not Found")


class HeaderTells(Contract):
    clause = "MASK-2"

    def refuse_key(self, asked: Asked, resource: str) -> Answer:
        answer = super().refuse_key(asked, resource)
        return replace(answer, headers=(("Vary", "Accept"),)) if resource == "1001/" else answer


class CharsetTells(Contract):
    clause = "MASK-2"

    def refuse_key(self, asked: Asked, resource: str) -> Answer:
        answer = super().refuse_key(asked, resource)
        return replace(answer, media_type="application/json; charset=utf-8") if resource == "1001/" else answer


class WhitespaceTells(Contract):
    clause = "MASK-2"

    def refuse_key(self, asked: Asked, resource: str) -> Answer:
        answer = super().refuse_key(asked, resource)
        return replace(answer, body=answer.body + b"\n") if resource == "1001/" else answer


class PaymentTellsWithWrongKey(Contract):
    clause = "MASK-2"

    def refuse_key(self, asked: Asked, resource: str) -> Answer:
        known = resource.removeprefix("swish/") in self.payments
        return as_json(404, message="Not Found", code=7) if known and asked.key else self.not_found(asked)


class ActionTells(Contract):
    clause = "MASK-2"

    def refuse_key(self, asked: Asked, resource: str) -> Answer:
        return as_json(404, message="No such key" if resource == "swish/action123" else "Not Found")


class TimeTells(Contract):
    clause = "MASK-3"

    def refuse_key(self, asked: Asked, resource: str) -> Answer:
        if resource == "1001/" and asked.key:
            time.sleep(0.03)
        return super().refuse_key(asked, resource)


class HiddenTells(Contract):
    clause = "MASK-4"

    def hidden(self, asked: Asked) -> Answer:
        return as_json(404, message="Access denied")


class HiddenForbidden(Contract):
    clause = "MASK-4"

    def hidden(self, asked: Asked) -> Answer:
        return as_json(403, message="Forbidden")


class DeniedCreateIsMade(Contract):
    clause = "PERM-1"

    def create(self, asked: Asked, action_id: str) -> Answer:
        return super().create(replace(asked, headers={**asked.headers, "x-api-key": KEY}), action_id)


class HiddenIsShown(Contract):
    clause = "PERM-1"

    def sees(self, asked: Asked, invoice_id: str) -> bool:
        return invoice_id in {"1001", "2002"}


class DocumentAsOctets(Contract):
    clause = "PDF-1"

    def document(self, asked: Asked) -> Answer:
        return replace(super().document(asked), media_type="application/octet-stream")


class _OtherDocument(Contract):
    clause = "PDF-2"
    content = b""

    def document(self, asked: Asked) -> Answer:
        return replace(super().document(asked), body=self.content)


class EmptyDocument(_OtherDocument):
    content = b""


class CutDocument(_OtherDocument):
    content = DOCUMENT[: len(DOCUMENT) * 2 // 3]


class CutTransfer(Contract):
    clause = "PDF-2"

    def document(self, asked: Asked) -> Answer:
        answer = super().document(asked)
        return replace(answer, body=answer.body[:-20], content_length=len(answer.body))


class GzipWithoutHeader(_OtherDocument):
    content = gzip.compress(DOCUMENT)


class LineEndsMangled(_OtherDocument):
    content = DOCUMENT.replace(b"\n", b"\r\n")


class WrongCrossReference(_OtherDocument):
    content = DOCUMENT.replace(b"startxref\n", b"startxref\n1")


class BytesBeforeHeader(_OtherDocument):
    content = b"\n" + DOCUMENT


class JsonAsDocument(_OtherDocument):
    content = b'{"file": "JVBERi0xLjcK"}'


class AbsentIsEmpty(Contract):
    clause = "PDF-3"

    def absent(self, asked: Asked, invoice_id: str) -> Answer:
        return Answer(200, b"", "application/pdf")


class ZeroIsServerError(Contract):
    clause = "PDF-4"

    def absent(self, asked: Asked, invoice_id: str) -> Answer:
        return as_json(500, message="oops") if invoice_id == "0" else self.not_found(asked)


class LenientId(Contract):
    clause = "PDF-4"

    def sees(self, asked: Asked, invoice_id: str) -> bool:
        leading = "".join(itertools.takewhile(str.isdigit, invoice_id))
        return super().sees(asked, leading)


class CreatedIs200(Contract):
    clause = "SWISH-1"

    def created(self, asked: Asked) -> Answer:
        return replace(super().created(asked), status=200)


class NumericRequestId(Contract):
    clause = "SWISH-1"

    def created(self, asked: Asked) -> Answer:
        super().created(asked)
        return as_json(201, requestid=len(self.payments))


class SameRequestId(Contract):
    clause = "SWISH-2"

    def new_id(self) -> str:
        return "5E6FA3C0B1D94D6E8C7F0A1B2C3D4E5F"


class EmptyRequestId(Contract):
    clause = "SWISH-2"

    def created(self, asked: Asked) -> Answer:
        return as_json(201, requestid="")


class PhoneOptional(Contract):
    clause = "SWISH-3"

    def parameter(self, asked: Asked, name: str) -> str | None:
        return super().parameter(asked, name) or ("46701740605" if name == "phone" else None)


class PhoneUnlimited(Contract):
    clause = "SWISH-4"

    def judge_parameters(self, asked: Asked) -> Answer | None:
        phone = asked.parameters.get("phone", [""])[0]
        return super().judge_parameters(
            replace(asked, query=asked.query.replace(phone, phone[:20], 1)) if phone else asked
        )


class UnprocessableInPlaceOfBadRequest(Contract):
    clause = "SWISH-5"

    def bad_request(self, name: str) -> Answer:
        return replace(super().bad_request(name), status=422)


class MessageDefaulted(Contract):
    clause = "SWISH-5"

    def parameter(self, asked: Asked, name: str) -> str | None:
        return super().parameter(asked, name) or ("Faktura" if name == "message" else None)


class MessageUnlimited(Contract):
    clause = "SWISH-6"

    def length(self, text: str) -> int:
        return len(text) if text[:1].isdigit() else min(len(text), 50)


class MessageInBytes(Contract):
    clause = "SWISH-6"

    def length(self, text: str) -> int:
        return len(text.encode())


class FiftyIsTooLong(Contract):
    clause = "SWISH-6"

    def length(self, text: str) -> int:
        return 51 if len(text) == 50 else len(text)


class ParametersInForm(Contract):
    clause = "SWISH-7"

    def create(self, asked: Asked, action_id: str) -> Answer:
        if asked.body and "form" in asked.headers.get("content-type", ""):
            asked = replace(asked, query=asked.body.decode())
        return super().create(asked, action_id)


class ProblemJson(Contract):
    clause = "SWISH-8"

    def bad_request(self, name: str) -> Answer:
        return replace(as_json(400, title="Bad Request", detail=name), media_type="application/problem+json")


class MessageIsAList(Contract):
    clause = "SWISH-8"

    def bad_request(self, name: str) -> Answer:
        return as_json(400, error="Bad Request", message=[name])


class UnknownActionAccepted(Contract):
    clause = "SWISH-9"

    def is_action(self, action_id: str) -> bool:
        return True


class UnknownActionIsBadRequest(Contract):
    clause = "SWISH-9"

    def create(self, asked: Asked, action_id: str) -> Answer:
        answer = super().create(asked, action_id)
        return self.bad_request("action") if answer.status == 404 else answer


class SpaceRefused(Contract):
    clause = "SWISH-10"

    def judge_parameters(self, asked: Asked) -> Answer | None:
        refused = super().judge_parameters(asked)
        return refused or (self.bad_request("message") if " " in (self.parameter(asked, "message") or "") else None)


class StatusUnderAnotherName(Contract):
    clause = "STATUS-1"

    def status(self, asked: Asked, request_id: str) -> Answer:
        return as_json(200, status="Created") if request_id in self.payments else self.not_found(asked)


class FirstReadFails(Contract):
    clause = "STATUS-2"

    def status(self, asked: Asked, request_id: str) -> Answer:
        known = request_id in self.payments
        if known and self.payments[request_id]:
            self.payments[request_id] = ""
            return self.not_found(asked)
        return super().status(asked, request_id)


class FifthReadFails(Contract):
    clause = "STATUS-2"

    def status(self, asked: Asked, request_id: str) -> Answer:
        return as_json(500, message="oops") if self.reads % 5 == 0 else super().status(asked, request_id)


class ActionHasAStatus(Contract):
    clause = "STATUS-3"

    def status(self, asked: Asked, request_id: str) -> Answer:
        if request_id == "action123":
            return as_json(200, requeststatus="Created")
        return super().status(asked, request_id)


class UnknownHasAStatus(Contract):
    clause = "STATUS-3"

    def status(self, asked: Asked, request_id: str) -> Answer:
        return as_json(200, requeststatus="Unknown" if request_id not in self.payments else "Created")


class EmptyStatus(Contract):
    clause = "STATUS-4"

    def status(self, asked: Asked, request_id: str) -> Answer:
        return as_json(200, requeststatus="") if request_id in self.payments else self.not_found(asked)


class GoneInPlaceOfNotFound(Contract):
    clause = "CODES-1"

    def absent(self, asked: Asked, invoice_id: str) -> Answer:
        return as_json(410, message="Gone")


class BadUtf8IsServerError(Contract):
    clause = "CODES-2"

    def create(self, asked: Asked, action_id: str) -> Answer:
        return as_json(500, message="oops") if "%FF" in asked.query else super().create(asked, action_id)


class JsonAsText(Contract):
    clause = "HTTP-1"

    def status(self, asked: Asked, request_id: str) -> Answer:
        return replace(super().status(asked, request_id), media_type="text/plain")


class JsonInLatin1(Contract):
    clause = "HTTP-1"

    def bad_request(self, name: str) -> Answer:
        return Answer(400, '{"error": "Ogiltig begäran", "message": "för långt"}'.encode("latin-1"))


class DeleteIsAccepted(Contract):
    clause = "HTTP-2"

    def other_method(self, asked: Asked) -> Answer:
        return Answer(204, media_type="") if asked.method == "DELETE" else super().other_method(asked)


class StackTrace(Contract):
    clause = "SEC-2"

    def not_found(self, asked: Asked) -> Answer:
        return as_json(404, message='Traceback (most recent call last):\n  File "/srv/app/views.py", line 3')


class PublicDocument(Contract):
    clause = "SEC-3"

    def document(self, asked: Asked) -> Answer:
        return replace(super().document(asked), headers=(("Cache-Control", "public, max-age=600"),))


def _all(base: type[Contract]) -> list[type[Contract]]:
    return [kind for child in base.__subclasses__() for kind in (child, *_all(child))]


DEFECTS = [kind for kind in _all(Contract) if kind.__module__ == __name__ and not kind.__name__.startswith("_")]
