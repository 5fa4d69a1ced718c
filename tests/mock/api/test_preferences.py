"""A client chooses its answer by a Prefer header."""

from typing import Any

import httpx
import pytest
from tests.mock.conftest import World


def create(world: World, prefer: str, **options: Any) -> httpx.Response:
    parameters = {"phone": "46701740620", "message": "Invoice 123"}
    headers = {"prefer": prefer}
    return world.send("POST", "/payments/swish/action123", params=parameters, headers=headers, **options)


def status(world: World, prefer: str, request_id: str = "none") -> httpx.Response:
    return world.send("GET", f"/payments/swish/{request_id}", headers={"prefer": prefer})


@pytest.mark.parametrize("code", [400, 401, 403, 404])
def test_a_documented_code_is_answered(world: World, code: int) -> None:
    assert create(world, f"code={code}").status_code == code
    assert world.control("GET", "/payments").json()["payments"] == []


def test_a_preferred_refusal_looks_like_the_mocks_own(world: World) -> None:
    absent = world.invoice("999")
    preferred = world.invoice("1001", headers={"prefer": "code=404"})
    assert (preferred.content, preferred.headers) == (absent.content, absent.headers)


def test_a_preferred_success_can_be_used(world: World) -> None:
    request_id = create(world, "code=201").json()["requestid"]
    assert world.read(request_id) == "Created"


def test_a_preferred_success_is_the_example_where_the_request_would_be_refused(world: World) -> None:
    response = world.send(
        "POST", "/payments/swish/none", params={"phone": "46701740620", "message": "a"}, headers={"prefer": "code=201"}
    )
    assert (response.status_code, response.json()) == (201, {"requestid": "swish_request_id"})
    document = world.invoice("none", headers={"prefer": "code=200"})
    assert (document.status_code, document.content[:5], document.content.rstrip()[-5:]) == (200, b"%PDF-", b"%%EOF")


def test_an_example_is_chosen_by_its_name(world: World) -> None:
    assert create(world, "example=phone_too_long").json()["message"].startswith("phone has 23 characters")
    assert status(world, "example=paid").json() == {"requeststatus": "Paid"}
    page = world.invoice(headers={"prefer": 'code=404, example="html"'})
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html")


@pytest.mark.parametrize("word", ["Created", "Paid", "Declined", "Cancelled", "Error", "Refunded", "Unknown"])
def test_a_status_is_where_a_new_payment_leads(world: World, word: str) -> None:
    request_id = create(world, f"status={word}").json()["requestid"]
    world.advance(60)
    assert world.read(request_id) == word
    world.control("POST", "/reset")


def test_a_status_is_what_a_read_says_and_changes_nothing(world: World) -> None:
    request_id = world.created()
    assert status(world, "status=Refunded", request_id).json() == {"requeststatus": "Refunded"}
    assert world.read(request_id) == "Created"


@pytest.mark.parametrize(
    ("prefer", "message"),
    [
        ("code=418", "Prefer: code='418' is not documented for createSwishPayment; there are 201, 400, 401, 403, 404"),
        (
            "example=phone_to_long",
            "Prefer: example='phone_to_long' is not documented for createSwishPayment; did you mean 'phone_too_long'?",
        ),
        ("status=Payed", "Prefer: status='Payed' is not documented for createSwishPayment; did you mean 'Paid'?"),
        ("status=Paid, code=201", "Prefer: status goes with neither code nor example"),
        ("code=404; example=refused_by_swish", "Prefer: example='refused_by_swish' is not documented"),
    ],
)
def test_what_is_not_documented_is_a_clear_400(world: World, prefer: str, message: str) -> None:
    response = create(world, prefer)
    assert response.status_code == 400
    assert response.json()["message"].startswith(message)


def test_a_document_has_no_status(world: World) -> None:
    response = world.invoice(headers={"prefer": "status=Paid"})
    assert response.json()["message"] == "Prefer: status='Paid': fetchInvoicePdf is not about a payment"


def test_other_preferences_of_http_are_passed_over(world: World) -> None:
    assert create(world, "return=minimal, respond-async").status_code == 201


def test_a_preference_is_marked_in_the_journal(world: World) -> None:
    create(world, "code=403")
    exchange = world.last_exchange()
    assert (exchange["marks"], exchange["why"]["code"]) == (["prefer"], "chosen")


def test_a_preference_opens_no_door(world: World) -> None:
    assert create(world, "code=201", key="WRONG").status_code == 404
    assert create(world, "code=201", key=None).status_code == 404


def test_preferences_can_be_switched_off(world: World) -> None:
    world.set(prefer=False)
    assert create(world, "code=403").status_code == 201


@pytest.mark.parametrize(("prefer", "marks"), [("cod=403", ["prefer:unused"]), ("code=403", ["prefer"]), ("", [])])
def test_a_preference_that_the_mock_does_not_know_leaves_a_mark(world: World, prefer: str, marks: list[str]) -> None:
    world.invoice(headers={"prefer": prefer} if prefer else {})
    assert world.last_exchange()["marks"] == marks
