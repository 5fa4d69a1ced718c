"""The journal as a HAR file."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs

SCHEMA = json.loads(Path(__file__).with_name("har-1.2.schema.json").read_text(encoding="utf-8"))


def export(world: Any, query: str = "") -> Any:
    response = world.control("GET", f"/requests/har{query}")
    assert response.status_code == 200, response.text
    document = response.json()
    assert [error.message for error in jsonschema_rs.Draft7Validator(SCHEMA).iter_errors(document)] == []
    return document["log"]


def test_the_schema_refuses_what_is_no_har() -> None:
    assert not jsonschema_rs.Draft7Validator(SCHEMA).is_valid({"log": {"version": "1.2", "entries": []}})


def test_an_empty_journal_is_a_har_with_nothing_in_it(world: Any) -> None:
    log = export(world)
    assert (log["version"], log["creator"]["name"], log["entries"]) == ("1.2", "billecta-mock", [])


def test_entries_tell_request_answer_and_reason_with_no_secret(world: Any) -> None:
    world.create(message="Hyra för maj")
    world.invoice()
    world.invoice("1001", None)
    world.send("GET", "/n%C3%A4r?x-api-key=ABC123&phone=46701740605")
    log = export(world)
    created, fetched, keyless, lost = log["entries"]
    assert [created["request"]["method"], created["response"]["status"]] == ["POST", 201]
    assert created["request"]["url"].endswith(
        "/payments/swish/action123?phone=46%2A%2A%2A05&message=Hyra%20f%C3%B6r%20maj"
    )
    assert created["request"]["headers"] == [{"name": "x-api-key", "value": "A***3"}]
    assert fetched["response"]["content"]["mimeType"] == "application/pdf"
    assert fetched["response"]["content"]["size"] > 1000
    assert "text" not in fetched["response"]["content"]
    assert keyless["_why"]["code"] == "key_missing"
    assert keyless["comment"].startswith("key_missing: ")
    assert (lost["_operation"], lost["_marks"], lost["_number"]) == (None, [], 4)
    for secret in ("ABC123", "46701740605"):
        assert secret not in json.dumps(log)


def test_a_search_can_be_exported(world: Any) -> None:
    for invoice_id in ("1001", "nope", "1002"):
        world.invoice(invoice_id)
    assert [each["_number"] for each in export(world, "?status=200")["entries"]] == [1, 3]
    assert [each["_number"] for each in export(world, "?after=1&limit=1")["entries"]] == [2]
