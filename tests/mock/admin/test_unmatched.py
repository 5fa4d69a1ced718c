"""Requests that were not let through, as a tester sees them beside what would have matched."""

from typing import Any

import pytest


def unmatched(world: Any, query: str = "") -> list[dict[str, Any]]:
    response = world.control("GET", f"/requests/unmatched{query}")
    assert response.status_code == 200, response.text
    listed: list[dict[str, Any]] = response.json()["requests"]
    return listed


def test_what_was_let_through_is_not_listed(world: Any) -> None:
    world.created()
    world.invoice()
    assert unmatched(world) == []
    assert world.control("GET", "/requests/unmatched?format=text").text == "Every request was let through.\n"


def test_each_mistake_is_listed_with_what_would_have_matched(world: Any) -> None:
    payment = world.created()
    world.send("GET", "/fetch-invoice-pdf/1001")
    world.send("PUT", "/payments/swish/action123")
    world.send("POST", "/payments/swish/action123?phoneNumber=46701740605&message=Hej")
    world.status(payment.lower())
    world.invoice("action123")
    world.create(action=payment, phone="46701740606")
    world.invoice("1001", None)
    world.invoice("123", "SALES-KEY")
    listed = unmatched(world)
    assert [(each["why"]["code"], [near["part"] for near in each["near_misses"]]) for each in reversed(listed)] == [
        ("route_unknown", ["path"]),
        ("method_not_allowed", ["method"]),
        ("parameter_missing", ["parameter phone"]),
        ("payment_unknown", ["id"]),
        ("invoice_unknown", ["id"]),
        ("action_unknown", ["id"]),
        ("key_missing", ["key"]),
        ("invoice_hidden", ["key"]),
    ]
    by_code = {each["why"]["code"]: each["near_misses"][0] for each in listed}
    assert by_code["route_unknown"]["expected"].endswith("/fetch-invoice-pdf/1001/")
    assert by_code["payment_unknown"]["expected"] == payment
    assert by_code["parameter_missing"]["sentence"] == "'phoneNumber' was probably meant to be 'phone'"
    assert "46701740605" not in str(listed)


@pytest.mark.parametrize(
    ("query", "accept"), [("?format=text", "*/*"), ("", "text/plain"), ("?format=text", "application/json")]
)
def test_the_comparison_comes_as_text(world: Any, query: str, accept: str) -> None:
    world.send("GET", "/fetch-invoice-pdf/1001")
    response = world.control("GET", f"/requests/unmatched{query}", headers={"accept": accept})
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    head, *lines = response.text.splitlines()
    assert head.startswith("#1  ")
    assert head.endswith(f"GET {world.path}/fetch-invoice-pdf/1001 -> 404  route_unknown")
    assert lines == [
        "  path",
        f"    you sent  {world.path}/fetch-invoice-pdf/1001",
        f"    expected  {world.path}/fetch-invoice-pdf/1001/",
        "    because   a slash belongs at the end",
    ]


@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/json, text/plain, */*", ""])
def test_json_comes_where_text_is_not_asked_for(world: Any, accept: str) -> None:
    response = world.control("GET", "/requests/unmatched", headers={"accept": accept})
    assert response.json() == {"requests": []}


def test_the_newest_come_first_and_only_so_many(world: Any) -> None:
    for _ in range(3):
        world.invoice("1001", None)
    assert [each["number"] for each in unmatched(world, "?limit=2")] == [3, 2]
    assert [each["number"] for each in unmatched(world, "?after=2")] == [3]
