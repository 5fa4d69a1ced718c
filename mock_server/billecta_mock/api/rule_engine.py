"""Applies the rules, faults and `Prefer` header (RFC 7240) of a request."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from starlette.types import Scope

from billecta_mock.api.context import RequestContext, find_header, get_context
from billecta_mock.domain.actions import CannedResponse, PaymentFlow, RuleAction, chance_of, shortest_flow
from billecta_mock.domain.journal import DELAY, PREFER, PREFER_UNUSED, fault_tag, rule_tag
from billecta_mock.domain.payments import CREATE, READ, PaymentStatus
from billecta_mock.domain.presets import BUILT_IN_RULES
from billecta_mock.domain.problems import Problem, ReasonCode, invalid
from billecta_mock.domain.rules import NO_RULES, RequestFacts, Rule, RuleIndex, RuleKind
from billecta_mock.domain.validation import normalise_phone
from billecta_mock.domain.world import Principal
from billecta_mock.http import ANY_RESPONSE, ParsedRequest, Response
from billecta_mock.openapi.compiler import Operation
from billecta_mock.openapi.parameters import split_query
from billecta_mock.openapi.schemas import show, suggest
from billecta_mock.store.protocol import Store

_KNOWN: Final = ("code", "example", "status")
_OK: Final = 200


def read_preference(header: str, operation: Operation) -> RuleAction | Problem | None:
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


def _wish_response(wishes: Mapping[str, str], operation: Operation) -> RuleAction | Problem:
    code, example = wishes.get("code"), wishes.get("example")
    codes = [str(status) for status in operation.responses]
    if code is not None and code not in codes:
        return _refuse("code", code, operation, f"there are {', '.join(codes)}")
    statuses = [int(code)] if code is not None else list(operation.responses)
    if example is None:
        return RuleAction(response=CannedResponse(statuses[0]))
    found = next((status for status in statuses if example in operation.responses[status].examples), None)
    if found is None:
        names = dict.fromkeys(name for status in statuses for name in operation.responses[status].examples)
        return _refuse("example", example, operation, suggest(example, list(names)))
    return RuleAction(response=CannedResponse(found, example))


def _wish_status(wishes: Mapping[str, str], operation: Operation) -> RuleAction | Problem:
    status = wishes["status"]
    if len(wishes) > 1:
        return _bad_request("Prefer: status goes with neither code nor example")
    if operation.operation_id not in (CREATE, READ):
        return _bad_request(f"Prefer: status={show(status)}: {operation.operation_id} is not about a payment")
    if status not in map(str, PaymentStatus):
        return _refuse("status", status, operation, suggest(status, list(PaymentStatus)))
    if operation.operation_id == CREATE:
        return RuleAction(life=PaymentFlow(shortest_flow(PaymentStatus(status))))
    return RuleAction(response=CannedResponse(_OK, document={"requeststatus": status}))


def _refuse(kind: str, value: str, operation: Operation, advice: str) -> Problem:
    return _bad_request(f"Prefer: {kind}={show(value)} is not documented for {operation.operation_id}; {advice}")


def _bad_request(message: str) -> Problem:
    return invalid(ReasonCode.PREFERENCE_UNKNOWN, "Bad Request", message)


class _Hit(NamedTuple):
    """A rule that fired: for the how-many-eth request, and how long its quota wants the client to wait."""

    rule: Rule
    turn: int
    wait: float | None


class RuleEngine:
    """Says for each request what the script of its world makes of it, and notes that on the visit."""

    def __init__(self, store: Store, operations: Mapping[str, Operation]) -> None:
        self._store = store
        self._operations = operations

    def apply_faults(self, context: RequestContext, scope: Scope) -> None:
        """The fault and the delay that a request meets on its way, whoever sent it."""
        book = context.world.behaviour.fault_book
        if book.watches(context.operation_id):
            hit = self._find_hit(context, book, _describe_raw(context, scope))
            if hit:
                _apply(hit, context)

    def intercept(self, call: ParsedRequest[Principal], scope: Scope) -> Response | Problem | None:
        """What is answered instead of the handler to a caller who was let in; None to let it be handled.

        A client's own wish goes before the rules of the world, and those before the meanings that are shipped.
        """
        context = get_context(scope)
        outcome = self._read_wish(context, scope) or self._find_outcome(context, call, scope)
        if outcome is None or isinstance(outcome, Problem):
            return outcome
        call.principal = call.principal.with_rule_action(outcome)
        context.response = outcome.response
        is_canned = outcome.response is not None and not outcome.response.is_for_handler
        is_lost = context.fault is not None and not context.fault.is_handled
        return ANY_RESPONSE if is_canned or is_lost else None

    def _read_wish(self, context: RequestContext, scope: Scope) -> RuleAction | Problem | None:
        header = find_header(scope, b"prefer") if context.world.settings.prefer else None
        if header is None or context.operation_id is None:
            return None
        wish = read_preference(header.decode("latin-1"), self._operations[context.operation_id])
        if not isinstance(wish, Problem):
            context.marks = (*context.marks, PREFER if wish else PREFER_UNUSED)
        return wish

    def _find_outcome(self, context: RequestContext, call: ParsedRequest[Principal], scope: Scope) -> RuleAction | None:
        """What the rules of the world say, or else the meanings that are shipped."""
        world, operation = context.world, context.operation_id
        own, shipped = world.behaviour.rule_book, BUILT_IN_RULES if world.settings.magic_values else NO_RULES
        if not own.watches(operation) and not shipped.watches(operation):
            return None
        seen = _describe_parsed(context, call, scope)
        hit = self._find_hit(context, own, seen) or self._find_hit(context, shipped, seen)
        return _apply(hit, context) if hit else None

    def _find_hit(self, context: RequestContext, book: RuleIndex, seen: RequestFacts) -> _Hit | None:
        """The first rule that matches for this request."""
        for rule in book.candidates(seen):
            hit = self._try(context, book.kind, rule, seen.client)
            if hit is not None:
                return hit
        return None

    def _try(self, context: RequestContext, kind: RuleKind, rule: Rule, client: str) -> _Hit | None:
        """A rule that is for this request; None where it does not fire."""
        if not rule.limits.hold_at(context.now):
            return None
        wait = self._ask_quota(context, kind, rule, client)
        if wait == 0:
            return None
        turn = self._store.record_hit(context.world.database, kind, rule.name, rule.limits)
        return None if turn is None else _Hit(rule, turn, wait)

    def _ask_quota(self, context: RequestContext, kind: RuleKind, rule: Rule, client: str) -> float | None:
        """How long a client has to wait for its quota, 0 where it need not; None for a rule without a quota."""
        quota = rule.outcome.fault.quota if rule.outcome.fault else None
        if quota is None:
            return None
        return self._store.take_slot(context.world.database, quota, client, (kind, rule.name), context.now)


def _apply(hit: _Hit, context: RequestContext) -> RuleAction:
    """Note on the visit what the rule makes of it."""
    rule, outcome = hit.rule, hit.rule.outcome
    context.marks = (*context.marks, rule_tag(rule.name))
    if outcome.delay:
        context.delay += outcome.delay.sample(chance_of(rule.limits.seed, hit.turn))
        context.marks = (*context.marks, DELAY)
    if outcome.fault and context.fault is None:
        context.fault = outcome.fault
        context.retry_after = outcome.fault.retry_after if hit.wait is None else hit.wait
        context.marks = (*context.marks, fault_tag(outcome.fault.name))
    return outcome


def _describe_parsed(context: RequestContext, call: ParsedRequest[Principal], scope: Scope) -> RequestFacts:
    """A request that was let in and parsed."""
    key, query = call.principal.key, call.query
    phone, message = _normal(query.get("phone")), query.get("message")
    return RequestFacts(
        context.operation_id, call.method, key.name, key.value, context.resource, phone, message, _client(scope)
    )


def _describe_raw(context: RequestContext, scope: Scope) -> RequestFacts:
    """A request as it came in, before its parameters are validated."""
    pairs = split_query(scope)
    texts = {} if isinstance(pairs, Problem) else {name: _as_text(value) for name, value in reversed(pairs)}
    presented = context.presented[0] if len(context.presented) == 1 else b""
    key = context.world.dataset.key_ring.find(presented)
    return RequestFacts(
        operation=context.operation_id,
        method=scope["method"],
        key_name=key.name if key else None,
        key_value=presented.decode("latin-1"),
        resource=context.resource,
        phone=_normal(texts.get("phone")),
        message=texts.get("message"),
        client=_client(scope),
    )


def _normal(phone: str | None) -> str | None:
    """The number in its normal form; as it was sent where it has none."""
    normal = None if phone is None else normalise_phone(phone)
    return phone if isinstance(normal, Problem) else normal


def _as_text(raw: str) -> str:
    return raw.encode("latin-1").decode(errors="replace")


def _client(scope: Scope) -> str:
    client = scope.get("client")
    return client[0] if client else ""
