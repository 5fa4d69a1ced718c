"""Rules of a world: which requests they are for, how often they fire, and what then."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.mock.conftest import World
from tests.mock.rules import ORDINARY, add, declines, ends, refuses


def test_a_life_leads_where_it_says(world: World) -> None:
    steps = [{"status": "Unknown", "after_seconds": 1}, {"status": "Paid", "after_seconds": 2}, {"status": "Refunded"}]
    add(world, {"then": {"life": {"steps": steps}}})
    request_id = world.created()
    read = []
    for seconds in (0, 1, 2, 4):
        world.advance(seconds)
        read.append(world.read(request_id))
    assert read == ["Created", "Unknown", "Paid", "Refunded"]


def test_a_life_has_a_progression_and_an_expiry_of_its_own(world: World) -> None:
    add(world, {"then": {"life": {"steps": [{"status": "Paid", "after_polls": 1}], "progression": "polls"}}})
    request_id = world.created()
    assert [world.read(request_id) for _ in range(3)] == ["Created", "Paid", "Paid"]
    world.control("DELETE", "/rules")
    add(world, {"then": {"life": {"steps": [], "expire_after_seconds": 10}}})
    request_id = world.created(phone=ORDINARY)
    world.advance(10)
    assert world.read(request_id) == "Error"


def test_the_first_rule_that_comes_true_wins(world: World) -> None:
    add(world, declines())
    add(world, refuses())
    assert ends(world) == "Declined"
    add(world, refuses("AM02"), position=0)
    assert world.create().json()["error"] == "AM02"


@pytest.mark.parametrize(
    ("match", "hits"),
    [
        ({"phone": "070-174 06 20"}, True),
        ({"phone": "46701740621"}, False),
        ({"message": "Invoice 123"}, True),
        ({"message": "Invoice"}, False),
        ({"message": {"prefix": "Invoice"}}, True),
        ({"message": {"pattern": "[0-9]{3}$"}}, True),
        ({"message": {"pattern": "^[0-9]+$"}}, False),
        ({"message": {"equals": "Invoice 123"}}, True),
        ({"key": "Full access"}, True),
        ({"key": "ABC123"}, True),
        ({"key": "SALES-KEY"}, False),
        ({"id": "action123"}, True),
        ({"id": "action124"}, False),
        ({"operation": "createSwishPayment", "method": "POST"}, True),
        ({"method": "GET"}, False),
        ({"phone": ORDINARY, "message": {"prefix": "nothing"}}, False),
    ],
)
def test_a_rule_is_for_requests_with_all_that_it_names(world: World, match: dict[str, Any], *, hits: bool) -> None:
    add(world, refuses(match=match))
    assert world.create(phone=ORDINARY).status_code == (400 if hits else 201)


def test_the_nth_request_alone_is_hit(world: World) -> None:
    rule = add(world, refuses(skip=2, times=1))
    phones = [f"4670174062{number}" for number in range(5)]
    assert [world.create(phone=phone).status_code for phone in phones] == [201, 201, 400, 201, 201]
    assert world.control("GET", f"/rules/{rule['name']}").json()["fired"] == 1


def test_chance_repeats_itself_under_the_same_seed(start: Callable[..., World]) -> None:
    phones = [f"467017406{number}" for number in range(20, 60)]
    runs = []
    for _ in range(2):
        world = start()
        add(world, refuses(probability=0.5, seed=42))
        runs.append([world.create(phone=phone).status_code for phone in phones])
    assert runs[0] == runs[1]
    assert {201, 400} == set(runs[0])


def test_a_rule_without_a_seed_shows_the_one_that_it_was_given(world: World) -> None:
    assert isinstance(add(world, refuses(probability=0.5))["seed"], int)


def test_a_rule_holds_for_a_while_by_the_worlds_clock(world: World) -> None:
    add(world, refuses(start_after_seconds=10, for_seconds=20))
    seen = []
    for seconds in (0, 10, 19, 1):
        world.advance(seconds)
        seen.append(world.create(phone=f"4670174062{len(seen)}").status_code)
    assert seen == [201, 400, 400, 201]


def test_a_move_of_the_clock_tells_which_rules_came_and_went(world: World) -> None:
    add(world, refuses(name="short", start_after_seconds=10, for_seconds=20))
    add(world, {"name": "late", "then": {"delay": {"type": "fixed", "seconds": 1}}, "start_after_seconds": 5}, "faults")
    request_id = world.created()
    events = world.control("POST", "/clock/advance", json={"seconds": 60}).json()["events"]
    assert [
        (event["event"], event.get("rule") or event.get("fault") or event.get("requestid")) for event in events
    ] == [
        ("payment", request_id),
        ("started", "late"),
        ("started", "short"),
        ("ended", "short"),
    ]


def test_a_documented_response_takes_the_place_of_the_answer(world: World) -> None:
    add(world, {"match": {"operation": "fetchInvoicePdf"}, "then": {"respond": {"status": 403}}})
    assert world.invoice().status_code == 403
    assert world.why() == "chosen"


def test_a_documented_response_can_be_an_example_or_a_body(world: World) -> None:
    match = {"operation": "createSwishPayment"}
    add(world, {"match": match, "times": 1, "then": {"respond": {"status": 400, "example": "refused_by_swish"}}})
    body = {"error": "Busy", "message": "Come back later"}
    add(world, {"match": match, "then": {"respond": {"status": 400, "body": body}}})
    assert world.create().json()["error"] == "RP06"
    assert world.create().json() == body


def test_a_rule_is_for_callers_who_are_let_in(world: World) -> None:
    add(world, {"then": {"respond": {"status": 403}}})
    assert world.invoice(key="WRONG").status_code == 404
    assert world.control("GET", "/rules").json()["rules"][0]["fired"] == 0


def test_a_rule_leaves_its_name_in_the_journal(world: World) -> None:
    add(world, refuses(name="no-swish"))
    world.create()
    assert world.last_exchange()["marks"] == ["rule:no-swish"]


def test_the_shipped_meanings_are_listed_and_can_be_switched_off(world: World) -> None:
    shipped = {rule["name"]: rule for rule in world.control("GET", "/rules").json()["shipped"]}
    assert shipped["message-RF07"]["then"]["life"]["steps"] == [{"status": "Declined", "code": "RF07"}]
    assert ends(world, message="RF07") == "Declined"
    assert world.create(message="RP06").json()["error"] == "RP06"
    world.set(magic_values=False)
    assert world.control("GET", "/rules").json()["shipped"] == []
    assert ends(world, message="RF07") == "Paid"
    assert ends(world, message="RP06") == "Paid"
    assert ends(world, phone="46701740611") == "Paid"


def test_a_rule_of_the_world_goes_before_the_shipped_meanings(world: World) -> None:
    add(world, {"then": {"life": {"steps": [{"status": "Cancelled"}]}}})
    assert ends(world, message="RF07") == "Cancelled"


@pytest.mark.parametrize("key", ["Full access", "ABC123"])
def test_a_key_is_given_by_its_name_or_by_its_value(world: Any, key: str) -> None:
    added = world.control("POST", "/rules", json={"match": {"key": key}, "then": {"respond": {"status": 403}}})
    assert added.status_code == 201
    assert world.invoice().status_code == 403
