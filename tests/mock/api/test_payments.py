"""Swish payment requests: what is accepted, and what becomes of them."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from billecta_mock.store.seed import default_seed

PHONE = "46701740605"


def refusal(response: Any) -> str:
    assert response.status_code == 400, response.text
    assert response.headers["content-type"] == "application/json"
    assert set(response.json()) == {"error", "message"}
    return f"{response.json()['error']}: {response.json()['message']}"


def send_query(world: Any, query: str) -> Any:
    return world.send("POST", f"/payments/swish/action123?{query}")


def test_a_created_payment_has_an_id_of_32_upper_case_hex_digits(world: Any) -> None:
    assert re.fullmatch(r"[0-9A-F]{32}", world.created())


def test_ids_repeat_from_run_to_run_only_when_asked_for(start: Callable[..., Any]) -> None:
    assert start(random_seed=7).created() == start(random_seed=7).created()
    assert start().created() != start().created()


def test_the_page_s_own_example_works(world: Any) -> None:
    assert send_query(world, "phone=46701234567&message=Invoice+123").status_code == 201


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("message=a", "phone is required in the query string and is missing"),
        (f"phone={PHONE}", "message is required in the query string and is missing"),
        ("phone=&message=a", "phone is empty; it is required"),
        (f"phone={PHONE}&message=", "message is empty; it is required"),
        (f"phone={PHONE}&message=+%20", "message is blank"),
        ("phone=+&message=a", "phone is blank"),
        (f"phone={'4' * 21}&message=a", "phone has 21 characters; at most 20 are allowed"),
        (f"phone={PHONE}&message={'a' * 51}", "message has 51 characters; at most 50 are allowed"),
        (f"phone={PHONE}&message=%FF", "message is not valid UTF-8"),
        (f"phone=%C3%28&message=a", "phone is not valid UTF-8"),  # noqa: F541
        (f"phone={PHONE}&phone={PHONE}&message=a", "phone is given 2 times; give it once"),
        (f"phone={PHONE}&message=a&message=b", "message is given 2 times"),
    ],
)
def test_a_bad_parameter_is_named_with_the_rule_it_breaks(world: Any, query: str, sentence: str) -> None:
    assert f"Bad Request: {sentence}" in refusal(send_query(world, query))


def test_a_message_may_have_50_characters_whatever_they_are_in_bytes(world: Any) -> None:
    assert world.create(message="å" * 50).status_code == 201


@pytest.mark.parametrize("kind", ["data", "json"])
def test_parameters_are_read_from_the_query_string_only(world: Any, kind: str) -> None:
    body = {kind: {"phone": PHONE, "message": "a"}}
    assert "phone is required in the query string" in refusal(world.send("POST", "/payments/swish/action123", **body))


def test_an_impossible_phone_number_is_refused_with_be18(world: Any) -> None:
    assert refusal(world.create(phone="12")).startswith("BE18: phone must be 8 to 15 digits")


def test_a_message_beyond_the_swish_characters_is_refused_with_rp02(world: Any) -> None:
    assert refusal(world.create(message="smile 😀")).startswith("RP02: message may hold")


def test_a_message_equal_to_an_immediate_code_is_refused_with_it(world: Any) -> None:
    assert refusal(world.create(message="ACMT03")).startswith("ACMT03: The payer is not enrolled")


def test_a_second_live_request_for_a_phone_is_refused_with_rp06(world: Any) -> None:
    world.created(phone=PHONE)
    assert refusal(world.create(phone="070-174 06 05")).startswith("RP06")
    world.advance(4)
    assert world.create(phone=PHONE).status_code == 201


def test_a_world_may_allow_many_live_requests_for_a_phone(world: Any) -> None:
    world.set(one_live_request_per_phone=False)
    assert world.created() != world.created()


def test_bad_parameters_are_judged_before_the_action_is_looked_up(world: Any) -> None:
    assert world.create(action="nope", message="x" * 51).status_code == 400
    assert world.create(action="nope", phone="12").status_code == 404


@pytest.mark.parametrize("action", ["nope", "action123x", "ACTION123", "1001", "%00", "%FF", "a" * 4000])
def test_an_unknown_action_is_not_found(world: Any, action: str) -> None:
    assert world.create(action=action).status_code == 404


@pytest.mark.parametrize(
    ("invoice_id", "state"),
    [("1002", "is paid already"), ("1005", "is credited already"), ("1013", "comes to nothing")],
)
def test_an_action_with_nothing_left_to_pay_is_refused(world: Any, invoice_id: str, state: str) -> None:
    invoice = default_seed().invoice(invoice_id)
    assert invoice is not None
    assert state in refusal(world.create(action=invoice.action_id))


def test_a_payment_is_created_then_paid_after_the_settable_time(world: Any) -> None:
    payment = world.created()
    assert world.read(payment) == "Created"
    world.advance(3.9)
    assert world.read(payment) == "Created"
    world.advance(0.1)
    assert world.read(payment) == "Paid"


def test_under_polls_so_many_reads_come_before_paid(world: Any) -> None:
    world.set(progression="polls", pay_after_polls=3)
    payment = world.created()
    assert [world.read(payment) for _ in range(5)] == ["Created", "Created", "Created", "Paid", "Paid"]


def test_under_polls_head_is_no_read(world: Any) -> None:
    world.set(progression="polls", pay_after_polls=1)
    payment = world.created()
    assert {world.send("HEAD", f"/payments/swish/{payment}").status_code for _ in range(5)} == {200}
    assert [world.read(payment) for _ in range(2)] == ["Created", "Paid"]


def test_under_manual_a_payment_waits_to_be_told(world: Any) -> None:
    world.set(progression="manual")
    payment = world.created()
    world.advance(100)
    assert world.read(payment) == "Created"
    world.control("POST", f"/payments/{payment}/decide", json={"status": "Declined"})
    assert world.read(payment) == "Declined"


def test_without_an_answer_a_payment_is_an_error_after_180_seconds(world: Any) -> None:
    payment = world.created(phone="46701740613")
    world.advance(179)
    assert world.read(payment) == "Created"
    world.advance(1)
    assert world.read(payment) == "Error"


def test_a_terminal_status_never_changes_back(world: Any) -> None:
    payment = world.created(message="RF07")
    world.advance(4)
    assert world.read(payment) == "Declined"
    world.advance(100_000)
    assert world.read(payment) == "Declined"


def test_unknown_ids_another_world_s_ids_and_action_ids_are_one_and_the_same_404(world: Any) -> None:
    elsewhere = world.other("elsewhere").created()
    answers = [world.status(each) for each in ("nope", elsewhere, "action123", "%00", "%2F", "a" * 5000)]
    assert {(answer.status_code, answer.content) for answer in answers} == {(404, answers[0].content)}


def test_a_payment_of_one_world_does_not_make_a_phone_busy_in_another(world: Any) -> None:
    world.created()
    assert world.other("elsewhere").create().status_code == 201
