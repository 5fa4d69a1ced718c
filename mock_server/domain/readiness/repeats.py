"""What a client does after an answer that was lost, that failed, or that said no."""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Final

from mock_server.domain.journal import Exchange
from mock_server.domain.operations import CREATE
from mock_server.domain.readiness.items import Item, State
from mock_server.domain.search import Numbered

REPEATS: Final = "after trouble"
_FIRST_SERVER_ERROR: Final = 500
_BAD_REQUEST: Final = 400
_STILL: Final = 0.0
_TWICE: Final = "the payer is asked twice, and may pay twice"
_LOSE_A_CREATE: Final = (
    "curl -X POST $CONTROL/faults -d "
    '\'{"times": 1, "match": {"operation": "createSwishPayment"}, "then": {"fault": {"type": "EMPTY_RESPONSE"}}}\''
)
_FAIL_A_CREATE: Final = (
    "curl -X POST $CONTROL/faults -d "
    '\'{"times": 1, "match": {"operation": "createSwishPayment"}, '
    '"then": {"fault": {"type": "STATUS", "status": 502}}}\''
)
_ASK_TO_WAIT: Final = (
    'curl -X POST $CONTROL/faults -d \'{"times": 1, "then": '
    '{"fault": {"type": "STATUS", "status": 503, "retry_after": 30}}}\''
)


def check_repeats(exchanges: Sequence[Numbered]) -> list[Item]:
    """A line for each kind of trouble after which a client can do the wrong thing."""
    return [
        _check_creates(
            exchanges,
            ("create after a lost answer", "an answer that was lost", lambda exchange: exchange.status is None),
            (_TWICE, "the first may have been done: do not create again by yourself; wait 3 minutes or ask the user"),
            _LOSE_A_CREATE,
        ),
        _check_creates(
            exchanges,
            ("create after an error of the server", "an answer of 500 or more", _has_failed),
            (_TWICE, "an error of a gateway does not say whether it was done: wait 3 minutes or ask the user"),
            _FAIL_A_CREATE,
        ),
        _check_creates(
            exchanges,
            ("create after a 400", "a 400, unchanged", _is_refused),
            ("it is refused each time, and counts towards the limit of the platform", "show the message to the user"),
            "create with a phone number that is none, such as 12",
        ),
        _check_waiting(exchanges),
    ]


def _check_creates(
    exchanges: Sequence[Numbered],
    trouble: tuple[str, str, Callable[[Exchange], bool]],
    finding: tuple[str, str],
    advice: str,
) -> Item:
    """Whether the next create for the same action, phone and message came at all, after trouble of this kind."""
    name, words, is_trouble = trouble
    met, repeated = False, []
    for same in _group_creates(exchanges):
        met = met or any(is_trouble(exchange) for _, exchange in same)
        repeated += [number for (_, before), (number, _) in pairwise(same) if is_trouble(before)]
    if repeated:
        sentence = f"created again {len(repeated)} times after {words}"
        return Item(REPEATS, name, State.FINDING, sentence, tuple(sorted(repeated)), *finding)
    if met:
        return Item(REPEATS, name, State.MET, "nothing was created again")
    return Item(REPEATS, name, State.OPEN, "not seen yet", advice=advice)


def _group_creates(exchanges: Sequence[Numbered]) -> list[list[Numbered]]:
    groups: dict[tuple[str | None, str | None, str | None, str | None], list[Numbered]] = {}
    for number, exchange in exchanges:
        if exchange.operation == CREATE:
            what = (exchange.key, exchange.resource, exchange.phone, exchange.parameters.get("message"))
            groups.setdefault(what, []).append((number, exchange))
    return list(groups.values())


def _has_failed(exchange: Exchange) -> bool:
    return exchange.status is not None and exchange.status >= _FIRST_SERVER_ERROR


def _is_refused(exchange: Exchange) -> bool:
    """A 400 that stays one: a live payment of the same payer (RP06) goes away by itself."""
    return exchange.status == _BAD_REQUEST and exchange.why.code != "RP06"


def _check_waiting(exchanges: Sequence[Numbered]) -> Item:
    asked = list(_find_waits(exchanges))
    early = [number for number, seconds, wanted in asked if _STILL < seconds < wanted]
    if early:
        return Item(
            REPEATS,
            "wait as Retry-After asks",
            State.FINDING,
            f"{len(early)} requests came before the time was up",
            tuple(early),
            "who does not wait is refused for longer",
            "keep the seconds of Retry-After, by the client's own clock, before anything is sent to this server again",
        )
    if any(seconds > _STILL for _, seconds, _ in asked):
        return Item(REPEATS, "wait as Retry-After asks", State.MET, "the time was kept")
    return Item(REPEATS, "wait as Retry-After asks", State.OPEN, "not seen yet", advice=_ASK_TO_WAIT)


def _find_waits(exchanges: Sequence[Numbered]) -> Iterator[tuple[int, float, float]]:
    """For each answer that asked to wait, the next request of the same key: its number, after how long, of how much."""
    waiting: dict[str | None, Exchange] = {}
    for number, exchange in exchanges:
        before = waiting.pop(exchange.key, None)
        if before is not None and before.retry_after is not None:
            yield number, (exchange.at - before.at).total_seconds(), before.retry_after
        if exchange.retry_after is not None:
            waiting[exchange.key] = exchange
