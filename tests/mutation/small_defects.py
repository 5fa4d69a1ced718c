"""Small deployments, each of which breaks one clause, for tests of something else: test_catalogue has the rest."""

from __future__ import annotations

from dataclasses import replace

from tests.verify.small_server import DOCUMENT, KEY, Answer, Asked, Contract, as_json


class KeyInQuery(Contract):
    clause = "AUTH-2"

    def is_key(self, asked: Asked) -> bool:
        return super().is_key(asked) or asked.parameters.get("api_key") == [KEY]


class CreateNeedsNoKey(Contract):
    clause = "AUTH-2"

    def is_key(self, asked: Asked) -> bool:
        return super().is_key(asked) or asked.method == "POST"


class DeniedCreateIsMade(Contract):
    clause = "PERM-1"

    def create(self, asked: Asked, action_id: str) -> Answer:
        return super().create(replace(asked, headers={**asked.headers, "x-api-key": KEY}), action_id)


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


class PhoneOptional(Contract):
    clause = "SWISH-3"

    def parameter(self, asked: Asked, name: str) -> str | None:
        return super().parameter(asked, name) or ("46701740605" if name == "phone" else None)


class MessageInBytes(Contract):
    clause = "SWISH-6"

    def length(self, text: str) -> int:
        return len(text.encode())


class MessageIsAList(Contract):
    clause = "SWISH-8"

    def bad_request(self, name: str) -> Answer:
        return as_json(400, error="Bad Request", message=[name])


class UnknownActionAccepted(Contract):
    clause = "SWISH-9"

    def is_action(self, action_id: str) -> bool:
        return True


class SpaceRefused(Contract):
    clause = "SWISH-10"

    def judge_parameters(self, asked: Asked) -> Answer | None:
        refused = super().judge_parameters(asked)
        return refused or (self.bad_request("message") if " " in (self.parameter(asked, "message") or "") else None)


def _all(base: type[Contract]) -> list[type[Contract]]:
    return [kind for child in base.__subclasses__() for kind in (child, *_all(child))]


DEFECTS = [kind for kind in _all(Contract) if kind.__module__ == __name__ and not kind.__name__.startswith("_")]
