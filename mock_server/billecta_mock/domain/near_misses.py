"""What a request that the contract did not let through would have had to be: where it differs, as a comparison."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from billecta_mock.domain.access import ApiKey
from billecta_mock.domain.dataset import Dataset
from billecta_mock.domain.journal import Exchange
from billecta_mock.domain.near_ids import find_near_id
from billecta_mock.domain.near_routes import find_near_paths, fits
from billecta_mock.domain.outline import Outline, OutlinedOperation

_NOTHING: Final = "nothing"


class NearMiss(NamedTuple):
    """One difference: in which part of the request, what was sent, what the contract or the world has, and why so."""

    part: str
    sent: str
    expected: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Landmarks:
    """What requests are compared with: the contract, the world's data, and the ids of its payments, newest first."""

    outline: Outline
    dataset: Dataset
    request_ids: tuple[str, ...] = ()
    ids: dict[tuple[str, str], tuple[NearMiss, ...]] = field(default_factory=dict)


def is_unmatched(exchange: Exchange) -> bool:
    """Whether the contract did not let this request through for a mistake of its client's.

    A refusal that the message itself asked for, as in Swish's simulator, is none.
    """
    code = exchange.why.code
    return _finder(code) is not None and exchange.parameters.get("message") != code


def find_near_misses(exchange: Exchange, landmarks: Landmarks) -> tuple[NearMiss, ...]:
    """The differences between an unmatched request and what would have matched."""
    finder = _finder(exchange.why.code)
    return finder(exchange, landmarks) if finder else ()


def _finder(code: str) -> "Callable[[Exchange, Landmarks], tuple[NearMiss, ...]] | None":
    if code.startswith("key_"):
        return _compare_key
    if code.startswith("parameter_") or code == "query_too_long":
        return _compare_parameters
    return _FINDERS.get(code)


def _compare_route(exchange: Exchange, landmarks: Landmarks) -> tuple[NearMiss, ...]:
    database, path = _split(exchange.path)
    return tuple(
        NearMiss("path", exchange.path, f"{database}{near.path}", near.sentence)
        for near in find_near_paths(path, sorted({each.path for each in landmarks.outline}))
    )


def _compare_method(exchange: Exchange, landmarks: Landmarks) -> tuple[NearMiss, ...]:
    _, path = _split(exchange.path)
    known = [each for each in landmarks.outline if fits(path, each.path)]
    uses = ", ".join(f"{each.method} is {each.operation_id}" for each in known)
    return (NearMiss("method", exchange.method, " or ".join(each.method for each in known), f"on this path {uses}"),)


def _compare_key(exchange: Exchange, _landmarks: Landmarks) -> tuple[NearMiss, ...]:
    sent = exchange.key or _NOTHING
    return (NearMiss("key", sent, "one x-api-key header with a key of this world", exchange.why.sentence),)


def _compare_parameters(exchange: Exchange, landmarks: Landmarks) -> tuple[NearMiss, ...]:
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


def _compare_id(exchange: Exchange, landmarks: Landmarks) -> tuple[NearMiss, ...]:
    """Compared once for each id: a client that keeps asking for one costs no more than one that asks once."""
    asked = (exchange.why.code, exchange.resource or "")
    if asked not in landmarks.ids:
        near = find_near_id(*asked, landmarks.dataset, landmarks.request_ids)
        expected = near.expected or "an id of this world"
        landmarks.ids[asked] = (NearMiss("id", exchange.resource or _NOTHING, expected, near.sentence),)
    return landmarks.ids[asked]


def _compare_access(exchange: Exchange, landmarks: Landmarks) -> tuple[NearMiss, ...]:
    """A thing that the key's user may not see, or an operation that policy denies: whose key would do."""
    keys = ", ".join(f"'{key.name}'" for key in landmarks.dataset.keys if _would_do(key, exchange, landmarks.dataset))
    expected = f"the key {keys}" if keys else "a key that may do this; this world has none"
    return (NearMiss("key", f"the key '{exchange.key_name}'", expected, exchange.why.sentence),)


def _would_do(key: ApiKey, exchange: Exchange, dataset: Dataset) -> bool:
    resource = exchange.resource or ""
    invoice = dataset.invoice(resource) or dataset.invoice_of_action(resource)
    return key.may_call(exchange.operation or "") and (invoice is None or key.may_see(invoice.id))


def _find_operation(exchange: Exchange, landmarks: Landmarks) -> OutlinedOperation | None:
    return next((each for each in landmarks.outline if each.operation_id == exchange.operation), None)


def _split(path: str) -> tuple[str, str]:
    """The first segment of a raw path, which names the world, and the rest."""
    first, slash, rest = path.removeprefix("/").partition("/")
    return f"/{first}", slash + rest


_FINDERS: Final[Mapping[str, Callable[[Exchange, Landmarks], tuple[NearMiss, ...]]]] = {
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
