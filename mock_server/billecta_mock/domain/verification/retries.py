"""What a client does after an answer that was refused, was lost, failed, or asked it to wait."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Final

from billecta_mock.domain.journal import Exchange
from billecta_mock.domain.payments import CREATE
from billecta_mock.domain.problems import ReasonCode
from billecta_mock.domain.text import pluralize
from billecta_mock.domain.verification.checklist_items import Item, State
from billecta_mock.domain.verification.filters import Numbered

AT_ONCE: Final = timedelta(minutes=1)
"""Who repeats a create within this time has changed nothing, and cannot expect that the payer has."""

_NAME: Final = "do not create again after a 400 unchanged"
_BAD_REQUEST: Final = 400


REPEATS: Final = "after trouble"
_FIRST_SERVER_ERROR: Final = 500
_STILL: Final = 0.0
_MEANING: Final = "the payer is asked twice, and may pay twice"
_LOSE_A_CREATE: Final = (
    "curl -X POST $CONTROL/faults -d "
    '\'{"times": 1, "match": {"operation": "createSwishPayment"}, "then": {"fault": {"type": "EMPTY_RESPONSE"}}}\''
)
_FAIL_A_CREATE: Final = (
    "curl -X POST $CONTROL/faults -d "
    '\'{"times": 1, "match": {"operation": "createSwishPayment"}, '
    '"then": {"fault": {"type": "STATUS", "status": 502, "handled": true}}}\''
)
_ASK_TO_WAIT: Final = (
    'curl -X POST $CONTROL/faults -d \'{"times": 1, "then": '
    '{"fault": {"type": "STATUS", "status": 503, "retry_after": 30}}}\''
)


def check_refusals(exchanges: Sequence[Numbered]) -> Item:
    """Whether a create that was refused was sent again at once as it was, and refused again."""
    refused = [number for number, exchange in exchanges if _is_refused(exchange)]
    repeated = sorted(_find_repeated_refusals(exchanges))
    if repeated:
        return Item(
            REPEATS,
            _NAME,
            State.FINDING,
            f"sent again unchanged {pluralize(len(repeated), 'time')} within a minute of a 400, and refused again",
            tuple(repeated),
            "what is refused for what it says is refused again, and counts towards the limit of the platform",
            "show the message to the user, and create again when something has changed",
        )
    if refused and refused[0] < exchanges[-1][0]:
        return Item(REPEATS, _NAME, State.MET, "nothing was sent again at once as it was and refused again")
    sentence = "not tried enough: nothing was asked after it" if refused else "not seen yet"
    advice = "create with a phone number that is none, such as 12, and go on as after any mistake of a user"
    return Item(REPEATS, _NAME, State.OPEN, sentence, tuple(refused), advice=advice)


def _find_repeated_refusals(exchanges: Sequence[Numbered]) -> Iterator[int]:
    groups: dict[tuple[str | None, ...], list[Numbered]] = {}
    for number, exchange in exchanges:
        if exchange.operation == CREATE:
            what = (exchange.key, exchange.resource, exchange.phone, exchange.parameters.get("message"))
            groups.setdefault(what, []).append((number, exchange))
    for same in groups.values():
        for (_, before), (number, after) in pairwise(same):
            if _is_refused(before) and _is_refused(after) and after.at - before.at < AT_ONCE:
                yield number


def _is_refused(exchange: Exchange) -> bool:
    """A 400 to a create that stays one: a live payment of the same payer (RP06) goes away by itself."""
    return exchange.operation == CREATE and exchange.status == _BAD_REQUEST and exchange.why.code != "RP06"


@dataclass(frozen=True, slots=True)
class Trouble:
    """A kind of trouble after which it is not known whether a payment was created.

    `fits` says which answers are of the kind, `remedy` what to do then, `way` how to bring it about.
    """

    name: str
    words: str
    fits: Callable[[Exchange], bool]
    remedy: str
    way: str


def check_repeats(exchanges: Sequence[Numbered], payers_time: timedelta) -> list[Item]:
    """A line for each kind of trouble after which a client can do the wrong thing.

    `payers_time` is how long a payment waits for its payer, by the world's clock.
    """
    return [*(_check_creates(exchanges, trouble, payers_time) for trouble in _TROUBLES), _check_waiting(exchanges)]


def _check_creates(exchanges: Sequence[Numbered], trouble: Trouble, payers_time: timedelta) -> Item:
    """Whether the payer was asked again, in whatever words, while the first payment may have waited for an answer."""
    met = [
        (number, exchange) for number, exchange in exchanges if exchange.operation == CREATE and trouble.fits(exchange)
    ]
    open_cases = [numbered for numbered in met if not _is_undone(numbered[1])]
    repeats = set(_find_repeated_creates(exchanges, trouble, payers_time))
    if repeats:
        sentence = f"created again {pluralize(len(repeats), 'time')} after {trouble.words}, within the payer's time"
        return Item(REPEATS, trouble.name, State.FINDING, sentence, tuple(sorted(repeats)), _MEANING, trouble.remedy)
    if any(number < exchanges[-1][0] for number, _ in open_cases):
        return Item(
            REPEATS, trouble.name, State.MET, "the same payer was not asked again while the first could be paid"
        )
    return Item(
        REPEATS, trouble.name, State.OPEN, _describe_too_little(met, open_cases), _numbers(met), advice=trouble.way
    )


def _describe_too_little(met: Sequence[Numbered], open_cases: Sequence[Numbered]) -> str:
    if open_cases:
        return "not tried enough: nothing was asked after it"
    if met:
        return "not tried enough: the create had not been done, which no client can know"
    return "not seen yet"


def _find_repeated_creates(exchanges: Sequence[Numbered], trouble: Trouble, payers_time: timedelta) -> Iterator[int]:
    """The creates that follow one of unknown outcome, for the same action and phone, too soon."""
    for same in _group_creates(exchanges):
        for (_, before), (number, after) in pairwise(same):
            if trouble.fits(before) and not _is_undone(before) and after.at - before.at < payers_time:
                yield number


def _group_creates(exchanges: Iterable[Numbered]) -> list[list[Numbered]]:
    groups: dict[tuple[str | None, str | None, str | None], list[Numbered]] = {}
    for number, exchange in exchanges:
        if exchange.operation == CREATE:
            groups.setdefault((exchange.key, exchange.resource, exchange.phone), []).append((number, exchange))
    return list(groups.values())


def _numbers(exchanges: Iterable[Numbered]) -> tuple[int, ...]:
    return tuple(number for number, _ in exchanges)


def _is_undone(exchange: Exchange) -> bool:
    """Whether a fault kept it from being done, so that there is nothing to pay."""
    return exchange.why.code == ReasonCode.FAULT


_TROUBLES: Final = (
    Trouble(
        "do not create again after a lost answer",
        "an answer that was lost",
        lambda exchange: exchange.status is None,
        "the first may have been done: do not create again by yourself; wait until the payer's time is up, or ask the "
        "user",
        _LOSE_A_CREATE,
    ),
    Trouble(
        "do not create again after an error of the server",
        "an answer of 500 or more",
        lambda exchange: exchange.status is not None and exchange.status >= _FIRST_SERVER_ERROR,
        "an error of a gateway does not say whether it was done: wait until the payer's time is up, or ask the user",
        _FAIL_A_CREATE,
    ),
)


def _check_waiting(exchanges: Sequence[Numbered]) -> Item:
    asked = list(_find_waits(exchanges))
    early = [number for number, seconds, wanted in asked if _STILL < seconds < wanted]
    if early:
        return Item(
            REPEATS,
            "wait as Retry-After asks",
            State.FINDING,
            f"{pluralize(len(early), 'request')} came before the time was up",
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
