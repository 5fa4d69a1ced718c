"""Rules of a world: which requests they are for, how often they come true, and what then."""

from collections.abc import Callable
from typing import Any

import pytest

from .conftest import World

ORDINARY = "46701740620"


def declines(**members: Any) -> dict[str, Any]:
    return {"then": {"life": {"steps": [{"status": "Declined", "code": "RF07"}]}}, **members}


def refuses(code: str = "ACMT03", **members: Any) -> dict[str, Any]:
    return {"then": {"refuse": {"code": code}}, **members}


def add(world: World, rule: dict[str, Any], kind: str = "rules", **query: Any) -> dict[str, Any]:
    response = world.control("POST", f"/{kind}", json=rule, params=query)
    assert response.status_code == 201, response.text
    shown: dict[str, Any] = response.json()
    return shown


def error(world: World, rule: Any, kind: str = "rules") -> str:
    response = world.control("POST", f"/{kind}", json=rule)
    assert response.status_code == 400, response.text
    return str(response.json()["message"])


def ends(world: World, **options: str) -> str:
    """The status in which a new payment ends."""
    request_id = world.created(**options)
    world.advance(200)
    return world.read(request_id)


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


def test_rules_are_listed_in_the_form_in_which_they_can_be_put_again(world: World) -> None:
    add(world, declines(match={"phone": ORDINARY, "message": {"pattern": "a+"}}, probability=0.5))
    add(world, {"then": {"delay": {"type": "lognormal", "median": 1, "sigma": 0.5, "max": 3}}})
    listed = world.control("GET", "/rules").json()["rules"]
    again = [{name: value for name, value in rule.items() if name not in ("seen", "fired")} for rule in listed]
    assert world.control("PUT", "/rules", json=again).json()["rules"] == listed


def test_a_rule_that_is_put_again_begins_to_count_anew(world: World) -> None:
    for status in (201, 200):
        assert world.control("PUT", "/rules/once", json=refuses(times=1)).status_code == status
        assert [world.create(phone=ORDINARY).status_code for _ in range(2)] == [400, 201]
        world.advance(200)


def test_a_rule_is_shown_and_taken_away_by_its_name(world: World) -> None:
    add(world, refuses(name="mine"))
    assert world.control("GET", "/rules/mine").json()["then"]["refuse"]["code"] == "ACMT03"
    assert world.control("DELETE", "/rules/mine").status_code == 204
    assert world.control("DELETE", "/rules/mine").status_code == 404
    assert world.create().status_code == 201


def test_a_name_is_given_once(world: World) -> None:
    add(world, refuses(name="mine"))
    assert world.control("POST", "/rules", json=refuses(name="mine")).status_code == 409


def test_a_world_has_so_many_rules_and_no_more(start: Callable[..., World]) -> None:
    world = start(max_rules=2)
    add(world, refuses())
    add(world, refuses())
    response = world.control("POST", "/rules", json=refuses())
    assert (response.status_code, "--max-rules" in response.json()["message"]) == (507, True)
    assert len(world.control("GET", "/rules").json()["rules"]) == 2


def test_a_reset_leaves_no_rule(world: World) -> None:
    add(world, refuses())
    world.control("PUT", "/bundles/flaky-network")
    world.control("POST", "/reset")
    assert world.control("GET", "/rules").json()["rules"] == []
    assert world.control("GET", "/faults").json()["faults"] == []


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


@pytest.mark.parametrize("bundle", ["happy", "bank-down", "slow-payers", "everything-declined", "flaky-network"])
def test_a_bundle_is_set_in_one_call_and_shows_what_it_sets(world: World, bundle: str) -> None:
    add(world, refuses(name="old"))
    shown = world.control("PUT", f"/bundles/{bundle}").json()
    for kind in ("rules", "faults"):
        assert [rule["name"] for rule in world.control("GET", f"/{kind}").json()[kind]] == [
            rule["name"] for rule in shown[kind]
        ]


def test_the_bundles_do_what_their_names_say(world: World) -> None:
    ended = {}
    for bundle in ("happy", "bank-down", "slow-payers", "everything-declined"):
        world.control("PUT", f"/bundles/{bundle}")
        world.control("DELETE", "/faults")
        ended[bundle] = ends(world)
    assert ended == {
        "happy": "Paid", "bank-down": "Error", "slow-payers": "Paid", "everything-declined": "Declined"
    }  # fmt: skip


def test_a_bundle_that_there_is_not_is_404(world: World) -> None:
    response = world.control("PUT", "/bundles/flaky")
    assert (response.status_code, "flaky-network" in response.json()["message"]) == (404, True)


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


@pytest.mark.parametrize("key", ["Full access", "ABC123"])
def test_a_key_is_given_by_its_name_or_by_its_value(world: Any, key: str) -> None:
    added = world.control("POST", "/rules", json={"match": {"key": key}, "then": {"respond": {"status": 403}}})
    assert added.status_code == 201
    assert world.invoice().status_code == 403


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
