"""The journal as a tester searches it."""

import asyncio
from typing import Any

import pytest


@pytest.fixture
def busy(world: Any) -> Any:
    """A world in which something of each kind has happened, a minute apart."""
    payment = world.created(message="Hyra maj")
    world.advance(60)
    world.status(payment)
    world.advance(60)
    world.invoice("1001", "SALES-KEY")
    world.invoice("1001", "nope")
    world.create(phone="070-174 06 06", message="RP06")
    return world


def numbers(world: Any, query: str) -> list[int]:
    response = world.control("GET", f"/requests?{query}")
    assert response.status_code == 200, response.text
    return [each["number"] for each in response.json()["requests"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [5, 4, 3, 2, 1]),
        ("status=201", [1]),
        ("status=2xx", [3, 2, 1]),
        ("status=4XX", [5, 4]),
        ("status=none", []),
        ("key=Full%20access", [5, 2, 1]),
        ("key=SA***EY", [3]),
        ("key=ABC123", [5, 2, 1]),
        ("key=SALES-KEY", [3]),
        ("key=zz***zz", []),
        ("why=route_unknown", []),
        ("why=VR02", []),
        ("mark=rule:*", [5]),
        ("mark=f*", []),
        ("mark=prefer:unused", []),
        ("requeststatus=Declined", []),
        ("path=/fetch-invoice-pdf/*", [4, 3]),
        ("path=/fetch-invoice-pdf/1001/", [4, 3]),
        ("path=/fetch-invoice-pdf", []),
        ("path=/test-*/swish/*", [5, 2, 1]),
        ("path=*", [5, 4, 3, 2, 1]),
        ("id=action123", [5, 1]),
        ("phone=46701740605", [1]),
        ("phone=%2B46%20(0)70-174%2006%2005", [1]),
        ("phone=0701740606", [5]),
        ("message=Hyra%20maj", [1]),
        ("requeststatus=Paid", [2]),
        ("why=RP06", [5]),
        ("after=2", [3, 4, 5]),
        ("after=2&limit=2", [3, 4]),
        ("after=99", [1, 2, 3, 4, 5]),
        ("operation=createSwishPayment&status=400", [5]),
    ],
)
def test_the_journal_is_searched_by(busy: Any, query: str, found: list[int]) -> None:
    assert numbers(busy, query) == found
    count = busy.control("GET", f"/requests/count?{query.replace('&limit=2', '')}").json()["count"]
    assert count == len(found) or "limit" in query


def test_the_journal_is_searched_by_the_time_of_the_world_both_ends_included(busy: Any) -> None:
    at = {each["number"]: each["at"] for each in busy.control("GET", "/requests").json()["requests"]}
    assert numbers(busy, f"since={at[2]}&until={at[2]}") == []  # shown to the millisecond, kept more precisely
    later = at[2].replace("Z", "999Z")
    assert numbers(busy, f"since={at[2]}&until={later}") == [2]
    assert numbers(busy, f"until={later}") == [2, 1]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        (
            "status=600",
            (
                "status must be a code such as 404, a class such as 4xx, "
                "or 'none' for a connection that ended without an answer"
            ),
        ),
        ("since=yesterday", "since must be a time such as 2030-01-31T12:00:00Z"),
        ("since=0000-01-01T00:00:00Z", "since: '0000-01-01T00:00:00Z' is not a time that this clock can show"),
        ("after=-1", "after must be at least 0"),
        ("wait_seconds=61", "wait_seconds must be at most 60"),
        ("why=key_unkown", "why: 'key_unkown' is no code of a reason; did you mean 'key_unknown'?"),
        ("mark=falt:503", "mark: 'falt:503' is no mark; did you mean 'fault:503'?"),
        ("phone=12", "phone: '12' is no phone number: 8 to 15 digits with the country code, such as 46701740605"),
        ("requeststatus=Payed", "requeststatus: 'Payed' is no status; did you mean 'Paid'?"),
        ("phne=1", "'phne' is no query parameter here; did you mean 'phone'?"),
    ],
)
def test_a_bad_search_is_refused_in_a_sentence(world: Any, query: str, sentence: str) -> None:
    response = world.control("GET", f"/requests?{query}")
    assert (response.status_code, response.json()["message"]) == (400, sentence)


@pytest.mark.parametrize("key", ["full access", "XYZ789", "ABC12"])
def test_a_key_that_is_none_is_refused_with_the_names_of_those_that_there_are(world: Any, key: str) -> None:
    for path in ("/requests", "/requests/count", "/requests/stream", "/requests/har", "/readiness"):
        response = world.control("GET", path, params={"key": key})
        message = response.json()["message"]
        assert (response.status_code, key in message) == (400, False)
        assert "its keys are 'Full access', " in message


def test_what_the_journal_has_can_be_searched_for_whatever_it_is(world: Any) -> None:
    world.create(phone="12")
    refuse = {"times": 1, "then": {"refuse": {"code": "OWN1", "message": "no"}}}
    world.control("POST", "/rules", json={**refuse, "match": {"operation": "createSwishPayment"}})
    assert numbers(world, "why=OWN1") == []
    world.create()
    world.control("DELETE", "/rules")
    assert (numbers(world, "phone=12"), numbers(world, "why=OWN1")) == ([1], [2])


def test_the_journal_can_be_read_as_a_line_for_each_exchange(busy: Any) -> None:
    at = {each["number"]: each["at"] for each in busy.control("GET", "/requests").json()["requests"]}
    path = busy.path
    expected = (
        f"#4  {at[4]}  GET {path}/fetch-invoice-pdf/1001/ -> 404  key_unknown\n"
        f"#5  {at[5]}  POST {path}/payments/swish/action123 -> 400  RP06  rule:message-RP06\n"
    )
    assert busy.control("GET", "/requests?after=3&format=text").text == expected
    assert busy.control("GET", "/requests?after=3", headers={"accept": "text/plain"}).text == expected
    assert busy.control("GET", "/requests?after=5&format=text").text == "No such exchange.\n"


def test_what_was_dropped_is_said(start: Any) -> None:
    world = start(journal_size=3)
    for invoice_id in "abcde":
        world.invoice(invoice_id)
    answer = world.control("GET", "/requests?after=1").json()
    assert ([each["number"] for each in answer["requests"]], answer["last"], answer["dropped"]) == ([3, 4, 5], 5, 1)
    assert world.control("GET", "/requests/count").json() == {"count": 3, "dropped": 2}


def test_an_exchange_tells_what_its_answer_said_of_a_payment(busy: Any) -> None:
    listed = {each["number"]: each for each in busy.control("GET", "/requests").json()["requests"]}
    assert listed[1]["requestid"] == listed[2]["requestid"] == listed[2]["path"].rpartition("/")[2]
    assert (listed[1]["requeststatus"], listed[2]["requeststatus"]) == (None, "Paid")
    assert (listed[2]["media_type"], listed[2]["size"]) == ("application/json", len('{"requeststatus":"Paid"}'))
    assert listed[2]["retry_after"] is None


def test_numbers_go_on_when_the_journal_is_emptied_or_the_world_reset(busy: Any) -> None:
    busy.control("DELETE", "/requests")
    busy.invoice()
    busy.control("POST", "/reset")
    busy.invoice()
    answer = busy.control("GET", "/requests").json()
    assert ([each["number"] for each in answer["requests"]], answer["last"]) == ([7], 7)


def test_with_a_limit_the_last_number_is_that_of_the_last_shown(busy: Any) -> None:
    first = busy.control("GET", "/requests?after=0&limit=2&key=Full%20access").json()
    assert first["last"] == 2
    second = busy.control("GET", f"/requests?after={first['last']}&limit=2&key=Full%20access").json()
    assert ([each["number"] for each in second["requests"]], second["last"]) == ([5], 5)


def test_a_poll_is_answered_as_soon_as_what_it_waits_for_comes(world: Any) -> None:
    polled, _ = asyncio.run(_together(world, "wait_seconds=30&operation=fetchInvoicePdf", world_calls=2))
    assert [each["number"] for each in polled["requests"]] == [2]


def test_a_poll_for_what_does_not_come_ends_when_its_time_is_up(world: Any) -> None:
    world.status("x")
    polled, seconds = asyncio.run(_together(world, "wait_seconds=1&operation=createSwishPayment", world_calls=0))
    assert (polled["requests"], polled["last"]) == ([], 1)
    assert 0.9 < seconds < 5


def test_a_poll_ends_with_its_world(world: Any) -> None:
    polled, seconds = asyncio.run(_together(world, "wait_seconds=30", world_calls=0, delete=True))
    assert (polled["requests"], seconds < 5) == ([], True)


async def _together(world: Any, query: str, world_calls: int, *, delete: bool = False) -> tuple[Any, float]:
    """A long poll, and what happens in the world meanwhile, in one event loop as under a server."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    polling = asyncio.create_task(world.request_async("GET", f"/__admin/worlds/{world.database}/requests?{query}"))
    await asyncio.sleep(0.05)
    for call in range(world_calls):
        assert not polling.done()
        path = f"{world.path}/{'payments/swish/x' if call == 0 else 'fetch-invoice-pdf/1/'}"
        await world.request_async("GET", path, headers={"x-api-key": "ABC123"})
        await asyncio.sleep(0.05)
    if delete:
        await world.request_async("DELETE", f"/__admin/worlds/{world.database}")
    response = await polling
    return response.json(), loop.time() - began
