"""Magic messages and phone numbers: where they lead."""

from datetime import UTC, datetime, timedelta

import pytest

from billecta_mock.domain import payments
from billecta_mock.domain.actions import RuleAction, find_wrong_step
from billecta_mock.domain.payments import CREATE, READ, Order, Pace, Progression
from billecta_mock.domain.presets import BUILT_IN_RULES, LATE_MESSAGES, PAYS, PHONES, REFUSED_MESSAGES
from billecta_mock.domain.rules import RequestFacts, Rule
from billecta_mock.domain.validation import SWISH_REFUSALS

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
PACE = Pace(timedelta(seconds=4), 2, Progression.TIME, timedelta(seconds=180))
ORDINARY = "46701740605"


def outcome_of(phone: str = ORDINARY, message: str = "Invoice 123", operation: str = CREATE) -> RuleAction:
    rule = next(BUILT_IN_RULES.candidates(RequestFacts(operation, "POST", phone=phone, message=message)), None)
    return rule.outcome if rule else RuleAction(life=PAYS)


def status_after(seconds: float, phone: str = ORDINARY, message: str = "Invoice 123") -> str:
    life = outcome_of(phone, message).life
    assert life is not None
    payment = payments.create("A" * 32, Order("action123", "1001", phone, message), life.plan(PACE), NOW)
    return payments.settle(payment, NOW + timedelta(seconds=seconds)).status.value


def test_an_ordinary_payment_is_paid() -> None:
    assert status_after(4) == "Paid"


@pytest.mark.parametrize(
    ("message", "status"),
    [
        ("RF07", "Declined"),
        ("BANKIDCL", "Cancelled"),
        ("BANKIDONGOING", "Error"),
        ("BANKIDUNKN", "Error"),
        ("FF10", "Error"),
        ("TM01", "Error"),
        ("DS24", "Unknown"),
    ],
)
def test_a_message_that_is_a_late_code_leads_elsewhere(message: str, status: str) -> None:
    assert status_after(3.9, message=message) == "Created"
    assert status_after(4, message=message) == status


@pytest.mark.parametrize(
    ("phone", "story"),
    [
        ("46701740610", {4: "Paid", 1000: "Paid"}),
        ("46701740611", {4: "Declined"}),
        ("46701740612", {4: "Cancelled"}),
        ("46701740613", {4: "Created", 179: "Created", 180: "Error"}),
        ("46701740614", {4: "Unknown", 1000: "Unknown"}),
        ("46701740615", {4: "Paid", 8: "Refunded"}),
        ("46701740616", {4: "Created", 59: "Created", 60: "Paid"}),
    ],
)
def test_a_magic_phone_number_has_its_story(phone: str, story: dict[int, str]) -> None:
    assert {seconds: status_after(seconds, phone=phone) for seconds in story} == story


def test_the_message_goes_before_the_phone_number() -> None:
    assert status_after(4, phone="46701740611", message="BANKIDCL") == "Cancelled"


def test_only_the_whole_message_is_a_code() -> None:
    assert status_after(4, message="about RF07") == "Paid"


def test_every_magic_phone_number_is_in_the_range_reserved_for_fiction() -> None:
    assert all(46701740605 <= int(rule.request_pattern.phone or "") <= 46701740699 for rule in PHONES)


@pytest.mark.parametrize("code", SWISH_REFUSALS)
def test_a_message_that_is_an_immediate_code_is_refused_with_it(code: str) -> None:
    refusal = outcome_of(message=code).refusal
    assert refusal is not None
    assert refusal.code == code


def test_a_code_is_either_an_immediate_refusal_or_a_late_failure() -> None:
    assert not {rule.name for rule in LATE_MESSAGES} & {rule.name for rule in REFUSED_MESSAGES}


def test_only_a_create_has_a_magic_message() -> None:
    assert outcome_of(message="RF07", operation=READ) == RuleAction(life=PAYS)
    assert not BUILT_IN_RULES.watches(READ)


@pytest.mark.parametrize("rule", BUILT_IN_RULES.rules, ids=lambda rule: rule.name)
def test_every_life_follows_the_table(rule: Rule) -> None:
    assert rule.outcome.life is None or find_wrong_step(rule.outcome.life.steps) is None
