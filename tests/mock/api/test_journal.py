"""The journal of a world: the true reason under a masked answer, and no key and no phone number."""

from typing import Any

import pytest
from tests.mock.conftest import complaint


def test_the_journal_has_the_true_reason_under_a_masked_answer(world: Any) -> None:
    world.invoice("987654321")
    world.invoice("123", "SALES-KEY")
    world.invoice("1001", "nope")
    world.invoice("1001", None)
    world.send("GET", "/nowhere")
    exchanges = world.control("GET", "/requests").json()["requests"]
    assert [each["why"]["code"] for each in reversed(exchanges)] == [
        "invoice_unknown",
        "invoice_hidden",
        "key_unknown",
        "key_missing",
        "route_unknown",
    ]
    assert {each["status"] for each in exchanges} == {404}
    assert all(each["why"]["sentence"] for each in exchanges)


def test_the_journal_masks_keys_and_phone_numbers(world: Any) -> None:
    world.create(phone="46701740605")
    world.send("GET", "/payments/swish/x?x-api-key=ABC123&phone=46701740605", key="SECRET-KEY-OF-SOMEONE")
    text = world.control("GET", "/requests").text
    world.send("GET", "/payments/swish/x?phone%3D46701740605=1", key=None)
    text += world.control("GET", "/requests").text
    for secret in ("46701740605", "ABC123", "SECRET-KEY-OF-SOMEONE"):
        assert secret not in text
    keys = [each["key"] for each in world.control("GET", "/requests").json()["requests"]]
    assert keys == [None, "SE***NE", "A***3"]


def test_an_exchange_tells_operation_status_time_and_key(world: Any) -> None:
    world.create(message="Hyra för maj")
    exchange = world.last_exchange()
    assert (exchange["operation"], exchange["status"]) == ("createSwishPayment", 201)
    assert exchange["key_name"] == "Full access"
    assert exchange["parameters"] == {"phone": "46***05", "message": "Hyra för maj"}
    assert exchange["milliseconds"] > 0


def test_the_journal_can_be_filtered_and_emptied(world: Any) -> None:
    payment = world.created()
    world.status(payment)
    world.status("nope")

    def found(query: str) -> int:
        return len(world.control("GET", f"/requests?{query}").json()["requests"])

    queries = ("operation=getSwishPayment", "status=404", "method=POST", "why=payment_unknown")
    assert [found(query) for query in queries] == [2, 1, 1, 1]
    assert found("operation=getSwishPayment&status=200&limit=5") == 1
    assert world.control("DELETE", "/requests").status_code == 204
    assert found("limit=1") == 0


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=1001",
        "why=a&why=b",
        "method=get",
        "operation=foo",
        "limit=x",
        "limit=1&limit=2",
        "status=99",
        "status=%C2%B2",
    ],
)
def test_a_bad_filter_is_named(world: Any, query: str) -> None:
    assert query.partition("=")[0] in complaint(world.control("GET", f"/requests?{query}"), 400)


def test_the_journal_keeps_so_many_exchanges_and_no_more(start: Any) -> None:
    world = start(journal_size=3)
    for invoice_id in "abcde":
        world.invoice(invoice_id)
    assert [each["number"] for each in world.control("GET", "/requests").json()["requests"]] == [5, 4, 3]


def test_what_the_control_api_does_is_in_no_journal(world: Any) -> None:
    world.control("GET", "/settings")
    assert world.control("GET", "/requests").json() == {"requests": [], "last": 0, "dropped": 0}


@pytest.mark.parametrize(
    ("path", "end"),
    [("/fetch-invoice-pdf/1001", "with a slash at its end"), ("/payments/swish/x/", "without the slash at its end")],
)
def test_the_journal_tells_which_path_was_probably_meant(world: Any, path: str, end: str) -> None:
    world.send("GET", path)
    assert world.last_exchange()["why"]["sentence"].endswith(f"it has this one {end}")
