"""Keys, masking and permissions, seen from outside."""

import functools
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from tests.mock.conftest import NUMBERS, World

from billecta_mock.store.seed import default_seed

Start = Callable[..., World]
Masked = Callable[[str], World]
BAD_KEYS: list[Any] = [None, "", "nope", "abc123", "ABC12", "ABC1234"]


@pytest.fixture(scope="module")
def masked(start: Start) -> Masked:
    """A world of an application with this masking; tests that want the same one share the application."""
    first = functools.cache(lambda masking: start(masking=masking))
    return lambda masking: first(masking).other(f"test-{next(NUMBERS)}")


def appearance(response: httpx.Response) -> tuple[Any, ...]:
    return response.status_code, sorted(response.headers.items()), response.content


def test_a_valid_key_opens_every_operation(world: Any) -> None:
    assert world.invoice().status_code == 200
    assert world.status(world.created()).status_code == 200


def test_the_name_of_the_header_is_compared_without_regard_to_case(world: Any) -> None:
    assert world.invoice(key=None, headers={"X-API-KEY": "ABC123"}).status_code == 200


@pytest.mark.parametrize("key", BAD_KEYS)
def test_without_a_valid_key_everything_looks_like_a_missing_resource(world: Any, key: str | None) -> None:
    missing = appearance(world.invoice("987654321"))
    payment = world.created()
    answers = [
        world.invoice("1001", key),
        world.invoice("987654321", key),
        world.create(key=key),
        world.create(action="nope", key=key),
        world.create(phone="", message="x" * 51, key=key),
        world.status(payment, key),
        world.status("nope", key),
        world.send("GET", "/no-such-route", key),
        world.send("DELETE", f"/payments/swish/{payment}", key),
    ]
    assert {appearance(answer) == missing for answer in answers} == {True}


@pytest.mark.parametrize("masking", ["404", "401", "mixed"])
@pytest.mark.parametrize("key", BAD_KEYS)
def test_a_world_that_does_not_exist_looks_like_one_whose_key_is_wrong(masked: Masked, masking: str, key: str) -> None:
    world = masked(masking)
    there = world.invoice("1001", key)
    world.database = "nowhere"
    assert appearance(world.invoice("1001", key)) == appearance(there)


@pytest.mark.parametrize(
    "place",
    [
        {"params": {"x-api-key": "ABC123"}},
        {"headers": {"cookie": "x-api-key=ABC123"}},
        {"headers": {"authorization": "ABC123"}},
        {"headers": {"authorization": "Bearer ABC123"}},
    ],
)
def test_a_key_in_another_place_is_no_key_and_the_journal_says_where_it_was(world: Any, place: dict[str, Any]) -> None:
    assert world.invoice(key=None, **place).status_code == 404
    assert world.why() == "key_misplaced"


def test_a_key_that_is_sent_twice_is_no_key(world: Any) -> None:
    twice = httpx.Headers([("x-api-key", "ABC123"), ("x-api-key", "ABC123")])
    response = world.request("GET", f"{world.path}/fetch-invoice-pdf/1001/", headers=twice)
    assert (response.status_code, world.why()) == (404, "key_repeated")


def test_the_key_of_another_world_is_unknown(world: Any) -> None:
    seed = {"keys": [{"key": "OTHER-KEY", "name": "Elsewhere"}]}
    world.request("PUT", "/__admin/worlds/other", json=seed)
    assert world.invoice(key="OTHER-KEY").status_code == 404
    assert world.why() == "key_unknown"


@pytest.mark.parametrize(("masking", "missing", "wrong"), [("404", 404, 404), ("401", 401, 401), ("mixed", 401, 404)])
def test_masking_decides_what_answers_a_missing_and_a_wrong_key(
    masked: Masked, masking: str, missing: int, wrong: int
) -> None:
    world = masked(masking)
    assert (world.invoice(key=None).status_code, world.invoice(key="nope").status_code) == (missing, wrong)


def test_a_401_says_how_to_authenticate(masked: Masked) -> None:
    assert "x-api-key" in masked("401").invoice(key=None).headers["www-authenticate"]


@pytest.mark.parametrize("masking", ["404", "401", "mixed"])
@pytest.mark.parametrize("key", BAD_KEYS)
def test_under_every_masking_a_bad_key_does_not_tell_an_existing_invoice(
    masked: Masked, masking: str, key: str | None
) -> None:
    world = masked(masking)
    assert appearance(world.invoice("1001", key)) == appearance(world.invoice("987654321", key))


@pytest.mark.parametrize("masking", ["404", "401", "mixed"])
@pytest.mark.parametrize("key", BAD_KEYS)
def test_under_every_masking_a_bad_key_does_not_tell_which_routes_there_are(
    masked: Masked, masking: str, key: str | None
) -> None:
    world = masked(masking)
    known, unknown = world.invoice("1001", key), world.send("GET", "/no-such-route", key)
    assert appearance(known) == appearance(unknown)
    assert world.why() == "route_unknown"


def test_head_does_not_get_around_the_key(world: Any) -> None:
    assert world.invoice(key=None, method="HEAD").status_code == 404


def test_policy_denies_by_403(world: Any) -> None:
    assert world.create(key="READ-ONLY-KEY").status_code == 403
    assert world.why() == "policy_denied"
    assert world.invoice(key="READ-ONLY-KEY").status_code == 200


def test_a_key_without_any_policy_gets_403_for_everything_there_or_not(world: Any) -> None:
    key = "NO-ACCESS-KEY"
    answers = [world.invoice(each, key) for each in ("1001", "987654321")]
    answers += [world.create(key=key), world.status("x", key)]
    assert {answer.status_code for answer in answers} == {403}


def test_a_hidden_invoice_looks_like_one_that_does_not_exist(world: Any) -> None:
    hidden, absent = world.invoice("123", "SALES-KEY"), world.invoice("987654321", "SALES-KEY")
    assert appearance(hidden) == appearance(absent)
    assert world.invoice("1001", "SALES-KEY").status_code == 200


def test_hidden_actions_and_payments_look_like_ones_that_do_not_exist(world: Any) -> None:
    hidden_action = world.create(action=action_of("123"), key="SALES-KEY")
    assert world.why() == "action_hidden"
    hidden_payment = world.status(world.created(action=action_of("123")), "SALES-KEY")
    assert world.why() == "payment_hidden"
    absent = appearance(world.status("nope", "SALES-KEY"))
    assert [appearance(hidden_action), appearance(hidden_payment)] == [absent, absent]


def action_of(invoice_id: str) -> str:
    invoice = default_seed().invoice(invoice_id)
    assert invoice is not None
    return invoice.action_id


def test_a_world_that_does_not_exist_is_told_to_the_log_and_to_nobody_else(
    caplog: pytest.LogCaptureFixture, start: Callable[..., Any]
) -> None:
    caplog.set_level("INFO", "billecta_mock.access")
    world = start(access_log=True)
    there, nowhere = (
        world.request("GET", f"/{name}/limepkg-billecta-integration/payments/swish/X", headers={"x-api-key": "W"})
        for name in ("database", "nowhere")
    )
    assert (there.status_code, there.content, dict(there.headers)) == (
        nowhere.status_code, nowhere.content, dict(nowhere.headers),
    )  # fmt: skip
    assert [record.__dict__["why"] for record in caplog.records] == ["key_unknown", "world_unknown"]
    assert [record.__dict__["exchange"] for record in caplog.records] == [1, None]
