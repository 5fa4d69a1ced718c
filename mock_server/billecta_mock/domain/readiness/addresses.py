"""Whether a client names itself, and what it asks for, as the contract has it."""

from collections.abc import Sequence
from typing import Final

from billecta_mock.domain.journal import Exchange
from billecta_mock.domain.readiness.items import Item, State
from billecta_mock.domain.reasons import Reason
from billecta_mock.domain.search import Numbered
from billecta_mock.domain.words import count_of

ADDRESSES: Final = "keys, paths and ids"
_OFTEN: Final = 3
_STOP: Final = "stop when the key is refused"
_UNKNOWN_IDS: Final = frozenset({Reason.INVOICE_UNKNOWN, Reason.ACTION_UNKNOWN, Reason.PAYMENT_UNKNOWN})
_NO_ROUTE: Final = frozenset({Reason.ROUTE_UNKNOWN, Reason.METHOD_NOT_ALLOWED})


def check_addresses(exchanges: Sequence[Numbered]) -> list[Item]:
    """A line for each way to miss the API altogether."""
    return [_check_place(exchanges), _check_refused_key(exchanges), _check_paths(exchanges), _check_ids(exchanges)]


def _check_place(exchanges: Sequence[Numbered]) -> Item:
    misplaced = _find(exchanges, frozenset({Reason.KEY_MISPLACED}))
    if misplaced:
        return Item(
            ADDRESSES,
            "the key in its header",
            State.FINDING,
            f"{count_of(len(misplaced), 'request')} had the key elsewhere",
            misplaced,
            "no such request is let in; a key in an address ends in the logs of every proxy",
            "send the key in the header x-api-key and nowhere else; make a new one if it was in an address",
        )
    if any(exchange.key_name for _, exchange in exchanges):
        return Item(ADDRESSES, "the key in its header", State.MET, "the key was always in the header x-api-key")
    return Item(
        ADDRESSES, "the key in its header", State.OPEN, "not seen yet", advice="send a request with a valid key"
    )


def _check_refused_key(exchanges: Sequence[Numbered]) -> Item:
    """A client should stop, whether it is told 401 or, masked, 404. It has stopped where a valid key came next."""
    run: list[int] = []
    longest: list[int] = []
    mended: list[int] = []
    for number, exchange in exchanges:
        if exchange.key_name is not None:
            mended += run
        run = [*run, number] if exchange.why.code.startswith("key_") else []
        longest = max(longest, run, key=len)
    if len(longest) >= _OFTEN:
        return Item(
            ADDRESSES,
            _STOP,
            State.FINDING,
            f"{len(longest)} requests in a row came without a valid key",
            tuple(longest),
            "a key that was replaced stays invalid; a masked deployment answers 404 to everything then, and a client "
            "that takes that for missing invoices will say so to its users",
            "when everything is 404 or 401, ask for the key to be checked before anything is said of an invoice",
        )
    if mended:
        sentence = f"never more than {count_of(len(longest), 'request')} in a row; a valid key came next"
        return Item(ADDRESSES, _STOP, State.MET, sentence, tuple(mended))
    way = 'send a request with a key that is none; curl -X PATCH $CONTROL/settings -d \'{"masking": "401"}\' '
    advice = f"{way}answers it with 401; then, as its user would, go on with a valid key"
    if run:
        sentence = f"not tried enough: {count_of(len(run), 'request')} without a valid key, and nothing after it"
        return Item(ADDRESSES, _STOP, State.OPEN, sentence, tuple(run), advice=advice)
    return Item(ADDRESSES, _STOP, State.OPEN, "not seen yet", advice=advice)


def _check_paths(exchanges: Sequence[Numbered]) -> Item:
    lost = _find(exchanges, _NO_ROUTE)
    if lost:
        return Item(
            ADDRESSES,
            "paths and methods of the contract",
            State.FINDING,
            f"{count_of(len(lost), 'request')} came for a path or with a method that the contract does not have",
            lost,
            "they are 404 or 405 in production",
            "GET $CONTROL/requests/unmatched?format=text shows what was probably meant",
        )
    state = State.MET if exchanges else State.OPEN
    return Item(ADDRESSES, "paths and methods of the contract", state, "no other was asked for" if exchanges else
                "not seen yet", advice="" if exchanges else "send any request")  # fmt: skip


def _check_ids(exchanges: Sequence[Numbered]) -> Item:
    asked: dict[tuple[str | None, str | None], list[int]] = {}
    for number, exchange in exchanges:
        if _is_unknown(exchange):
            asked.setdefault((exchange.operation, exchange.resource), []).append(number)
    often = [numbers for numbers in asked.values() if len(numbers) >= _OFTEN]
    if often:
        return Item(
            ADDRESSES,
            "believe a 404",
            State.FINDING,
            f"{count_of(len(often), 'unknown id')} asked for {_OFTEN} times or more",
            tuple(sorted(number for numbers in often for number in numbers)),
            "what is 404 does not come to be by asking again",
            "stop at the first 404; GET $CONTROL/requests/unmatched?format=text shows which id was probably meant",
        )
    if asked:
        return Item(ADDRESSES, "believe a 404", State.MET, "no unknown id was asked for again and again")
    return Item(ADDRESSES, "believe a 404", State.OPEN, "not seen yet", advice="ask for an invoice that does not exist")


def _is_unknown(exchange: Exchange) -> bool:
    return exchange.why.code in _UNKNOWN_IDS


def _find(exchanges: Sequence[Numbered], codes: frozenset[Reason]) -> tuple[int, ...]:
    return tuple(number for number, exchange in exchanges if exchange.why.code in codes)
