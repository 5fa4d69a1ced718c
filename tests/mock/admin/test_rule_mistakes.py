"""Rules that cannot be, or can never fit, are refused with their place."""

from typing import Any

import pytest
from tests.mock.conftest import World
from tests.mock.rules import ORDINARY, add, error, refuses


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (
            {"then": {"life": {"steps": [{"status": "Declined"}, {"status": "Paid"}]}}},
            "body, at /then/life/steps/1/status: a payment that is Declined cannot become Paid",
        ),
        ({"match": {"phne": "1"}, "then": {}}, "body, at /match: has the unknown member 'phne'; did you mean 'phone'?"),
        ({"name": "a b", "then": {}}, "body, at /name: must be 1 to 64 letters, digits, dots, hyphens and underscores"),
        ({"then": {"refuse": {"code": "XX"}}}, "body, at /then/refuse/code: 'XX' is no code of Swish"),
        (
            {"match": {"operation": "getSwishPayment"}, "then": {"respond": {"status": 201}}},
            "body, at /then/respond/status: is not documented for getSwishPayment, which has 200, 400, 401, 403, 404",
        ),
        (
            {"match": {"operation": "getSwishPayment"}, "then": {"respond": {"status": 200, "example": "payed"}}},
            "body, at /then/respond/example: is none of getSwishPayment with this status; did you mean 'paid'?",
        ),
        (
            {"match": {"operation": "getSwishPayment"}, "then": {"respond": {"status": 200, "body": {}}}},
            "body, at /then/respond/body: is no answer of getSwishPayment",
        ),
        (
            {"match": {"operation": "getSwishPayment"}, "then": {"refuse": {"code": "RP06"}}},
            "body, at /match/operation: must be createSwishPayment",
        ),
        ({"match": {"phone": "12"}, "then": {"refuse": {"code": "RP06"}}}, "body, at /match/phone: must be a phone"),
        (
            {"match": {"message": {"pattern": "("}}, "then": {"refuse": {"code": "RP06"}}},
            "body, at /match/message/pattern: is no regular expression",
        ),
        (
            {"then": {"refuse": {"code": "RP06"}, "respond": {"status": 400}}},
            "body, at /then: has refuse and respond, which exclude each other",
        ),
        (
            {"then": {"delay": {"type": "uniform", "lower": 3, "upper": 2}}},
            "body, at /then/delay/upper: must be at least lower, which is 3",
        ),
        ({"then": {"delay": {"type": "fixed"}}}, "body, at /then/delay: lacks 'seconds'"),
        (
            {"then": {"fault": {"type": "EMPTY_RESPONSE", "status": 503}}},
            "body, at /then/fault/status: is nothing that EMPTY_RESPONSE has; it has handled",
        ),
        ({"then": {}}, "body, at /then:"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_with_its_place(world: World, rule: dict[str, Any], message: str) -> None:
    assert error(world, rule).startswith(message)
    assert world.control("GET", "/rules").json()["rules"] == []


def test_of_a_list_with_a_flaw_nothing_is_kept(world: World) -> None:
    add(world, refuses(name="old"))
    response = world.control("PUT", "/rules", json=[refuses(), {"then": {"refuse": {"code": "XX"}}}])
    assert response.json()["message"].startswith("body, at /1/then/refuse/code:")
    assert [rule["name"] for rule in world.control("GET", "/rules").json()["rules"]] == ["old"]


def test_a_fault_decides_nothing_that_is_the_applications(world: World) -> None:
    assert error(world, refuses(), "faults").startswith("body, at /then/refuse: is for rules")


@pytest.mark.parametrize("kind", ["rules", "faults"])
@pytest.mark.parametrize(
    ("match", "sentence"),
    [
        ({"key": "Full acess"}, "/match/key: never fits: it is no key of this world, neither by name nor by value;"),
        ({"operation": "fetchInvoicePdf", "phone": ORDINARY}, "/match/phone: never fits: fetchInvoicePdf has none"),
        ({"operation": "getSwishPayment", "message": "Hej"}, "/match/message: never fits: getSwishPayment has none"),
    ],
)  # fmt: skip
def test_what_can_never_fit_is_refused(world: Any, kind: str, match: dict[str, str], sentence: str) -> None:
    body = {"match": match, "then": {"delay": {"type": "fixed", "seconds": 1}}}
    response = world.control("POST", f"/{kind}", json=body)
    assert response.status_code == 400
    assert response.json()["message"].startswith(f"body, at {sentence}")


def test_a_key_that_is_none_of_the_world_is_not_repeated(world: Any) -> None:
    response = world.control(
        "POST", "/rules", json={"match": {"key": "SECRET-1"}, "then": {"respond": {"status": 403}}}
    )
    assert (response.status_code, "SECRET-1" in response.text) == (400, False)


def test_a_response_without_an_operation_says_why_it_must_suit_each(world: Any) -> None:
    response = world.control("POST", "/rules", json={"then": {"respond": {"status": 201}}})
    assert response.json()["message"] == (
        "body, at /then/respond/status: is not documented for fetchInvoicePdf, which has 200, 400, 401, 403, 404; this "
        "rule names no operation, so its response must be documented for each: name one"
    )


def test_a_quota_answers_429_and_nothing_else(world: Any) -> None:
    fault = {"type": "STATUS", "status": 503, "quota": {"requests": 1, "seconds": 60}}
    response = world.control("POST", "/faults", json={"then": {"fault": fault}})
    sentence = "body, at /then/fault/status: must be 429 with a quota, or be left out"
    assert (response.status_code, response.json()["message"]) == (400, sentence)
    assert world.control("POST", "/faults", json={"then": {"fault": {**fault, "status": 429}}}).status_code == 201
