"""Small deployments with one defect each that shows only under a wrong key, by HEAD, or after another request."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field, replace
from typing import ClassVar

from tests.verify.small_server import BASE_PATH, KEY, LIMITED_KEY, Answer, Asked, Contract, as_json

INVOICE = f"{BASE_PATH}/fetch-invoice-pdf/"
PAYMENT = f"{BASE_PATH}/payments/swish/"


class ChecksParametersOfWrongKeysFirst(Contract):
    clause: ClassVar[str] = "AUTH-2"

    def refuse_key(self, asked: Asked, resource: str) -> Answer:
        early = asked.key and asked.method == "POST" and self.parameter(asked, "message") is None
        return self.bad_request("message") if early else super().refuse_key(asked, resource)


class ChecksIdsOfWrongKeysFirst(Contract):
    clause: ClassVar[str] = "AUTH-2"

    def refuse_key(self, asked: Asked, resource: str) -> Answer:
        early = asked.key and asked.raw_path.startswith(INVOICE) and not resource.strip("/").isdigit()
        return self.bad_request("invoice_id") if early else super().refuse_key(asked, resource)


class KeyIntoAQuery(Contract):
    """`… where key = '` and what was sent, and `'`."""

    clause: ClassVar[str] = "AUTH-4"

    def is_key(self, asked: Asked) -> bool:
        return super().is_key(asked) or "'OR'" in (asked.key or "")


class TakesUndefinedForAKey(Contract):
    clause: ClassVar[str] = "AUTH-4"

    def is_key(self, asked: Asked) -> bool:
        return super().is_key(asked) or asked.key == "undefined"


class RemovesAPaymentBeforeTheKeyIsAsked(Contract):
    clause: ClassVar[str] = "AUTH-5"

    def answer(self, asked: Asked) -> Answer:
        if asked.method == "DELETE":
            self.payments.pop(asked.raw_path.removeprefix(PAYMENT), None)
        return super().answer(asked)


class SlowToRefuseAPaymentWithoutAKey(Contract):
    clause: ClassVar[str] = "MASK-3"

    def refuse_key(self, asked: Asked, resource: str) -> Answer:
        if asked.key is None and resource.removeprefix("swish/") in self.payments:
            time.sleep(0.06)
        return super().refuse_key(asked, resource)


@dataclass
class RemembersWhoWasAllowed(Contract):
    """A cache in front of the permission to see an invoice, which forgets whose it was."""

    clause: ClassVar[str] = "PERM-1"
    allowed: set[str] = field(default_factory=set)

    def sees(self, asked: Asked, invoice_id: str) -> bool:
        if super().sees(asked, invoice_id):
            self.allowed.add(invoice_id)
        return invoice_id in self.allowed


class IdsWrapAt32Bits(Contract):
    clause: ClassVar[str] = "PDF-4"

    def sees(self, asked: Asked, invoice_id: str) -> bool:
        wrapped = str(int(invoice_id) % 2**32) if re.fullmatch(r"[0-9]{1,18}", invoice_id) else invoice_id
        return super().sees(asked, wrapped)


class SuperscriptsAreDigits(Contract):
    """`"²".isdigit()` holds, and `int("²")` fails."""

    clause: ClassVar[str] = "PDF-4"

    def absent(self, asked: Asked, invoice_id: str) -> Answer:
        fails = invoice_id.isdigit() and not invoice_id.isdecimal()
        return as_json(500, message="Internal Server Error") if fails else super().absent(asked, invoice_id)


class HeadFails(Contract):
    clause: ClassVar[str] = "CODES-2"

    def finish(self, asked: Asked, answer: Answer) -> Answer:
        fails = asked.method == "HEAD" and answer.status == 200 and asked.key == KEY
        return as_json(500, message="Internal Server Error") if fails else answer


class CreatesInOneTypeOnly(Contract):
    clause: ClassVar[str] = "CODES-1"

    def create(self, asked: Asked, action_id: str) -> Answer:
        refused = asked.headers.get("accept") == "application/json"
        return as_json(406, message="Not Acceptable") if refused else super().create(asked, action_id)


class NamesTwoTypes(Contract):
    clause: ClassVar[str] = "HTTP-1"

    def finish(self, asked: Asked, answer: Answer) -> Answer:
        more = (("Content-Type", "text/html"),) if answer.status == 201 else ()
        return replace(answer, headers=(*answer.headers, *more))


class LimitedKeySeesByHead(Contract):
    clause: ClassVar[str] = "PERM-1"

    def sees(self, asked: Asked, invoice_id: str) -> bool:
        return super().sees(asked, invoice_id) or (
            asked.key == LIMITED_KEY and asked.method == "HEAD" and invoice_id == "2002"
        )


RARER_DEFECTS = (
    ChecksParametersOfWrongKeysFirst,
    ChecksIdsOfWrongKeysFirst,
    KeyIntoAQuery,
    TakesUndefinedForAKey,
    RemovesAPaymentBeforeTheKeyIsAsked,
    SlowToRefuseAPaymentWithoutAKey,
    RemembersWhoWasAllowed,
    IdsWrapAt32Bits,
    SuperscriptsAreDigits,
    HeadFails,
    CreatesInOneTypeOnly,
    NamesTwoTypes,
    LimitedKeySeesByHead,
)
