"""The clock of a world: frozen, set ahead, advanced, scaled, and never turned back."""

import time
from typing import Any

import pytest
from tests.mock.conftest import complaint


def test_a_frozen_clock_stands_and_an_advanced_one_moves(world: Any) -> None:
    before = world.control("GET", "/clock").json()["now"]
    assert world.control("GET", "/clock").json() == {"now": before, "mode": "frozen", "rate": 0}
    world.advance(3600)
    assert world.control("GET", "/clock").json()["now"] > before


def test_a_clock_can_be_set_ahead_but_never_back(world: Any) -> None:
    ahead = world.control("PUT", "/clock", json={"now": "2999-01-01t00:00:00+01:00"})
    assert ahead.json() == {"now": "2998-12-31T23:00:00.000Z", "mode": "frozen", "rate": 0, "events": []}
    assert "cannot go back" in complaint(world.control("PUT", "/clock", json={"now": "2998-01-01T00:00:00Z"}), 409)
    assert "cannot go back" in complaint(world.control("POST", "/clock/advance", json={"seconds": -1}), 409)
    assert "goes up to" in complaint(world.control("POST", "/clock/advance", json={"seconds": 3.2e9}), 409)


def test_advancing_tells_what_fell_due_in_order(world: Any) -> None:
    declined = world.created(message="RF07")
    world.advance(2)
    refunded = world.created(phone="46701740615")
    events = world.control("POST", "/clock/advance", json={"seconds": 8}).json()["events"]
    assert [(each["requestid"], each["status"], each["cause"]) for each in events] == [
        (declined, "Declined", "RF07"),
        (refunded, "Paid", "time"),
        (refunded, "Refunded", "time"),
    ]
    assert [each["at"] for each in events] == sorted(each["at"] for each in events)
    assert world.control("POST", "/clock/advance", json={"seconds": 8}).json()["events"] == []


def test_a_scaled_clock_lets_an_hour_pass_in_no_time(world: Any) -> None:
    payment = world.created()
    scaled = world.control("PUT", "/clock", json={"mode": "scaled", "rate": 100_000})
    assert (scaled.json()["mode"], scaled.json()["rate"]) == ("scaled", 100_000)
    time.sleep(0.01)
    assert world.read(payment) == "Paid"


@pytest.mark.parametrize("body", [{"mode": "scaled"}, {"rate": 60}, {"mode": "frozen", "rate": 60}])
def test_a_rate_belongs_to_the_mode_scaled(world: Any, body: dict[str, Any]) -> None:
    assert "'rate' with the mode scaled" in complaint(world.control("PUT", "/clock", json=body), 400)


@pytest.mark.parametrize(
    "moment",
    ["yesterday", "2030-01-01", "2030-01-01T00:00:00", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59"],
)
def test_what_is_no_time_is_refused(world: Any, moment: str) -> None:
    assert world.control("PUT", "/clock", json={"now": moment}).status_code in (400, 409)


@pytest.mark.parametrize(
    ("body", "advice"),
    [
        ({"rate": 60}, "and only then; add 'mode': 'scaled'"),
        ({"mode": "scaled"}, "such as 60: then a minute takes a second"),
        ({"mode": "frozen", "rate": 60}, "and only then; leave it out with the mode frozen"),
    ],
)
def test_a_rate_without_its_mode_is_refused_with_what_to_add(world: Any, body: dict[str, Any], advice: str) -> None:
    response = world.control("PUT", "/clock", json=body)
    assert response.status_code == 400
    assert response.json()["message"].endswith(advice)
