"""What a request that was not let through would have had to be."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billecta_mock.domain.auth import ApiKey
from billecta_mock.domain.journal import Exchange
from billecta_mock.domain.problems import Reason
from billecta_mock.domain.verification.near_misses import (
    NearMiss,
    NearMissContext,
    OperationSummary,
    ParameterSummary,
    find_near_id,
    find_near_misses,
    find_near_paths,
    fits,
    is_one_edit_away,
    is_unmatched,
)
from billecta_mock.domain.world import Dataset
from billecta_mock.store.seed import default_seed

BASE = "/limepkg-billecta-integration"
INVOICE = f"{BASE}/fetch-invoice-pdf/{{invoice_id}}/"
PAYMENT = f"{BASE}/payments/swish/{{id}}"
PARAMETERS = (ParameterSummary("phone", required=True), ParameterSummary("message", required=True))
OUTLINE = (
    OperationSummary("fetchInvoicePdf", "GET", INVOICE),
    OperationSummary("createSwishPayment", "POST", PAYMENT, PARAMETERS),
    OperationSummary("getSwishPayment", "GET", PAYMENT),
)
REQUEST_ID = "5E6FA3C0B1D94D6E8C7F0A1B2C3D4E5F"
DATASET = default_seed()
LANDMARKS = NearMissContext(OUTLINE, DATASET, (REQUEST_ID,))


def exchange(code: str, sentence: str = "why", **changes: Any) -> Exchange:
    """A create that was refused for this reason, changed in some fields."""
    at = datetime(2030, 1, 1, tzinfo=UTC)
    path, why = f"/database{BASE}/payments/swish/x", Reason(code, sentence)
    plain = Exchange(at, "POST", path, {}, "createSwishPayment", "A***3", "Sales", 404, 0.1, why)
    return plain._replace(**changes)


def near(found: Exchange, landmarks: NearMissContext = LANDMARKS) -> NearMiss:
    (only,) = find_near_misses(found, landmarks)
    return only


@pytest.mark.parametrize(
    ("sent", "expected", "sentence"),
    [
        (f"{BASE}/fetch-invoice-pdf/1001", f"{BASE}/fetch-invoice-pdf/1001/", "a slash belongs at the end"),
        (f"{BASE}/payments/swish/x/", f"{BASE}/payments/swish/x", "there is a slash too many at the end"),
        (f"{BASE}/Payments/swish/x", f"{BASE}/payments/swish/x", "'Payments' is spelled 'payments': case matters"),
        (f"{BASE}/fetch-invoice/7/", f"{BASE}/fetch-invoice-pdf/7/", "'fetch-invoice' is spelled 'fetch-invoice-pdf'"),
        ("/fetch-invoice-pdf/7/", f"{BASE}/fetch-invoice-pdf/7/", f"'{BASE[1:]}' is missing"),
        (f"{BASE}/payments/x", f"{BASE}/payments/swish/x", "'swish' is missing"),
        (f"{BASE}/api/payments/swish/x", f"{BASE}/payments/swish/x", "'api' is not in it"),
        (f"{BASE}//payments/swish/x", f"{BASE}/payments/swish/x", "there are two slashes in a row"),
        (f"{BASE}/payments/swish", f"{BASE}/payments/swish/{{id}}", "'{id}' is missing"),
    ],
)
def test_the_path_that_was_meant_is_shown(sent: str, expected: str, sentence: str) -> None:
    assert find_near_paths(sent, [INVOICE, PAYMENT]) == [(expected, sentence)]


@pytest.mark.parametrize("path", ["", "/", "/wp-login.php", "/a/b/c/d/e/f", "/" * 500])
def test_a_path_that_is_like_none_has_no_near_one(path: str) -> None:
    assert find_near_paths(path, [INVOICE, PAYMENT]) == []


@given(st.text("/abP{}.-", max_size=60))
def test_a_near_path_is_one_of_the_contract_unless_a_value_is_missing(path: str) -> None:
    for found in find_near_paths(f"{BASE}{path}", [INVOICE, PAYMENT]):
        assert any(fits(found.path, template) for template in (INVOICE, PAYMENT))


@pytest.mark.parametrize(
    ("code", "sent", "expected", "sentence"),
    [
        ("action_unknown", "1001", None, "this is the id of an invoice; its action id is"),
        ("action_unknown", REQUEST_ID, None, "this is the request id of a payment; createSwishPayment wants"),
        ("action_unknown", "Action123", "action123", "it has another case"),
        ("action_unknown", "acton123", "action123", "one character is different"),
        ("action_unknown", "action1234", "action123", "one character is different"),
        ("invoice_unknown", "action123", None, "this is the action id of invoice"),
        ("invoice_unknown", "01001", "1001", "it has other zeros in front"),
        ("invoice_unknown", REQUEST_ID, None, "this is the request id of a payment; fetchInvoicePdf wants"),
        ("payment_unknown", "action123", None, "this is the action id of invoice"),
        ("payment_unknown", "1001", None, "this is the id of an invoice; getSwishPayment wants the requestid"),
        ("payment_unknown", REQUEST_ID.lower(), REQUEST_ID, "it has another case"),
        ("payment_unknown", f'"{REQUEST_ID}"', REQUEST_ID, "quotation marks"),
        ("payment_unknown", REQUEST_ID[:20], REQUEST_ID, "it was cut off"),
        ("payment_unknown", "{requestid}", None, "a placeholder was sent"),
        ("payment_unknown", "undefined", None, "a placeholder was sent"),
        ("payment_unknown", "F" * 32, None, "nothing in this world is like it; getSwishPayment wants the requestid"),
        ("payment_unknown", "", None, "nothing in this world is like it"),
    ],
)
def test_the_id_that_was_meant_is_found(code: str, sent: str, expected: str | None, sentence: str) -> None:
    found = find_near_id(code, sent, DATASET, (REQUEST_ID,))
    assert sentence in found.sentence
    if expected:
        assert found.expected == expected


@given(st.text("abc", max_size=6), st.text("abc", max_size=6))
def test_one_edit_is_what_one_edit_makes(one: str, other: str) -> None:
    edits = {one[:i] + one[i + 1 :] for i in range(len(one))}
    edits |= {one[:i] + letter + one[i:] for i in range(len(one) + 1) for letter in "abc"}
    edits |= {one[:i] + letter + one[i + 1 :] for i in range(len(one)) for letter in "abc"}
    edits |= {one[:i] + one[i + 1] + one[i] + one[i + 2 :] for i in range(len(one) - 1)}
    assert is_one_edit_away(one, other) == (other in edits - {one})


def test_an_id_is_compared_once_however_often_it_was_asked_for() -> None:
    landmarks = NearMissContext(OUTLINE, DATASET)
    first = find_near_misses(exchange("action_unknown", resource="1001"), landmarks)
    assert find_near_misses(exchange("action_unknown", resource="1001"), landmarks) is first


def test_a_wrong_method_is_shown_beside_those_of_the_path() -> None:
    found = near(exchange("method_not_allowed", method="PUT", operation=None))
    assert (found.part, found.sent, found.expected) == ("method", "PUT", "POST or GET")
    assert found.sentence == "on this path POST is createSwishPayment, GET is getSwishPayment"


@pytest.mark.parametrize(
    ("parameters", "sent", "sentence"),
    [
        ({"message": "Hej", "phoneNumber": "46***05"}, "phoneNumber", "'phoneNumber' was probably meant to be 'phone'"),
        ({"message": "Hej", "Phone": "46***05"}, "Phone", "'Phone' was probably meant to be 'phone'"),
        ({"message": "Hej"}, "nothing", "'phone' belongs into the query string"),
    ],
)
def test_a_missing_parameter_is_shown_beside_the_one_that_was_meant(
    parameters: dict[str, str], sent: str, sentence: str
) -> None:
    found = near(exchange("parameter_missing", parameters=parameters))
    assert (found.part, found.sent, found.expected, found.sentence) == ("parameter phone", sent, "phone", sentence)


def test_a_bad_parameter_is_shown_with_its_rule() -> None:
    parameters = {"message": "Hej", "phone": "1***2"}
    found = near(exchange("BE18", parameters=parameters, sentence="phone must be 8 to 15 digits"))
    assert (found.sent, found.sentence) == ("phone=1***2", "phone must be 8 to 15 digits")


def test_a_bad_key_is_shown_as_it_is_masked_with_the_hint_of_its_reason() -> None:
    found = near(exchange("key_unknown", sentence="this world has no such key; it is the key 'Sales' in another case"))
    assert (found.part, found.sent) == ("key", "A***3")
    assert found.sentence.endswith("in another case")


def test_what_a_key_may_not_do_is_shown_beside_the_keys_that_may() -> None:
    keys = (ApiKey("1", "Sales", frozenset()), ApiKey("2", "Full", frozenset({"createSwishPayment"})))
    landmarks = NearMissContext(OUTLINE, Dataset(keys))
    assert near(exchange("policy_denied"), landmarks).expected == "the key 'Full'"
    nobody = NearMissContext(OUTLINE, Dataset(keys[:1]))
    assert near(exchange("policy_denied"), nobody).expected == "a key that may do this; this world has none"


@pytest.mark.parametrize(("code", "unmatched"), [("ok", False), ("RP06", False), ("key_missing", True), ("RP02", True)])
def test_what_the_contract_let_through_is_not_unmatched(code: str, *, unmatched: bool) -> None:
    assert is_unmatched(exchange(code)) == unmatched


def test_a_refusal_that_was_asked_for_is_no_mistake() -> None:
    assert not is_unmatched(exchange("BE18", parameters={"message": "BE18"}))
