"""Claims about the journal of a world, judged in one call."""

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from billecta_mock.admin.desk import AdminCall, AdminHandler, Desk
from billecta_mock.admin.search import read_after, read_filter
from billecta_mock.domain.problems import Refusal, invalid
from billecta_mock.domain.text import count_of
from billecta_mock.domain.verification.expectations import (
    Claim,
    Finding,
    find_others,
    list_numbers,
    verify,
    verify_sequence,
)
from billecta_mock.domain.verification.filters import ExchangeFilter, Numbered
from billecta_mock.domain.world import World
from billecta_mock.http import Answer, json_answer

_MOST_SHOWN: Final = 100
_NO_CLAIMS: Final = "the body lacks claims; 'sequence' and 'any_order' hold them"
_BAD_COUNTS: Final = "takes one of 'exactly', 'never', or 'at_least' and 'at_most' with the first not above the second"


class VerificationHandlers:
    """Handlers of the tag `requests` that judge claims."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def handlers(self) -> Mapping[str, AdminHandler]:
        """Each handler under its operation id."""
        return {"verifyRequests": self._desk.in_world(self.verify)}

    async def verify(self, call: AdminCall, world: World) -> Answer | Refusal:
        """200 where every claim holds, 409 with what was seen instead where one does not."""
        body = call.body
        any_order, sequence = (self._read_claims(world, body, name) for name in ("any_order", "sequence"))
        within = read_filter(self._desk.store, world, body.get("within", {}), "body, at /within/")
        if isinstance(any_order, Refusal):
            return any_order
        if isinstance(sequence, Refusal):
            return sequence
        if isinstance(within, Refusal):
            return within
        if not any_order and not sequence:
            return invalid("claims_missing", "Bad Request", _NO_CLAIMS)
        page = read_after(self._desk.store, world.database, within, body.get("within", {}).get("after", 0))
        judge = partial(_judge, only=body.get("nothing_else", False), dropped=page.dropped)
        return await asyncio.to_thread(
            judge, page.found, any_order, sequence
        )  # many claims on a long journal take long

    def _read_claims(self, world: World, body: Mapping[str, Any], name: str) -> list[Claim] | Refusal:
        claims = []
        for index, given in enumerate(body.get(name, [])):
            place = f"body, at /{name}/{index}"
            request = read_filter(self._desk.store, world, given["request"], f"{place}/request/")
            if isinstance(request, Refusal):
                return request
            claim = _read_claim(given, request)
            if claim is None:
                return invalid("claim_invalid", "Bad Request", f"{place}: a claim {_BAD_COUNTS}")
            claims.append(claim)
        return claims


def _judge(
    exchanges: Sequence[Numbered], any_order: list[Claim], sequence: list[Claim], *, only: bool, dropped: int
) -> Answer:
    unordered, ordered = verify(exchanges, any_order), verify_sequence(exchanges, sequence)
    others = find_others(exchanges, [*any_order, *sequence]) if only else []
    explanation = [
        *(f"any_order, claim {index}: {each.failure}" for index, each in enumerate(unordered, 1) if each.failure),
        *(f"sequence, claim {index}: {each.failure}" for index, each in enumerate(ordered, 1) if each.failure),
    ]
    if others:
        explanation.append(f"wanted nothing else; {len(others)} came besides ({list_numbers(others)})")
    if explanation and dropped:
        explanation.append(
            f"the journal no longer holds {count_of(dropped, 'older exchange')}; --journal-size keeps more"
        )
    document = {
        "verified": not explanation,
        "explanation": explanation,
        "any_order": [_show(each) for each in unordered],
        "sequence": [_show(each) for each in ordered],
        "dropped": dropped,
    }
    if not explanation:
        return json_answer(200, document)
    return json_answer(409, {"error": "Conflict", "message": "; ".join(explanation), **document})


def _show(finding: Finding) -> dict[str, Any]:
    return {
        "claim": str(finding.claim),
        "count": len(finding.seen),
        "seen": list(finding.seen[:_MOST_SHOWN]),
        "failure": finding.failure,
        "near": [{"number": near.number, "difference": near.sentence} for near in finding.near],
    }


def _read_claim(given: Mapping[str, Any], request: ExchangeFilter) -> Claim | None:
    """The claim; None where what it says of numbers does not go together. With no number, at least one is meant."""
    if sum(name in given for name in ("exactly", "never")) + any(name in given for name in ("at_least", "at_most")) > 1:
        return None
    if given.get("never"):
        return Claim(request, 0, 0)
    if "exactly" in given:
        return Claim(request, given["exactly"], given["exactly"])
    least, most = given.get("at_least", 0 if "at_most" in given else 1), given.get("at_most")
    return None if most is not None and least > most else Claim(request, least, most)
