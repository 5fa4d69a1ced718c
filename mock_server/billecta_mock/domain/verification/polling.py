"""How a client names itself and reads the status of its payments: how soon, how often, and how long."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from billecta_mock.domain.journal import Exchange
from billecta_mock.domain.payments import CREATE, READ, PaymentStatus
from billecta_mock.domain.problems import ReasonCode
from billecta_mock.domain.text import pluralize
from billecta_mock.domain.verification.checklist_items import Item, State
from billecta_mock.domain.verification.filters import Numbered

ADDRESSES: Final = "keys, paths and ids"
_OFTEN: Final = 3
_STOP: Final = "stop when the key is refused"
_UNKNOWN_IDS: Final = frozenset({ReasonCode.INVOICE_UNKNOWN, ReasonCode.ACTION_UNKNOWN, ReasonCode.PAYMENT_UNKNOWN})
_NO_ROUTE: Final = frozenset({ReasonCode.ROUTE_UNKNOWN, ReasonCode.METHOD_NOT_ALLOWED})


READING: Final = "reading of payments"
SHORTEST_PAUSE: Final = timedelta(seconds=2)
"""Reads of one payment that follow each other faster than this are too fast."""
PAYERS_TIME: Final = timedelta(minutes=3)
_GRACE: Final = timedelta(seconds=30)
_ENDS: Final = frozenset(PaymentStatus) - {PaymentStatus.CREATED, PaymentStatus.UNKNOWN}
_READS_AFTER_THE_END: Final = 1
_STILL: Final = timedelta(0)


def check_addresses(exchanges: Sequence[Numbered]) -> list[Item]:
    """A line for each way to miss the API altogether."""
    return [_check_place(exchanges), _check_refused_key(exchanges), _check_paths(exchanges), _check_ids(exchanges)]


def _check_place(exchanges: Sequence[Numbered]) -> Item:
    misplaced = _find(exchanges, frozenset({ReasonCode.KEY_MISPLACED}))
    if misplaced:
        return Item(
            ADDRESSES,
            "the key in its header",
            State.FINDING,
            f"{pluralize(len(misplaced), 'request')} had the key elsewhere",
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
        sentence = f"never more than {pluralize(len(longest), 'request')} in a row; a valid key came next"
        return Item(ADDRESSES, _STOP, State.MET, sentence, tuple(mended))
    way = 'send a request with a key that is none; curl -X PATCH $CONTROL/settings -d \'{"masking": "401"}\' '
    advice = f"{way}answers it with 401; then, as its user would, go on with a valid key"
    if run:
        sentence = f"not tried enough: {pluralize(len(run), 'request')} without a valid key, and nothing after it"
        return Item(ADDRESSES, _STOP, State.OPEN, sentence, tuple(run), advice=advice)
    return Item(ADDRESSES, _STOP, State.OPEN, "not seen yet", advice=advice)


def _check_paths(exchanges: Sequence[Numbered]) -> Item:
    lost = _find(exchanges, _NO_ROUTE)
    if lost:
        return Item(
            ADDRESSES,
            "paths and methods of the contract",
            State.FINDING,
            f"{pluralize(len(lost), 'request')} came for a path or with a method that the contract does not have",
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
            f"{pluralize(len(often), 'unknown id')} asked for {_OFTEN} times or more",
            tuple(sorted(number for numbers in often for number in numbers)),
            "what is 404 does not come to be by asking again",
            "stop at the first 404; GET $CONTROL/requests/unmatched?format=text shows which id was probably meant",
        )
    if asked:
        return Item(ADDRESSES, "believe a 404", State.MET, "no unknown id was asked for again and again")
    return Item(ADDRESSES, "believe a 404", State.OPEN, "not seen yet", advice="ask for an invoice that does not exist")


def _is_unknown(exchange: Exchange) -> bool:
    return exchange.why.code in _UNKNOWN_IDS


def _find(exchanges: Sequence[Numbered], codes: frozenset[ReasonCode]) -> tuple[int, ...]:
    return tuple(number for number, exchange in exchanges if exchange.why.code in codes)


@dataclass(slots=True)
class Story:
    """One payment as its client knows it: when it was created, by which exchange, and what each read told."""

    created: Numbered | None = None
    reads: list[Numbered] = field(default_factory=list)

    @property
    def ended(self) -> int | None:
        """The place among the reads of the first that told an end."""
        return next((place for place, (_, read) in enumerate(self.reads) if read.payment_status in _ENDS), None)


def check_reading(exchanges: Sequence[Numbered]) -> list[Item]:
    """A line for each rule on reading the status of payments. Times are by the world's clock."""
    stories = list(_collect(exchanges).values())
    end = exchanges[-1][1].at if exchanges else None
    return [_check_pace(stories), _check_end(stories), _check_patience(stories), _check_interest(stories, end)]


def _collect(exchanges: Sequence[Numbered]) -> dict[str, Story]:
    stories: dict[str, Story] = {}
    for numbered in exchanges:
        exchange = numbered[1]
        if exchange.request_id is None:
            continue
        story = stories.setdefault(exchange.request_id, Story())
        if exchange.operation == CREATE:
            story.created = story.created or numbered  # under a defect an id may be given twice
        elif exchange.operation == READ:
            story.reads.append(numbered)
    return stories


def _check_pace(stories: Sequence[Story]) -> Item:
    """A pause of nothing at all is that of a clock that stands still, and tells nothing."""
    pauses = [
        (later.at - earlier.at, number)
        for story in stories
        for (_, earlier), (number, later) in _neighbours(story)
        if later.at - earlier.at > _STILL
    ]
    fast = [(pause, number) for pause, number in pauses if pause < SHORTEST_PAUSE]
    if fast:
        shortest = min(fast)[0].total_seconds()
        return Item(
            READING,
            "pauses between reads",
            State.FINDING,
            f"{pluralize(len(fast), 'read')} came less than {SHORTEST_PAUSE.seconds} s after the one before, the "
            f"fastest after {shortest:.3g} s",
            tuple(number for _, number in fast),
            "the platform allows 3,000 requests in 5 minutes for each address; a client that polls fast is locked out "
            "with all its payments",
            "leave at least 2 s between two reads of a payment, better 10 s, and more as time goes by",
        )
    if pauses:
        return Item(READING, "pauses between reads", State.MET, "no two reads of a payment came too fast")
    return _open("pauses between reads", "create a payment request and read its status until it ends")


def _neighbours(story: Story) -> list[tuple[Numbered, Numbered]]:
    """Each read up to the end but the first, with the one before it. The first may come as soon as it likes."""
    return list(pairwise(story.reads if story.ended is None else story.reads[: story.ended + 1]))


def _check_end(stories: Sequence[Story]) -> Item:
    ended = [(story, story.ended) for story in stories]
    late = [number for story, place in ended if place is not None for number, _ in story.reads[place + 1 :]]
    if any(place is not None and len(story.reads) - place - 1 > _READS_AFTER_THE_END for story, place in ended):
        return Item(
            READING,
            "stop at the end",
            State.FINDING,
            f"{pluralize(len(late), 'read')} came after the payment had ended",
            tuple(late),
            "a payment that is Paid, Declined, Cancelled or Error does not change while a user waits; each further "
            "read counts towards the limit of the platform",
            "stop reading at the first of these words, and treat a word that you do not know as one that may change",
        )
    if any(place is not None for _, place in ended):
        return Item(READING, "stop at the end", State.MET, "no payment was read on after it had ended")
    return _open("stop at the end", "let a payment end: advance the clock with curl -X POST $CONTROL/clock/advance "
                 "-d '{\"seconds\": 10}' and read its status")  # fmt: skip


def _check_patience(stories: Sequence[Story]) -> Item:
    waits = [
        (read.at - story.created[1].at, number)
        for story in stories
        if story.created
        for number, read in story.reads[: None if story.ended is None else story.ended + 1]
    ]
    late = [number for wait, number in waits if wait > PAYERS_TIME + _GRACE]
    if len(late) > 1:
        return Item(
            READING,
            "give up in time",
            State.FINDING,
            f"{pluralize(len(late), 'read')} came more than {PAYERS_TIME.seconds // 60} minutes after the payment was "
            "created",
            tuple(late),
            "after 3 minutes the payer can no longer answer; a client without an end to its polling polls for ever "
            "where the outcome stays unknown",
            "stop after 3 minutes and leave the payment to be looked at by hand",
        )
    if any(wait > PAYERS_TIME for wait, _ in waits):
        return Item(READING, "give up in time", State.MET, "reading stopped when the payer's time was up")
    return _open("give up in time", "create with the phone 46701740613, which never answers, and wait 4 minutes, or "
                 "advance the clock between the reads")  # fmt: skip


def _check_interest(stories: Sequence[Story], end: datetime | None) -> Item:
    created = [story for story in stories if story.created]
    if end is None or not created:
        return _open("read what was created", "create a payment request and read its status")
    unread = [
        story.created[0]
        for story in created
        if story.created and not story.reads and end - story.created[1].at >= PAYERS_TIME
    ]
    if unread:
        return Item(
            READING,
            "read what was created",
            State.FINDING,
            f"the status of {pluralize(len(unread), 'payment')} was not read within 3 minutes of creating",
            tuple(unread),
            "the payer may have paid, and nobody knows",
            "keep the requestid before anything else is done, and read its status until it ends",
        )
    if any(story.reads for story in created):
        return Item(READING, "read what was created", State.MET, "what was created was read")
    return _open("read what was created", "read the status of the payments that were created")


def _open(name: str, advice: str) -> Item:
    return Item(READING, name, State.OPEN, "not seen yet", advice=advice)
