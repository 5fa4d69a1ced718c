"""What the journal of a world proves: expectations, unmatched requests, and the checklist before going live."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import groupby, islice
from typing import Any, Final
from urllib.parse import quote

from billecta_mock.admin.context import AdminCall, AdminContext, AdminHandler, wants_text
from billecta_mock.admin.requests import Page, read_after, read_filter, read_key, write_line
from billecta_mock.admin.views import show_exchange, show_time
from billecta_mock.domain.journal import Exchange
from billecta_mock.domain.problems import Problem, invalid
from billecta_mock.domain.text import pluralize
from billecta_mock.domain.verification.checklist import Checklist, assess, select_client
from billecta_mock.domain.verification.checklist_items import Item, State
from billecta_mock.domain.verification.expectations import (
    Expectation,
    Finding,
    find_others,
    list_numbers,
    verify,
    verify_sequence,
)
from billecta_mock.domain.verification.filters import ExchangeFilter, Numbered
from billecta_mock.domain.verification.near_misses import (
    ContractSummary,
    NearMiss,
    NearMissContext,
    OperationSummary,
    ParameterSummary,
    find_near_misses,
    is_unmatched,
)
from billecta_mock.domain.world import World
from billecta_mock.http import Response, json_response, text_response
from billecta_mock.openapi.compiler import Operation

_MOST_SHOWN: Final = 100
_NO_CLAIMS: Final = "the body lacks claims; 'sequence' and 'any_order' hold them"
_BAD_COUNTS: Final = "takes one of 'exactly', 'never', or 'at_least' and 'at_most' with the first not above the second"
_MOST_PAYMENTS: Final = 1000
_MOST_NUMBERS: Final = 100
_BOXES: Final = {State.MET: "[x]", State.OPEN: "[ ]", State.FINDING: "[!]"}


def outline(operations: Iterable[Operation]) -> ContractSummary:
    """As much of compiled operations as the domain needs."""
    return tuple(
        OperationSummary(
            operation_id=operation.operation_id,
            method=operation.method,
            path=operation.path,
            parameters=tuple(ParameterSummary(each.name, each.required) for each in operation.query_parameters),
            statuses=tuple(operation.responses),
        )
        for operation in operations
    )


class VerificationHandlers:
    """Handlers of the tag `requests` that verify claims."""

    def __init__(self, context: AdminContext) -> None:
        self._context = context

    def handlers(self) -> Mapping[str, AdminHandler]:
        """Each handler under its operation id."""
        return {"verifyRequests": self._context.in_world(self.verify)}

    async def verify(self, call: AdminCall, world: World) -> Response | Problem:
        """200 where every claim holds, 409 with what was seen instead where one does not."""
        body = call.body
        any_order, sequence = (self._read_claims(world, body, name) for name in ("any_order", "sequence"))
        within = read_filter(self._context.store, world, body.get("within", {}), "body, at /within/")
        if isinstance(any_order, Problem):
            return any_order
        if isinstance(sequence, Problem):
            return sequence
        if isinstance(within, Problem):
            return within
        if not any_order and not sequence:
            return invalid("claims_missing", "Bad Request", _NO_CLAIMS)
        page = read_after(self._context.store, world.database, within, body.get("within", {}).get("after", 0))
        judge = partial(_judge, only=body.get("nothing_else", False), dropped=page.dropped)
        return await asyncio.to_thread(
            judge, page.found, any_order, sequence
        )  # many claims on a long journal take long

    def _read_claims(self, world: World, body: Mapping[str, Any], name: str) -> list[Expectation] | Problem:
        claims = []
        for index, given in enumerate(body.get(name, [])):
            place = f"body, at /{name}/{index}"
            request = read_filter(self._context.store, world, given["request"], f"{place}/request/")
            if isinstance(request, Problem):
                return request
            claim = _read_claim(given, request)
            if claim is None:
                return invalid("claim_invalid", "Bad Request", f"{place}: a claim {_BAD_COUNTS}")
            claims.append(claim)
        return claims


def _judge(
    exchanges: Sequence[Numbered],
    any_order: list[Expectation],
    sequence: list[Expectation],
    *,
    only: bool,
    dropped: int,
) -> Response:
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
            f"the journal no longer holds {pluralize(dropped, 'older exchange')}; --journal-size keeps more"
        )
    document = {
        "verified": not explanation,
        "explanation": explanation,
        "any_order": [_show_finding(each) for each in unordered],
        "sequence": [_show_finding(each) for each in ordered],
        "dropped": dropped,
    }
    if not explanation:
        return json_response(200, document)
    return json_response(409, {"error": "Conflict", "message": "; ".join(explanation), **document})


def _show_finding(finding: Finding) -> dict[str, Any]:
    return {
        "claim": str(finding.claim),
        "count": len(finding.seen),
        "seen": list(finding.seen[:_MOST_SHOWN]),
        "failure": finding.failure,
        "near": [{"number": near.number, "difference": near.sentence} for near in finding.near],
    }


def _read_claim(given: Mapping[str, Any], request: ExchangeFilter) -> Expectation | None:
    """The claim; None where what it says of numbers does not go together. With no number, at least one is meant."""
    if sum(name in given for name in ("exactly", "never")) + any(name in given for name in ("at_least", "at_most")) > 1:
        return None
    if given.get("never"):
        return Expectation(request, 0, 0)
    if "exactly" in given:
        return Expectation(request, given["exactly"], given["exactly"])
    least, most = given.get("at_least", 0 if "at_most" in given else 1), given.get("at_most")
    return None if most is not None and least > most else Expectation(request, least, most)


class UnmatchedHandlers:
    """Handlers of the tag `requests` that explain what went wrong."""

    def __init__(self, context: AdminContext) -> None:
        self._context = context

    def handlers(self) -> Mapping[str, AdminHandler]:
        """Each handler under its operation id."""
        return {"listUnmatchedRequests": self._context.in_world(self.list)}

    async def list(self, call: AdminCall, world: World) -> Response | Problem:
        """The newest requests that were not let through, newest first, as JSON or as text."""
        exchanges = self._context.store.exchanges(world.database, call.query["after"])
        unmatched = list(islice((each for each in exchanges if is_unmatched(each[1])), call.query["limit"]))
        payments = islice(self._context.store.payments(world.database), _MOST_PAYMENTS)
        request_ids = tuple(payment.request_id for payment in payments)
        landmarks = NearMissContext(outline(self._context.contract().values()), world.dataset, request_ids)
        compared = [(each, find_near_misses(each[1], landmarks)) for each in unmatched]
        if wants_text(call):
            texts = [_write_unmatched(*numbered, near) for numbered, near in compared]
            return text_response(200, "\n".join(texts) or "Every request was let through.\n")
        return json_response(200, {"requests": [_show_unmatched(numbered, near) for numbered, near in compared]})


def _show_unmatched(numbered: Numbered, near: tuple[NearMiss, ...]) -> dict[str, Any]:
    return {**show_exchange(*numbered), "near_misses": [each._asdict() for each in near]}


def _write_unmatched(number: int, exchange: Exchange, near: tuple[NearMiss, ...]) -> str:
    """One request as a comparison: `you sent` above `the contract has`, so that differences stand below each other."""
    head = f"{write_line(number, exchange)}\n"
    return head + "".join(_write_near(each) for each in near)


def _write_near(near: NearMiss) -> str:
    lines = (("you sent", near.sent), ("expected", near.expected), ("because ", near.sentence))
    return f"  {near.part}\n" + "".join(f"    {label}  {text}\n" for label, text in lines)


class ReadinessHandlers:
    """Handlers of the tag `readiness`."""

    def __init__(self, context: AdminContext) -> None:
        self._context = context

    def handlers(self) -> Mapping[str, AdminHandler]:
        """Each handler under its operation id."""
        return {"getReadiness": self._context.in_world(self.show)}

    async def show(self, call: AdminCall, world: World) -> Response | Problem:
        """The checklist, of all clients of the world or of one key's, as JSON or as a page of text."""
        key = self._read_key(call, world)
        if isinstance(key, Problem):
            return key
        page = read_after(self._context.store, world.database, ExchangeFilter(), call.query["after"])
        exchanges = page.found if key is None else select_client(page.found, key)
        contract, patience = outline(self._context.contract().values()), world.settings.pace.expire_after
        checklist = await asyncio.to_thread(assess, exchanges, contract, patience)
        control = f"{call.origin}/__admin/worlds/{quote(world.database)}"
        if wants_text(call):
            whose = f"the client with the key '{key}'" if key else "all clients"
            head = f"Readiness of {whose} in the world '{world.database}', {show_time(self._context.now(world))}"
            return text_response(200, _write_checklist(checklist, page, head, control))
        return json_response(200, {"key": key, "control": control, **_show_checklist(checklist, page)})

    def _read_key(self, call: AdminCall, world: World) -> str | Problem | None:
        given = call.query["key"]
        return None if given is None else read_key(self._context.store, world, given)


def _show_checklist(checklist: Checklist, page: Page) -> dict[str, Any]:
    return {
        "ready": checklist.is_ready,
        "verdict": checklist.verdict,
        "exchanges": checklist.exchanges,
        "dropped": page.dropped,
        **{str(state): checklist.count(state) for state in State},
        "items": [_show_item(item) for item in checklist.items],
    }


def _show_item(item: Item) -> dict[str, Any]:
    return {
        "group": item.group,
        "name": item.name,
        "state": item.state,
        "sentence": item.sentence,
        "seen": list(item.numbers[:_MOST_NUMBERS]),
        "meaning": item.meaning,
        "advice": item.advice,
    }


def _write_checklist(checklist: Checklist, page: Page, head: str, control: str) -> str:
    rest = f"{checklist.count(State.MET)} met; from {pluralize(checklist.exchanges, 'exchange')} of the journal"
    lines = [checklist.verdict, head, rest]
    if page.dropped:
        lines.append(
            f"The journal no longer holds {pluralize(page.dropped, 'older exchange')}: what was met there is not "
            "counted here. Start the mock with a larger --journal-size."
        )
    lines.append(f"CONTROL={control}")
    for group, items in groupby(checklist.items, key=lambda item: item.group):
        lines += ["", group.capitalize(), *(line for item in items for line in _write_item(item))]
    return "\n".join(lines) + "\n"


def _write_item(item: Item) -> list[str]:
    numbers = f" ({list_numbers(item.numbers)})" if item.numbers else ""
    lines = [f"  {_BOXES[item.state]} {item.name}: {item.sentence}{numbers}"]
    lines += [f"        in production: {item.meaning}"] if item.meaning else []
    label = "what to do" if item.state is State.FINDING else "how"
    return [*lines, f"        {label}: {item.advice}"] if item.advice else lines
