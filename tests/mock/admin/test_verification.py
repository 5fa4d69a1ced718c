"""Claims about the journal, verified by the admin API."""

from typing import Any

import pytest

CREATES = {"operation": "createSwishPayment", "phone": "070-1740605"}
READS = {"operation": "getSwishPayment"}


def verify(world: Any, **body: Any) -> Any:
    response = world.control("POST", "/requests/verify", json=body)
    verdict = response.json()
    if response.status_code in (200, 409):
        assert verdict["verified"] == (response.status_code == 200)
        assert verdict["verified"] == (verdict["explanation"] == [])
    return response


def test_two_creates_with_a_phone_then_a_status_read(world: Any) -> None:
    sequence = [{"request": CREATES, "exactly": 2}, {"request": READS, "at_least": 1}]
    payment = world.created()
    early = verify(world, sequence=sequence)
    assert early.status_code == 409
    assert early.json()["message"] == (
        "sequence, claim 1: wanted exactly 2 requests with operation createSwishPayment, phone 46***05; 1 came (#1)"
    )
    world.create()
    assert "after #2; none came after it" in verify(world, sequence=sequence).json()["message"]
    world.status(payment)
    kept = verify(world, sequence=sequence)
    assert kept.status_code == 200
    assert [each["seen"] for each in kept.json()["sequence"]] == [[1, 2], [3]]


def test_a_conflict_is_an_error_as_all_are_and_tells_what_came_close(world: Any) -> None:
    world.create(phone="46701740699")
    conflict = verify(world, any_order=[{"request": CREATES}]).json()
    assert conflict["error"] == "Conflict"
    assert conflict["any_order"][0]["near"] == [{"number": 1, "difference": "phone is 46***99, not 46***05"}]
    assert "46701740699" not in str(conflict)
    assert "1740605" not in str(conflict)


@pytest.mark.parametrize(
    ("numbers", "status"),
    [
        ({}, 200),
        ({"exactly": 2}, 200),
        ({"exactly": 0}, 409),
        ({"at_least": 3}, 409),
        ({"at_most": 2}, 200),
        ({"at_most": 1}, 409),
        ({"at_least": 1, "at_most": 2}, 200),
        ({"never": True}, 409),
    ],
)
def test_a_claim_says_how_many(world: Any, numbers: dict[str, Any], status: int) -> None:
    world.invoice("1001")
    world.invoice("1002")
    assert verify(world, any_order=[{"request": {"method": "GET", "status": 200}, **numbers}]).status_code == status


def test_nothing_else_means_that_every_request_is_described(world: Any) -> None:
    world.invoice()
    claims = [{"request": {"operation": "fetchInvoicePdf"}}]
    assert verify(world, any_order=claims, nothing_else=True).status_code == 200
    world.status("x")
    refused = verify(world, any_order=claims, nothing_else=True)
    assert refused.json()["message"] == "wanted nothing else; 1 came besides (#2)"


def test_a_part_of_the_journal_can_be_judged(world: Any) -> None:
    world.invoice()
    claims = [{"request": {"status": "2xx"}, "exactly": 1}]
    world.invoice("1001", "SALES-KEY")
    assert verify(world, any_order=claims).status_code == 409
    assert verify(world, any_order=claims, within={"after": 1}).status_code == 200
    assert verify(world, any_order=claims, within={"key": "Full access"}).status_code == 200
    assert verify(world, any_order=claims, within={"since": "2998-01-01T00:00:00Z"}).status_code == 409


def test_a_journal_that_dropped_exchanges_says_so(start: Any) -> None:
    world = start(journal_size=1)
    world.invoice()
    world.invoice()
    message = verify(world, any_order=[{"request": {}, "exactly": 2}]).json()["message"]
    assert message.endswith("the journal no longer holds 1 older exchange; --journal-size keeps more")


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({}, "the body must have at least 1 member"),
        ({"sequence": []}, "body, at /sequence: must have at least 1 element"),
        ({"sequence": [{}]}, "body, at /sequence/0: lacks 'request'"),
        (
            {"sequence": [{"request": {"opration": "x"}}]},
            "has the unknown member 'opration'; did you mean 'operation'?",
        ),
        (
            {"any_order": [{"request": {"why": "key_unkown"}, "never": True}]},
            "body, at /any_order/0/request/why: 'key_unkown' is no code of a reason; did you mean 'key_unknown'?",
        ),
        ({"within": {"key": "Sale"}, "any_order": [{"request": {}}]}, "body, at /within/key: is no key of this world"),
        (
            {"sequence": [{"request": {"status": 99}}]},
            "/sequence/0/request/status: must be a code such as 404, a class such as 4xx, or",
        ),
        ({"sequence": [{"request": {}, "exactly": 1, "at_most": 2}]}, "body, at /sequence/0: a claim takes one of"),
        ({"sequence": [{"request": {}, "at_least": 3, "at_most": 2}]}, "body, at /sequence/0: a claim takes one of"),
        ({"any_order": [{"request": {"since": "0000-01-01T00:00:00Z"}}]}, "body, at /any_order/0/request/since: '0000"),
        ({"nothing_else": True}, "the body lacks claims; 'sequence' and 'any_order' hold them"),
    ],
)
def test_a_bad_claim_is_refused_with_its_place(world: Any, body: Any, sentence: str) -> None:
    response = verify(world, **body)
    assert response.status_code == 400
    assert sentence in response.json()["message"]
