"""The checklist holds together whatever a journal has in it."""

from datetime import UTC, datetime, timedelta
from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from billecta_mock.domain.journal import Exchange
from billecta_mock.domain.payments import CREATE, EVERY, READ, PaymentStatus
from billecta_mock.domain.problems import Reason
from billecta_mock.domain.verification.checklist import assess, select_client
from billecta_mock.domain.verification.checklist_items import Item, State
from billecta_mock.domain.verification.filters import Numbered
from billecta_mock.domain.verification.near_misses import OperationSummary

START = datetime(2030, 1, 1, tzinfo=UTC)
PATH = "/limepkg-billecta-integration/payments/swish/{id}"
OUTLINE = (
    OperationSummary(CREATE, "POST", PATH, statuses=(201, 400, 401, 403, 404)),
    OperationSummary(READ, "GET", PATH, statuses=(200, 401, 403, 404)),
)
CODES = ("ok", "key_missing", "key_misplaced", "route_unknown", "payment_unknown", "RP06", "BE18", "fault")


def spread(listed: list[tuple[Exchange, float]]) -> list[Numbered]:
    """A journal of these exchanges, each so many seconds after the one before."""
    times = accumulate(seconds for _, seconds in listed)
    return [
        (number, exchange._replace(at=START + timedelta(seconds=time)))
        for number, ((exchange, _), time) in enumerate(zip(listed, times, strict=True), 1)
    ]


exchanges = st.builds(
    Exchange,
    at=st.just(START),
    method=st.sampled_from(["GET", "POST"]),
    path=st.just("/d/limepkg-billecta-integration/x"),
    parameters=st.fixed_dictionaries({"message": st.sampled_from(["a", "b"])}),
    operation=st.sampled_from([None, *EVERY]),
    key=st.sampled_from([None, "A***3", "S***Y"]),
    key_name=st.sampled_from([None, "Full access", "Sales"]),
    status=st.sampled_from([None, 200, 201, 400, 404, 429, 502, 503]),
    seconds=st.just(0.1),
    why=st.builds(Reason, st.sampled_from(CODES), st.just("a sentence")),
    phone=st.sampled_from([None, "46701740605", "46701740606"]),
    resource=st.sampled_from([None, "one", "two"]),
    request_id=st.sampled_from([None, "one", "two"]),
    payment_status=st.sampled_from([None, *map(str, PaymentStatus), "Unheard-of"]),
    retry_after=st.sampled_from([None, 0.0, 2.0, 30.0]),
    marks=st.lists(st.sampled_from(["fault:503", "delay", "rule:x"]), max_size=2).map(tuple),
)
steps = st.tuples(exchanges, st.sampled_from([0.0, 0.5, 1.99, 2.0, 10.0, 200.0]))
journals = st.lists(steps, max_size=25).map(spread)


def by_name(items: tuple[Item, ...]) -> dict[str, Item]:
    return {f"{item.group}: {item.name}": item for item in items}


@given(journals)
def test_every_line_says_what_it_must(journal: list[Numbered]) -> None:
    checklist = assess(journal, OUTLINE)
    numbers = {number for number, _ in journal}
    assert sum(map(checklist.count, State)) == len(checklist.items)
    assert len(by_name(checklist.items)) == len(checklist.items)
    for item in checklist.items:
        assert set(item.numbers) <= numbers
        assert bool(item.advice) == (item.state is not State.MET)
        assert bool(item.meaning) == (item.state is State.FINDING)
        assert (item.numbers != ()) or item.state is not State.FINDING


@given(journals, journals)
def test_what_was_met_stays_met_and_what_was_found_stays_found(first: list[Numbered], second: list[Numbered]) -> None:
    end = first[-1][1].at if first else START
    longer = first + [
        (len(first) + number, exchange._replace(at=end + (exchange.at - START))) for number, exchange in second
    ]
    before, after = by_name(assess(first, OUTLINE).items), by_name(assess(longer, OUTLINE).items)
    for name, item in before.items():
        if item.state is State.FINDING:
            assert after[name].state is State.FINDING or name.endswith("read what was created"), name
        if item.state is State.MET:
            assert after[name].state is not State.OPEN or name.endswith("read what was created"), name


@given(journals)
def test_a_client_is_told_apart_from_the_others(journal: list[Numbered]) -> None:
    chosen = select_client(journal, "Sales")
    assert [each for each in journal if each[1].key_name == "Sales"] == [
        each for each in chosen if each[1].key_name is not None
    ]
    assert {each[1].key_name for each in chosen} <= {"Sales", None}


def test_of_two_clients_each_waits_for_itself() -> None:
    why = Reason("ok", "done as asked")
    asked = Exchange(START, "GET", "/d/x/y", {}, READ, "A***3", "A", 503, 0.1, why, retry_after=30.0)
    other = asked._replace(key="B***4", key_name="B", status=200, retry_after=None, at=START + timedelta(seconds=1))
    patient = asked._replace(status=200, retry_after=None, at=START + timedelta(seconds=31))
    items = by_name(assess([(1, asked), (2, other), (3, patient)], OUTLINE).items)
    assert items["after trouble: wait as Retry-After asks"].state is State.MET
