"""Small deployments whose one defect is easily missed, or is hidden by what else a run sees."""

from __future__ import annotations

import time
from dataclasses import replace
from urllib.parse import parse_qs

from tests.verify.small_server import BASE_PATH, DOCUMENT, KEY, Answer, Asked, Contract, as_json

from .small_defects import MessageInBytes, SpaceRefused


class IdsBeyond31Bits(Contract):
    clause = "PDF-4"

    def absent(self, asked: Asked, invoice_id: str) -> Answer:
        number = int(invoice_id) if invoice_id.isascii() and invoice_id.isdigit() else 0
        return as_json(500, message="oops") if 2**31 <= number < 2**63 else self.not_found(asked)


class SignedId(Contract):
    clause = "PDF-4"

    def sees(self, asked: Asked, invoice_id: str) -> bool:
        return super().sees(asked, invoice_id.removeprefix("+"))


class GuidIsServerError(Contract):
    clause = "STATUS-3"

    def status(self, asked: Asked, request_id: str) -> Answer:
        is_guid = len(request_id) == 36 and request_id.count("-") == 4
        return as_json(500, message="oops") if is_guid else super().status(asked, request_id)


class PartOfRequestId(Contract):
    clause = "STATUS-3"

    def status(self, asked: Asked, request_id: str) -> Answer:
        known = next((known for known in self.payments if len(request_id) > 8 and known.startswith(request_id)), "")
        return super().status(asked, known or request_id)


class ActionIdAsRequestId(Contract):
    clause = "STATUS-3"

    def new_id(self) -> str:
        return "action123"


class _DocumentFollowed(Contract):
    clause = "PDF-2"
    follows = b""

    def document(self, asked: Asked) -> Answer:
        return replace(super().document(asked), body=DOCUMENT + self.follows)


class TextAfterDocument(_DocumentFollowed):
    follows = b"<!-- rendered in 12 ms -->"


class MarkedTextAfterDocument(_DocumentFollowed):
    follows = b"rendered in 12 ms\n%%EOF\n"


class TwoDocumentsInOne(_DocumentFollowed):
    follows = DOCUMENT


class _KeyElsewhere(Contract):
    clause = "AUTH-2"

    def is_key(self, asked: Asked) -> bool:
        return super().is_key(asked) or self.found(asked) == KEY

    def found(self, asked: Asked) -> str | None:
        raise NotImplementedError


class KeyAsKey(_KeyElsewhere):
    def found(self, asked: Asked) -> str | None:
        return asked.parameters.get("key", [None])[0]


class KeyInXApiKey(_KeyElsewhere):
    def found(self, asked: Asked) -> str | None:
        return asked.headers.get("x-apikey")


class KeyInApiKeyHeader(_KeyElsewhere):
    def found(self, asked: Asked) -> str | None:
        return asked.headers.get("api-key")


class KeyInForm(_KeyElsewhere):
    def found(self, asked: Asked) -> str | None:
        return parse_qs(asked.body.decode("utf-8", "replace")).get("api_key", [None])[0]


class KeyOfThisMachine(_KeyElsewhere):
    def found(self, asked: Asked) -> str | None:
        return KEY if asked.headers.get("x-forwarded-for") == "127.0.0.1" else None


class KeyNotNeededForRange(_KeyElsewhere):
    def found(self, asked: Asked) -> str | None:
        return KEY if "range" in asked.headers else None


class _PathOpens(Contract):
    clause = "AUTH-2"

    def answer(self, asked: Asked) -> Answer:
        path = self.opened(asked.raw_path.removeprefix(BASE_PATH + "/"))
        if path is None:
            return super().answer(asked)
        return super().answer(replace(asked, raw_path=f"{BASE_PATH}/{path}", headers={"x-api-key": KEY}))

    def opened(self, path: str) -> str | None:
        raise NotImplementedError


class OpenWithoutSlash(_PathOpens):
    def opened(self, path: str) -> str | None:
        return path + "/" if path.startswith("fetch-invoice-pdf") and not path.endswith("/") else None


class OpenWithTwoSlashes(_PathOpens):
    def opened(self, path: str) -> str | None:
        return path.replace("//", "/") if "//" in path else None


class OpenInUpperCase(_PathOpens):
    def opened(self, path: str) -> str | None:
        return path.lower() if path.startswith("FETCH") else None


class _KeyTidied(Contract):
    clause = "AUTH-4"

    def is_key(self, asked: Asked) -> bool:
        return super().is_key(asked) or self.tidied(asked.key or "") == KEY

    def tidied(self, key: str) -> str:
        raise NotImplementedError


class KeyInQuotes(_KeyTidied):
    def tidied(self, key: str) -> str:
        return key.strip('"')


class KeyFirstOfList(_KeyTidied):
    def tidied(self, key: str) -> str:
        return key.split(",", maxsplit=1)[0]


class KeyAfterBearer(_KeyTidied):
    def tidied(self, key: str) -> str:
        return key.removeprefix("Bearer ")


class _Tells(Contract):
    """Tells one invoice from none without a key, in one way."""

    clause = "MASK-2"
    invoice = "1001"

    def finish(self, asked: Asked, answer: Answer) -> Answer:
        known = asked.raw_path.endswith(f"/{self.invoice}/")
        return self.telling(asked, answer, known=known) if not self.is_key(asked) else answer

    def telling(self, asked: Asked, answer: Answer, *, known: bool) -> Answer:
        return replace(answer, status=401) if known else answer


class OptionsTells(_Tells):
    def telling(self, asked: Asked, answer: Answer, *, known: bool) -> Answer:
        return replace(answer, status=200) if known and asked.method == "OPTIONS" else answer


class PostTells(_Tells):
    def telling(self, asked: Asked, answer: Answer, *, known: bool) -> Answer:
        return replace(answer, status=401) if known and asked.method == "POST" else answer


class HiddenTellsWithoutKey(_Tells):
    invoice = "2002"


class ConnectionTells(_Tells):
    def telling(self, asked: Asked, answer: Answer, *, known: bool) -> Answer:
        return replace(answer, headers=(*answer.headers, ("Connection", "close"))) if known else answer


class CookieLengthTells(_Tells):
    """A cookie with a new value each time; only its length tells."""

    def telling(self, asked: Asked, answer: Answer, *, known: bool) -> Answer:
        self.reads += 1
        return replace(answer, headers=(*answer.headers, ("Set-Cookie", f"s={self.reads:0{24 if known else 16}x}")))


class ReasonTells(_Tells):
    def telling(self, asked: Asked, answer: Answer, *, known: bool) -> Answer:
        return replace(answer, reason="No Key") if known else answer


class PaymentTellsByOptions(Contract):
    clause = "MASK-2"

    def finish(self, asked: Asked, answer: Answer) -> Answer:
        known = asked.method == "OPTIONS" and asked.raw_path.rpartition("/")[2] in self.payments
        return replace(answer, headers=(("Allow", "GET, OPTIONS"),)) if known else answer


class PartOfKeyTells(_Tells):
    def telling(self, asked: Asked, answer: Answer, *, known: bool) -> Answer:
        part = bool(asked.key) and KEY.startswith(asked.key or "")
        return replace(answer, status=401) if known and part else answer


class TracedTells(_Tells):
    """Bodies carry a trace id that changes, and a word that tells."""

    def telling(self, asked: Asked, answer: Answer, *, known: bool) -> Answer:
        self.reads += 1
        return replace(answer, body=f'{{"trace": "{self.reads:08x}", "code": {1 + known}}}'.encode())


class _TimeTells(_Tells):
    clause = "MASK-3"
    method = ""

    def telling(self, asked: Asked, answer: Answer, *, known: bool) -> Answer:
        if asked.method == self.method and (known or asked.raw_path.endswith("/action123")):
            time.sleep(0.05)
        return answer


class TimeOfHeadTells(_TimeTells):
    method = "HEAD"


class TimeOfPostTells(_TimeTells):
    method = "POST"


class DeletesPayments(Contract):
    clause = "HTTP-2"

    def on_payment(self, asked: Asked, resource: str) -> Answer:
        if asked.method == "DELETE" and self.payments.pop(resource, None):
            return Answer(204, media_type="")
        return super().on_payment(asked, resource)


class CreatesByGet(Contract):
    clause = "HTTP-2"

    def on_payment(self, asked: Asked, resource: str) -> Answer:
        is_create = asked.method == "GET" and asked.query
        return self.create(asked, resource) if is_create else super().on_payment(asked, resource)


class KeyInErrorHeader(Contract):
    clause = "SEC-2"

    def not_found(self, asked: Asked) -> Answer:
        return replace(super().not_found(asked), headers=(("X-Debug-Key", asked.key or "none"),))


class NestedDeeply(Contract):
    clause = "SWISH-8"

    def bad_request(self, name: str) -> Answer:
        return Answer(400, b'{"error": "a", "message": "b", "why": ' + b"[" * 100_000 + b"]" * 100_000 + b"}")


def _all(base: type[Contract]) -> list[type[Contract]]:
    return [kind for child in base.__subclasses__() for kind in (child, *_all(child))]


SUBTLE = [kind for kind in _all(Contract) if kind.__module__ == __name__ and not kind.__name__.startswith("_")]
HIDDEN_IN_A_RUN = [MessageInBytes, SpaceRefused, DeletesPayments, ActionIdAsRequestId, NestedDeeply, TimeOfHeadTells]
"""Defects that must be found in a whole run too, in which other checks spend the budget or meet the defect first."""
