"""Small deployments that decide otherwise than the mock on what the contract leaves open: what is accepted or refused.

From the list at the end of the clause register; none of them may be reported.
"""

from __future__ import annotations

from dataclasses import replace

from tests.verify.small_server import READ_ONLY_KEY, Answer, Asked, Contract, as_json


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


class RefusesControlCharacters(Contract):
    """A firewall in front refuses what no honest client sends."""

    def answer(self, asked: Asked) -> Answer:
        if any(f"%{code:02X}" in asked.raw_path for code in (0x00, 0x0A, 0x0D)):
            self.seen.append(asked)
            return Answer(403, b"<title>Forbidden</title>", "text/html")
        return super().answer(asked)


class LeadingZeros(Contract):
    """Invoice ids are whole numbers, however many zeros they begin with."""

    def sees(self, asked: Asked, invoice_id: str) -> bool:
        return super().sees(asked, invoice_id.lstrip("0"))


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


FREEDOMS = [kind for kind in Contract.__subclasses__() if kind.__module__ == __name__]
