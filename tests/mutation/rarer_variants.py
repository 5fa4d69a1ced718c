"""Further small deployments that keep the contract, in ways that are rarely thought of."""

from __future__ import annotations

import itertools
import json
import re
import secrets
import time
from dataclasses import replace
from email.utils import formatdate
from random import Random
from urllib.parse import unquote

from tests.verify.small_server import BASE_PATH, READ_ONLY_KEY, Answer, Asked, Contract, as_json


class WantsAPlusSign(Contract):
    """Phones as `+46…` only."""

    def judge_parameters(self, asked: Asked) -> Answer | None:
        phone = self.parameter(asked, "phone") or ""
        return super().judge_parameters(asked) or (None if phone.startswith("+46") else self.bad_request("phone"))


class SaysNewThingsEachTime(Contract):
    """Nonces, counters and times of several lengths, in headers and in every error."""

    chance = Random(1)

    def finish(self, asked: Asked, answer: Answer) -> Answer:
        nonce = secrets.token_urlsafe(self.chance.choice([8, 12, 16]))
        volatile = (
            ("X-Trace", nonce),
            ("Set-Cookie", f"session={nonce}; Path=/"),
            ("Server-Timing", f"app;dur={self.chance.random() * 10:.3f}"),
            ("ETag", f'"{nonce}"'),
            ("Age", "0"),
        )
        said = replace(answer, headers=(*answer.headers, *volatile))
        if answer.status < 400 or answer.media_type != "application/json":
            return said
        members = {"requestId": nonce, "at": time.time(), "timestamp": formatdate()}
        return replace(said, body=json.dumps({**json.loads(answer.body), **members}).encode())


class ShufflesItsHeaders(Contract):
    chance = Random(2)

    def finish(self, asked: Asked, answer: Answer) -> Answer:
        headers = [("X-A", "1"), ("X-B", "2"), ("X-C", "3"), *answer.headers]
        self.chance.shuffle(headers)
        return replace(
            answer, headers=tuple((self.chance.choice([name.upper, name.lower])(), v) for name, v in headers)
        )


class ServersInTurn(Contract):
    """Two servers that take turns; one names itself, answers in other words, and is 40 ms slower."""

    def finish(self, asked: Asked, answer: Answer) -> Answer:
        self.reads += 1
        if self.reads % 2:
            return answer
        time.sleep(0.04)
        return replace(answer, headers=(*answer.headers, ("Server", "b")))


class IdsOfOneLetter(Contract):
    """Every header and body holds that letter somewhere."""

    def new_id(self) -> str:
        return "abcdefghijklm"[len(self.payments)]


class EchoesInCapitals(Contract):
    def not_found(self, asked: Asked) -> Answer:
        resource = unquote(asked.raw_path.rstrip("/").rpartition("/")[2])
        return as_json(404, message=f"{resource.upper()} NOT FOUND")


class RefusesOtherMethodsAsWithoutKey(Contract):
    """401 for a method that the page does not give, whatever the key."""

    def other_method(self, asked: Asked) -> Answer:
        return Answer(401, b"", "")


class HasNoHead(Contract):
    def answer(self, asked: Asked) -> Answer:
        return Answer(501, b"", "") if asked.method in {"HEAD", "OPTIONS", "TRACE"} else super().answer(asked)


class DeclaresItsStatus(Contract):
    """Every poll may give another word, with more members."""

    words = itertools.cycle(["CREATED", "PAID"])

    def status(self, asked: Asked, request_id: str) -> Answer:
        answer = super().status(asked, request_id)
        return (
            as_json(200, requeststatus=next(self.words), errorCode=None, amount=1.5) if answer.status == 200 else answer
        )


class SuspectsWildcards(Contract):
    """A firewall in front refuses ids and keys that look like an attack."""

    def answer(self, asked: Asked) -> Answer:
        is_odd_key = asked.key == "%" or "'" in (asked.key or "")
        if is_odd_key or any(sign in asked.raw_path for sign in ("%27", "%5B", "%2A", "%25", "%00", "%0A", "%0D")):
            self.seen.append(asked)
            return Answer(403, b"<title>Request blocked</title>", "text/html")
        return super().answer(asked)


class IdsOfNineDigits(Contract):
    def absent(self, asked: Asked, invoice_id: str) -> Answer:
        is_id = re.fullmatch("[0-9]{1,9}", invoice_id)
        return super().absent(asked, invoice_id) if is_id else self.bad_request("invoice_id")


class LimitsInAWindow(Contract):
    """Sixty requests in any second, then 429 with a date to wait for."""

    def answer(self, asked: Asked) -> Answer:
        now = time.time()
        self.recent = [moment for moment in getattr(self, "recent", []) if now - moment < 1.0]
        if len(self.recent) >= 60:
            return Answer(429, b"<p>Later", "text/html", (("Retry-After", formatdate(now + 1, usegmt=True)),))
        self.recent.append(now)
        return super().answer(asked)


RARER = [kind for kind in Contract.__subclasses__() if kind.__module__ == __name__]


class HasAPageForAllElse(Contract):
    """A front end in front: what is no path of the API is its one page, whoever asks and however."""

    def answer(self, asked: Asked) -> Answer:
        if re.fullmatch(rf"{BASE_PATH}/(fetch-invoice-pdf/[^/]*/?|payments/swish/[^/]*)", asked.raw_path):
            return super().answer(asked)
        return Answer(200, b"<!doctype html><div id=app></div>", "text/html")


class LooksForTheActionFirst(Contract):
    """What does not exist is not found, even by a key that may create nothing; a missing key is told from that."""

    def refuse_key(self, asked: Asked, resource: str) -> Answer:
        return as_json(401, message="Unauthorized")

    def create(self, asked: Asked, action_id: str) -> Answer:
        if not self.is_action(action_id):
            return self.not_found(asked)
        return self.denied(asked) if asked.key == READ_ONLY_KEY else super().create(asked, action_id)


class RefusesEveryPayerInTheSameWords(Contract):
    """One sentence for every mistake, and for a payer who is not enrolled."""

    def bad_request(self, name: str) -> Answer:
        return as_json(400, error="Bad Request", message="phone or message is missing or not valid")

    def created(self, asked: Asked) -> Answer:
        return self.bad_request("")


class LimitsByOneMinute(Contract):
    """A header that says the number that is also the id of an invoice."""

    def sees(self, asked: Asked, invoice_id: str) -> bool:
        return invoice_id == "60"

    def finish(self, asked: Asked, answer: Answer) -> Answer:
        return replace(answer, headers=(*answer.headers, ("Strict-Transport-Security", "max-age=60")))
