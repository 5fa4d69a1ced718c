"""Applies the rules, faults and `Prefer` header (RFC 7240) of a request."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from starlette.types import Scope

from billecta_mock.api.context import Visit, find_header, visit_of
from billecta_mock.domain.actions import CannedResponse, Life, Outcome, chance_of, find_path
from billecta_mock.domain.journal import DELAY, PREFER, PREFER_UNUSED, mark_fault, mark_rule
from billecta_mock.domain.payments import CREATE, READ, PaymentStatus
from billecta_mock.domain.presets import MAGIC
from billecta_mock.domain.problems import Reason, Refusal, invalid
from billecta_mock.domain.rules import NO_RULES, Rule, RuleBook, RuleKind, Sighting
from billecta_mock.domain.validation import normalise_phone
from billecta_mock.domain.world import Caller
from billecta_mock.http import ANY_ANSWER, Answer, Call
from billecta_mock.openapi.compiler import Operation
from billecta_mock.openapi.parameters import split_query
from billecta_mock.openapi.schemas import show, suggest
from billecta_mock.store.protocol import Store

_KNOWN: Final = ("code", "example", "status")
_OK: Final = 200


def read_preference(header: str, operation: Operation) -> Outcome | Refusal | None:
    """What a `Prefer` header asks of this operation; None where it asks for nothing that the mock knows.

    `code` is a documented status, `example` the name of a documented example, `status` a status of payments. What is
    not documented is refused, so that no test passes for a misspelt preference.
    """
    from werkzeug.http import parse_dict_header  # noqa: PLC0415 — slow to import, and most clients have no preference

    parsed = parse_dict_header(header.replace(";", ","))
    wishes = {name.lower(): value or "" for name, value in parsed.items() if name.lower() in _KNOWN}
    if "status" in wishes:
        return _wish_status(wishes, operation)
    return _wish_response(wishes, operation) if wishes else None


def _wish_response(wishes: Mapping[str, str], operation: Operation) -> Outcome | Refusal:
    code, example = wishes.get("code"), wishes.get("example")
    codes = [str(status) for status in operation.responses]
    if code is not None and code not in codes:
        return _refuse("code", code, operation, f"there are {', '.join(codes)}")
    statuses = [int(code)] if code is not None else list(operation.responses)
    if example is None:
        return Outcome(response=CannedResponse(statuses[0]))
    found = next((status for status in statuses if example in operation.responses[status].examples), None)
    if found is None:
        names = dict.fromkeys(name for status in statuses for name in operation.responses[status].examples)
        return _refuse("example", example, operation, suggest(example, list(names)))
    return Outcome(response=CannedResponse(found, example))


def _wish_status(wishes: Mapping[str, str], operation: Operation) -> Outcome | Refusal:
    status = wishes["status"]
    if len(wishes) > 1:
        return _bad_request("Prefer: status goes with neither code nor example")
    if operation.operation_id not in (CREATE, READ):
        return _bad_request(f"Prefer: status={show(status)}: {operation.operation_id} is not about a payment")
    if status not in map(str, PaymentStatus):
        return _refuse("status", status, operation, suggest(status, list(PaymentStatus)))
    if operation.operation_id == CREATE:
        return Outcome(life=Life(find_path(PaymentStatus(status))))
    return Outcome(response=CannedResponse(_OK, document={"requeststatus": status}))


def _refuse(kind: str, value: str, operation: Operation, advice: str) -> Refusal:
    return _bad_request(f"Prefer: {kind}={show(value)} is not documented for {operation.operation_id}; {advice}")


def _bad_request(message: str) -> Refusal:
    return invalid(Reason.PREFERENCE_UNKNOWN, "Bad Request", message)


class _Hit(NamedTuple):
    """A rule that came true: for the how-many-eth request, and how long its quota wants the client to wait."""

    rule: Rule
    turn: int
    wait: float | None


class Director:
    """Says for each request what the script of its world makes of it, and notes that on the visit."""

    def __init__(self, store: Store, operations: Mapping[str, Operation]) -> None:
        self._store = store
        self._operations = operations

    def meet_fault(self, visit: Visit, scope: Scope) -> None:
        """The fault and the delay that a request meets on its way, whoever sent it."""
        book = visit.world.script.fault_book
        if book.watches(visit.operation_id):
            hit = self._find_hit(visit, book, _sight_raw(visit, scope))
            if hit:
                _apply(hit, visit)

    def intercept(self, call: Call[Caller], scope: Scope) -> Answer | Refusal | None:
        """What is answered in the place of the handler to a caller who was let in; None to let it be handled.

        A client's own wish goes before the rules of the world, and those before the meanings that are shipped.
        """
        visit = visit_of(scope)
        outcome = self._read_wish(visit, scope) or self._find_outcome(visit, call, scope)
        if outcome is None or isinstance(outcome, Refusal):
            return outcome
        call.caller = call.caller.on_cue(outcome)
        visit.response = outcome.response
        is_canned = outcome.response is not None and not outcome.response.is_for_handler
        is_lost = visit.fault is not None and not visit.fault.is_handled
        return ANY_ANSWER if is_canned or is_lost else None

    def _read_wish(self, visit: Visit, scope: Scope) -> Outcome | Refusal | None:
        header = find_header(scope, b"prefer") if visit.world.settings.prefer else None
        if header is None or visit.operation_id is None:
            return None
        wish = read_preference(header.decode("latin-1"), self._operations[visit.operation_id])
        if not isinstance(wish, Refusal):
            visit.marks = (*visit.marks, PREFER if wish else PREFER_UNUSED)
        return wish

    def _find_outcome(self, visit: Visit, call: Call[Caller], scope: Scope) -> Outcome | None:
        """What the rules of the world say, or else the meanings that are shipped."""
        world, operation = visit.world, visit.operation_id
        own, shipped = world.script.rule_book, MAGIC if world.settings.magic_values else NO_RULES
        if not own.watches(operation) and not shipped.watches(operation):
            return None
        seen = _sight(visit, call, scope)
        hit = self._find_hit(visit, own, seen) or self._find_hit(visit, shipped, seen)
        return _apply(hit, visit) if hit else None

    def _find_hit(self, visit: Visit, book: RuleBook, seen: Sighting) -> _Hit | None:
        """The first rule that comes true for this request."""
        for rule in book.candidates(seen):
            hit = self._try(visit, book.kind, rule, seen.client)
            if hit is not None:
                return hit
        return None

    def _try(self, visit: Visit, kind: RuleKind, rule: Rule, client: str) -> _Hit | None:
        """A rule that is for this request; None where it does not come true."""
        if not rule.limits.hold_at(visit.now):
            return None
        wait = self._ask_quota(visit, kind, rule, client)
        if wait == 0:
            return None
        turn = self._store.take_turn(visit.world.database, kind, rule.name, rule.limits)
        return None if turn is None else _Hit(rule, turn, wait)

    def _ask_quota(self, visit: Visit, kind: RuleKind, rule: Rule, client: str) -> float | None:
        """How long a client has to wait for its quota, 0 where it need not; None for a rule without a quota."""
        quota = rule.outcome.fault.quota if rule.outcome.fault else None
        if quota is None:
            return None
        return self._store.take_slot(visit.world.database, quota, client, (kind, rule.name), visit.now)


def _apply(hit: _Hit, visit: Visit) -> Outcome:
    """Note on the visit what the rule makes of it."""
    rule, outcome = hit.rule, hit.rule.outcome
    visit.marks = (*visit.marks, mark_rule(rule.name))
    if outcome.delay:
        visit.delay += outcome.delay.sample(chance_of(rule.limits.seed, hit.turn))
        visit.marks = (*visit.marks, DELAY)
    if outcome.fault and visit.fault is None:
        visit.fault = outcome.fault
        visit.retry_after = outcome.fault.retry_after if hit.wait is None else hit.wait
        visit.marks = (*visit.marks, mark_fault(outcome.fault.name))
    return outcome


def _sight(visit: Visit, call: Call[Caller], scope: Scope) -> Sighting:
    """A request that was let in and parsed."""
    key, query = call.caller.key, call.query
    phone, message = _normal(query.get("phone")), query.get("message")
    return Sighting(
        visit.operation_id, call.method, key.name, key.value, visit.resource, phone, message, _client(scope)
    )


def _sight_raw(visit: Visit, scope: Scope) -> Sighting:
    """A request as it came in: nobody has judged it yet."""
    pairs = split_query(scope)
    texts = {} if isinstance(pairs, Refusal) else {name: _as_text(value) for name, value in reversed(pairs)}
    presented = visit.presented[0] if len(visit.presented) == 1 else b""
    key = visit.world.dataset.key_ring.find(presented)
    return Sighting(
        operation=visit.operation_id,
        method=scope["method"],
        key_name=key.name if key else None,
        key_value=presented.decode("latin-1"),
        resource=visit.resource,
        phone=_normal(texts.get("phone")),
        message=texts.get("message"),
        client=_client(scope),
    )


def _normal(phone: str | None) -> str | None:
    """The number in its normal form; as it was sent where it has none."""
    normal = None if phone is None else normalise_phone(phone)
    return phone if isinstance(normal, Refusal) else normal


def _as_text(raw: str) -> str:
    return raw.encode("latin-1").decode(errors="replace")


def _client(scope: Scope) -> str:
    client = scope.get("client")
    return client[0] if client else ""
