"""What a request that the contract did not let through would have had to be: id, path and parts that differ."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cache
from typing import Final, NamedTuple

from billecta_mock.domain.auth import ApiKey
from billecta_mock.domain.journal import Exchange
from billecta_mock.domain.world import Dataset

_LONGEST_COMPARED: Final = 200
_SHORTEST_HALF: Final = 3
_PLACEHOLDERS: Final = frozenset({"undefined", "null", "none", "nil", "nan", "[object object]", "id", "requestid"})
_OPENING: Final = ("{", ":", "<", "$")
_MOST_SEGMENTS: Final = 12
_LONGEST_SEGMENT: Final = 100
_FARTHEST: Final = 2.5
_GAP: Final = 1.0
_NOTHING: Final = "nothing"


@dataclass(frozen=True, slots=True)
class ParameterSummary:
    """One parameter of a query string."""

    name: str
    required: bool


@dataclass(frozen=True, slots=True)
class OperationSummary:
    """One operation: `path` is its template below the name of the world, `statuses` those that are documented."""

    operation_id: str
    method: str
    path: str
    parameters: tuple[ParameterSummary, ...] = ()
    statuses: tuple[int, ...] = ()


ContractSummary = tuple[OperationSummary, ...]


class NearId(NamedTuple):
    """An id that would have matched, if there is one, and what was wrong."""

    expected: str | None
    sentence: str


def find_near_id(code: str, sent: str, dataset: Dataset, request_ids: tuple[str, ...]) -> NearId:
    """What was probably meant by `sent`, which was unknown as the kind of id that `code` says."""
    if sent.strip().lower() in _PLACEHOLDERS or sent.startswith(_OPENING):
        return NearId(None, "a placeholder was sent that was not replaced")
    known = {
        "invoice_unknown": [invoice.id for invoice in dataset.invoices],
        "action_unknown": [invoice.action_id for invoice in dataset.invoices],
        "payment_unknown": request_ids,
    }[code]
    return _find_of_another_kind(code, sent, dataset, request_ids) or _find_similar(sent, known) or _give_up(code)


def _find_of_another_kind(code: str, sent: str, dataset: Dataset, request_ids: tuple[str, ...]) -> NearId | None:
    """An id that exists, but as that of something else."""
    invoice, of_action = dataset.invoice(sent), dataset.invoice_of_action(sent)
    if sent in request_ids:
        return NearId(None, f"this is the request id of a payment; {_WANTED[code]}")
    if of_action and code == "invoice_unknown":
        return NearId(of_action.id, f"this is the action id of invoice {of_action.id}; {_WANTED[code]}")
    if of_action:
        return NearId(None, f"this is the action id of invoice {of_action.id}; {_WANTED[code]}")
    if invoice and code == "action_unknown":
        return NearId(invoice.action_id, f"this is the id of an invoice; its action id is {invoice.action_id}")
    return NearId(None, f"this is the id of an invoice; {_WANTED[code]}") if invoice else None


def _find_similar(sent: str, known: Iterable[str]) -> NearId | None:
    """The known id that is nearest, by the first of these that holds for any."""
    if not sent or len(sent) > _LONGEST_COMPARED:
        return None
    known = list(known)
    plain = sent.strip().strip("\"'").lower()
    half = len(sent) // 2
    front, back = sent[: half or 1], sent[half:]
    for is_near, sentence in (
        (lambda each: each.lower() == plain, "it has another case, or quotation marks or white space around it"),
        (lambda each: each.lstrip("0") == plain.lstrip("0"), "it has other zeros in front"),
        (
            lambda each: (each.startswith(front) or each.endswith(back)) and is_one_edit_away(sent, each),
            "one character is different",
        ),
        (lambda each: half >= _SHORTEST_HALF and (each.startswith(sent) or sent.startswith(each)), "it was cut off"),
    ):
        near = next(filter(is_near, known), None)
        if near:
            return NearId(near, sentence)
    return None


def is_one_edit_away(one: str, other: str) -> bool:
    """Whether one character put in, left out, replaced, or two neighbours swapped make one text the other."""
    if abs(len(one) - len(other)) > 1 or one == other:
        return False
    front = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    one, other = one[front:], other[front:]
    swapped = one[1:2] + one[:1] + one[2:]
    return one[1:] == other[1:] or one[1:] == other or one == other[1:] or swapped == other


def _give_up(code: str) -> NearId:
    return NearId(None, f"nothing in this world is like it; {_WANTED[code]}")


_WANTED: Final = {
    "invoice_unknown": "fetchInvoicePdf wants the id of an invoice in Lime CRM",
    "action_unknown": "createSwishPayment wants the ActionPublicId of an invoice action in Billecta",
    "payment_unknown": "getSwishPayment wants the requestid that createSwishPayment answered, in this world, since its "
    "last reset",
}


class NearPath(NamedTuple):
    """A path that would have matched, with what was sent instead of its parameters, and what is different."""

    path: str
    sentence: str


def fits(path: str, template: str) -> bool:
    """Whether a raw path is one of a template."""
    sent, wanted = path.split("/"), template.split("/")
    return len(sent) == len(wanted) and all(map(_may_stand_for, sent, wanted))


def find_near_paths(path: str, templates: Sequence[str]) -> list[NearPath]:
    """The nearest templates to a raw path, filled with its values; none where nothing is near."""
    aligned = [_align(tuple(path.split("/")[1:]), tuple(template.split("/")[1:])) for template in templates]
    nearest = min((cost for cost, _ in aligned), default=_FARTHEST)
    return [_describe(pairs) for cost, pairs in aligned if cost == nearest and cost < _FARTHEST]


_Pair = tuple[str | None, str | None]


def _align(sent: tuple[str, ...], wanted: tuple[str, ...]) -> tuple[float, list[_Pair]]:
    """The cheapest way to lay the segments of a path beside those of a template: each pair is one sent, one wanted."""
    sent = tuple(segment[:_LONGEST_SEGMENT] for segment in sent[:_MOST_SEGMENTS])

    @cache
    def best(left: int, right: int) -> tuple[float, tuple[_Pair, ...]]:
        ways: list[tuple[float, tuple[_Pair, ...]]] = []
        if left < len(sent) and right < len(wanted):
            cost, pairs = best(left + 1, right + 1)
            ways.append((cost + _distance(sent[left], wanted[right]), ((sent[left], wanted[right]), *pairs)))
        if left < len(sent):
            cost, pairs = best(left + 1, right)
            ways.append((cost + (0.5 if not sent[left] else _GAP), ((sent[left], None), *pairs)))
        if right < len(wanted):
            cost, pairs = best(left, right + 1)
            ways.append((cost + (0.5 if not wanted[right] else _GAP), ((None, wanted[right]), *pairs)))
        return min(ways, key=lambda way: way[0]) if ways else (0.0, ())

    cost, pairs = best(0, 0)
    return cost, list(pairs)


def _distance(sent: str, wanted: str) -> float:
    """From 0 for what matches to more than two gaps for what has nothing in common."""
    if _may_stand_for(sent, wanted):
        return 0.0
    if not sent or not wanted or wanted.startswith("{"):
        return 2 * _GAP + 0.1
    ratio = SequenceMatcher(None, sent.lower(), wanted.lower(), autojunk=False).ratio()
    return 0.1 + (1 - ratio) * 2 * _GAP


def _may_stand_for(sent: str, wanted: str) -> bool:
    return bool(sent) if wanted.startswith("{") else sent == wanted


def _describe(pairs: Sequence[_Pair]) -> NearPath:
    path = "".join(f"/{_fill(sent, wanted)}" for sent, wanted in pairs if wanted is not None)
    return NearPath(path, "; ".join(filter(None, map(_tell, pairs, [*pairs[1:], None]))))


def _fill(sent: str | None, wanted: str) -> str:
    return sent if sent and wanted.startswith("{") else wanted


def _tell(pair: _Pair, following: _Pair | None) -> str:
    """What is different in one segment, in words; nothing where it is none."""
    sent, wanted = pair
    if sent is None:
        return "a slash belongs at the end" if wanted == "" else f"'{wanted}' is missing"
    if wanted is None:
        if not sent:
            return "there is a slash too many at the end" if following is None else "there are two slashes in a row"
        return f"'{sent}' is not in it"
    if _may_stand_for(sent, wanted):
        return ""
    if sent.lower() == wanted.lower():
        return f"'{sent}' is spelled '{wanted}': case matters"
    return f"'{sent}' is spelled '{wanted}'" if sent else f"'{wanted}' is empty"


class NearMiss(NamedTuple):
    """One difference: in which part of the request, what was sent, what the contract or the world has, and why so."""

    part: str
    sent: str
    expected: str
    sentence: str


@dataclass(frozen=True, slots=True)
class NearMissContext:
    """What requests are compared with: the contract, the world's data, and the ids of its payments, newest first."""

    outline: ContractSummary
    dataset: Dataset
    request_ids: tuple[str, ...] = ()
    ids: dict[tuple[str, str], tuple[NearMiss, ...]] = field(default_factory=dict)


def is_unmatched(exchange: Exchange) -> bool:
    """Whether the contract did not let this request through for a mistake of its client's.

    A refusal that the message itself asked for, as in Swish's simulator, is none.
    """
    code = exchange.why.code
    return _finder(code) is not None and exchange.parameters.get("message") != code


def find_near_misses(exchange: Exchange, landmarks: NearMissContext) -> tuple[NearMiss, ...]:
    """The differences between an unmatched request and what would have matched."""
    finder = _finder(exchange.why.code)
    return finder(exchange, landmarks) if finder else ()


def _finder(code: str) -> "Callable[[Exchange, NearMissContext], tuple[NearMiss, ...]] | None":
    if code.startswith("key_"):
        return _compare_key
    if code.startswith("parameter_") or code == "query_too_long":
        return _compare_parameters
    return _FINDERS.get(code)


def _compare_route(exchange: Exchange, landmarks: NearMissContext) -> tuple[NearMiss, ...]:
    database, path = _split(exchange.path)
    return tuple(
        NearMiss("path", exchange.path, f"{database}{near.path}", near.sentence)
        for near in find_near_paths(path, sorted({each.path for each in landmarks.outline}))
    )


def _compare_method(exchange: Exchange, landmarks: NearMissContext) -> tuple[NearMiss, ...]:
    _, path = _split(exchange.path)
    known = [each for each in landmarks.outline if fits(path, each.path)]
    uses = ", ".join(f"{each.method} is {each.operation_id}" for each in known)
    return (NearMiss("method", exchange.method, " or ".join(each.method for each in known), f"on this path {uses}"),)


def _compare_key(exchange: Exchange, _landmarks: NearMissContext) -> tuple[NearMiss, ...]:
    sent = exchange.key or _NOTHING
    return (NearMiss("key", sent, "one x-api-key header with a key of this world", exchange.why.sentence),)


def _compare_parameters(exchange: Exchange, landmarks: NearMissContext) -> tuple[NearMiss, ...]:
    """The parameter that the reason names, and for each that is missing the one that was probably meant to be it."""
    operation = _find_operation(exchange, landmarks)
    declared = {each.name for each in operation.parameters} if operation else set()
    strangers = [name for name in exchange.parameters if name not in declared]
    found = [
        _miss_parameter(each.name, strangers)
        for each in (operation.parameters if operation else ())
        if each.required and each.name not in exchange.parameters
    ]
    named = exchange.why.sentence.partition(" ")[0]
    if named in exchange.parameters:
        sent = f"{named}={exchange.parameters[named]}"
        found.append(NearMiss(f"parameter {named}", sent, named, exchange.why.sentence))
    return tuple(found) or (NearMiss("query", "the query string", "what the contract has", exchange.why.sentence),)


def _miss_parameter(name: str, strangers: list[str]) -> NearMiss:
    near = next((each for each in strangers if name in each.lower() or each.lower() in name), None)
    sentence = f"'{near}' was probably meant to be '{name}'" if near else f"'{name}' belongs into the query string"
    return NearMiss(f"parameter {name}", near or _NOTHING, name, sentence)


def _compare_id(exchange: Exchange, landmarks: NearMissContext) -> tuple[NearMiss, ...]:
    """Compared once for each id: a client that keeps asking for one costs no more than one that asks once."""
    asked = (exchange.why.code, exchange.resource or "")
    if asked not in landmarks.ids:
        near = find_near_id(*asked, landmarks.dataset, landmarks.request_ids)
        expected = near.expected or "an id of this world"
        landmarks.ids[asked] = (NearMiss("id", exchange.resource or _NOTHING, expected, near.sentence),)
    return landmarks.ids[asked]


def _compare_access(exchange: Exchange, landmarks: NearMissContext) -> tuple[NearMiss, ...]:
    """A thing that the key's user may not see, or an operation that policy denies: whose key would do."""
    keys = ", ".join(f"'{key.name}'" for key in landmarks.dataset.keys if _would_do(key, exchange, landmarks.dataset))
    expected = f"the key {keys}" if keys else "a key that may do this; this world has none"
    return (NearMiss("key", f"the key '{exchange.key_name}'", expected, exchange.why.sentence),)


def _would_do(key: ApiKey, exchange: Exchange, dataset: Dataset) -> bool:
    resource = exchange.resource or ""
    invoice = dataset.invoice(resource) or dataset.invoice_of_action(resource)
    return key.may_call(exchange.operation or "") and (invoice is None or key.may_see(invoice.id))


def _find_operation(exchange: Exchange, landmarks: NearMissContext) -> OperationSummary | None:
    return next((each for each in landmarks.outline if each.operation_id == exchange.operation), None)


def _split(path: str) -> tuple[str, str]:
    """The first segment of a raw path, which names the world, and the rest."""
    first, slash, rest = path.removeprefix("/").partition("/")
    return f"/{first}", slash + rest


_FINDERS: Final[Mapping[str, Callable[[Exchange, NearMissContext], tuple[NearMiss, ...]]]] = {
    "route_unknown": _compare_route,
    "method_not_allowed": _compare_method,
    "BE18": _compare_parameters,
    "RP02": _compare_parameters,
    "invoice_unknown": _compare_id,
    "action_unknown": _compare_id,
    "payment_unknown": _compare_id,
    "policy_denied": _compare_access,
    "invoice_hidden": _compare_access,
    "action_hidden": _compare_access,
    "payment_hidden": _compare_access,
}
