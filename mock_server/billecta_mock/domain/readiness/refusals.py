"""What a client does after a create that was refused for what it says."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Final

from billecta_mock.domain.journal import Exchange
from billecta_mock.domain.operations import CREATE
from billecta_mock.domain.readiness.items import Item, State
from billecta_mock.domain.readiness.repeats import REPEATS
from billecta_mock.domain.search import Numbered
from billecta_mock.domain.words import count_of

AT_ONCE: Final = timedelta(minutes=1)
"""Who repeats a create within this time has changed nothing, and cannot expect that the payer has."""

_NAME: Final = "do not create again after a 400 unchanged"
_BAD_REQUEST: Final = 400


def check_refusals(exchanges: Sequence[Numbered]) -> Item:
    """Whether a create that was refused was sent again at once as it was, and refused again."""
    refused = [number for number, exchange in exchanges if _is_refused(exchange)]
    repeated = sorted(_find_repeats(exchanges))
    if repeated:
        return Item(
            REPEATS,
            _NAME,
            State.FINDING,
            f"sent again unchanged {count_of(len(repeated), 'time')} within a minute of a 400, and refused again",
            tuple(repeated),
            "what is refused for what it says is refused again, and counts towards the limit of the platform",
            "show the message to the user, and create again when something has changed",
        )
    if refused and refused[0] < exchanges[-1][0]:
        return Item(REPEATS, _NAME, State.MET, "nothing was sent again at once as it was and refused again")
    sentence = "not tried enough: nothing was asked after it" if refused else "not seen yet"
    advice = "create with a phone number that is none, such as 12, and go on as after any mistake of a user"
    return Item(REPEATS, _NAME, State.OPEN, sentence, tuple(refused), advice=advice)


def _find_repeats(exchanges: Sequence[Numbered]) -> Iterator[int]:
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
