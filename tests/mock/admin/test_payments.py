"""Payments as the admin API lists and decides them."""

from typing import Any

import pytest
from tests.mock.conftest import complaint


def test_payments_are_listed_newest_first_as_they_are_now(world: Any) -> None:
    first, second = world.created(), world.created(phone="46701740606", message="RF07")
    world.advance(4)
    listed = world.control("GET", "/payments").json()["payments"]
    assert [(each["requestid"], each["status"]) for each in listed] == [(second, "Declined"), (first, "Paid")]
    assert [move["cause"] for move in listed[0]["history"]] == ["requested", "RF07"]
    assert len(world.control("GET", "/payments?limit=1").json()["payments"]) == 1


@pytest.mark.parametrize("status", ["Paid", "Declined", "Cancelled", "Error"])
def test_a_payment_can_be_decided_by_hand_once(world: Any, status: str) -> None:
    payment = world.created()
    decided = world.control("POST", f"/payments/{payment}/decide", json={"status": status})
    assert decided.json()["status"] == status
    assert world.read(payment) == status
    again = world.control("POST", f"/payments/{payment}/decide", json={"status": "Declined"})
    assert "cannot become Declined" in complaint(again, 409)


def test_a_paid_payment_can_be_refunded_by_hand(world: Any) -> None:
    payment = world.created()
    world.advance(4)
    assert world.control("POST", f"/payments/{payment}/decide", json={"status": "Refunded"}).status_code == 200
    assert world.read(payment) == "Refunded"


def test_a_payment_that_is_not_there_cannot_be_decided(world: Any) -> None:
    complaint(world.control("POST", "/payments/nope/decide", json={"status": "Paid"}), 404)


def test_a_world_keeps_so_many_payments_and_drops_the_oldest(start: Any) -> None:
    world = start(payments_size=2)
    first, second, third = [world.created(phone=f"4670174062{digit}") for digit in range(3)]
    assert [world.status(each).status_code for each in (first, second, third)] == [404, 200, 200]
    assert world.create(phone="46701740620").status_code == 201
