"""Readiness, assessed for simulated clients, good and bad, on the real application."""

import json
from typing import Any

import pytest

AFTER_ERROR = "do not create again after an error of the server"
AFTER_LOSS = "do not create again after a lost answer"
AFTER_400 = "do not create again after a 400 unchanged"
GROUPS = ("keys, paths and ids", "reading of payments", "after trouble")


def readiness(world: Any, **query: str) -> dict[str, Any]:
    response = world.control("GET", "/readiness", params=query)
    assert response.status_code == 200, response.text
    document: dict[str, Any] = response.json()
    return document


def items(world: Any, **query: str) -> dict[str, dict[str, Any]]:
    return {item["name"]: item for item in readiness(world, **query)["items"]}


def findings(world: Any, **query: str) -> dict[str, list[int]]:
    return {name: item["seen"] for name, item in items(world, **query).items() if item["state"] == "finding"}


class GoodClient:
    """Does as Swish and HTTP advise."""

    def __init__(self, world: Any, key: str = "ABC123") -> None:
        self._world = world
        self._key = key

    def pay(self, **options: str) -> str:
        """Create once, look after 10 s, then back off; stop at the end, or after 3 minutes."""
        created = self._world.create(key=self._key, **options)
        if created.status_code != 201:
            return "refused"
        status = "Created"
        for pause in (10, 10, 20, 40, 80, 25):
            self._world.advance(pause)
            status = self._world.status(created.json()["requestid"], self._key).json()["requeststatus"]
            if status not in ("Created", "Unknown"):
                break
        return status


def test_nothing_is_met_at_first_and_every_line_says_how(world: Any) -> None:
    document = readiness(world)
    assert (document["exchanges"], document["met"], document["finding"]) == (0, 0, 0)
    assert document["not_met"] == len(document["items"]) > 40
    assert all(item["advice"] for item in document["items"])


def test_a_good_client_gets_no_finding(world: Any) -> None:
    client = GoodClient(world)
    assert client.pay() == "Paid"
    assert client.pay(phone="46701740611") == "Declined"
    assert client.pay(phone="46701740613") == "Error"
    assert client.pay(phone="12") == "refused"
    world.invoice("nope")
    world.invoice()
    assert findings(world) == {}
    met = [name for name, item in items(world).items() if item["state"] == "met"]
    for name in ("pauses between reads", "stop at the end", "give up in time", "read what was created",
                 AFTER_400, "believe a 404", "Paid", "Declined", "Error", "createSwishPayment 201",
                 "fetchInvoicePdf 404"):  # fmt: skip
        assert name in met


@pytest.mark.parametrize("seconds", [0.1, 1.9])
def test_polling_too_fast_is_found(world: Any, seconds: float) -> None:
    payment = world.created()
    for _ in range(2):
        world.advance(seconds)
        world.status(payment)
    item = items(world)["pauses between reads"]
    assert (item["state"], item["seen"]) == ("finding", [3])
    assert f"the fastest after {seconds} s" in item["sentence"]
    assert item["meaning"]
    assert item["advice"]


def test_a_clock_that_stands_still_tells_nothing_of_pauses(world: Any) -> None:
    payment = world.created()
    for _ in range(5):
        world.status(payment)
    assert items(world)["pauses between reads"]["state"] == "not_met"


def test_going_on_after_the_end_is_found(world: Any) -> None:
    payment = world.created()
    for _ in range(4):
        world.advance(10)
        world.status(payment)
    assert findings(world) == {"stop at the end": [3, 4, 5]}


def test_one_more_look_after_the_end_is_none(world: Any) -> None:
    payment = world.created()
    for _ in range(2):
        world.advance(10)
        world.status(payment)
    assert findings(world) == {}


def test_polling_without_an_end_is_found(world: Any) -> None:
    payment = world.created(phone="46701740614")
    for _ in range(6):
        world.advance(60)
        world.status(payment)
    assert findings(world) == {"give up in time": [5, 6, 7]}


def test_a_payment_that_nobody_reads_is_found(world: Any) -> None:
    world.created()
    world.advance(181)
    world.invoice()
    assert findings(world) == {"read what was created": [1]}


def test_creating_again_after_an_error_is_found(world: Any) -> None:
    world.control(
        "POST", "/faults", json={"times": 1, "then": {"fault": {"type": "STATUS", "status": 502, "handled": True}}}
    )
    world.create()
    assert items(world)[AFTER_ERROR]["sentence"] == "not tried enough: nothing was asked after it"
    world.invoice()
    assert items(world)[AFTER_ERROR]["state"] == "met"
    world.create(message="another text")
    assert findings(world) == {AFTER_ERROR: [3]}
    assert findings(world, key="Full access") == {AFTER_ERROR: [3]}
    assert findings(world, key="Sales, sees its own invoices") == {}


def test_repeating_what_was_refused_is_found_but_not_what_goes_away(world: Any) -> None:
    world.create()
    world.create()
    world.create(phone="46701740606", message="BE18")
    assert findings(world) == {}
    world.create(phone="46701740606", message="BE18")
    assert findings(world) == {AFTER_400: [4]}


def test_ignoring_retry_after_is_found(world: Any) -> None:
    busy = {"times": 1, "then": {"fault": {"type": "STATUS", "status": 503, "retry_after": 30}}}
    for seconds in (31, 5):
        world.control("POST", "/faults", json=busy)
        world.invoice()
        world.advance(seconds)
        world.invoice()
    assert findings(world) == {"wait as Retry-After asks": [4]}


def test_keys_and_paths_that_go_astray_are_found(world: Any) -> None:
    world.send("GET", "/fetch-invoice-pdf/1001/?x-api-key=ABC123", None)
    world.invoice("1001", "nope")
    world.invoice("1001", "nope")
    world.send("GET", "/fetch-invoice-pdf/1001")
    for _ in range(3):
        world.status("undefined")
    assert findings(world) == {
        "the key in its header": [1],
        "stop when the key is refused": [1, 2, 3],
        "paths and methods of the contract": [4],
        "believe a 404": [5, 6, 7],
    }


def test_clients_are_told_apart_by_the_name_of_their_key(world: Any) -> None:
    payment = world.created()
    for _ in range(2):
        world.advance(1)
        world.status(payment)
    world.advance(10)
    GoodClient(world, "SALES-KEY").pay(phone="46701740606", action="action1001")
    assert "pauses between reads" in findings(world, key="Full access") == findings(world, key="ABC123")
    assert findings(world, key="Sales, sees its own invoices") == {}


def test_every_call_that_is_advised_is_one_that_the_control_plane_takes(world: Any) -> None:
    advised = [item for item in readiness(world)["items"] if "-d '" in item["advice"]]
    assert len(advised) > 20
    for item in advised:
        method, path = item["advice"].split("curl -X ")[1].split(" $CONTROL")
        path, body = path.split(" -d '")
        response = world.control(method, path, json=json.loads(body.split("'")[0]))
        assert response.status_code in (200, 201), (item["advice"], response.text)


def test_what_is_advised_for_a_response_brings_it_about(world: Any) -> None:
    for name in ("fetchInvoicePdf 403", "createSwishPayment 400", "getSwishPayment 401"):
        advice = items(world)[name]["advice"]
        world.control("POST", "/rules", json=json.loads(advice.split("'")[1]))
    payment = world.created(phone="46701740608") if world.create().status_code == 400 else ""
    world.status(payment)
    world.invoice()
    for name in ("fetchInvoicePdf 403", "createSwishPayment 400", "getSwishPayment 401"):
        assert items(world)[name]["state"] == "met", name


@pytest.mark.parametrize("status", ["Paid", "Declined", "Cancelled", "Error", "Refunded", "Unknown"])
def test_what_is_advised_for_an_outcome_brings_it_about(world: Any, status: str) -> None:
    advice = items(world)[status]["advice"]
    world.control("POST", "/rules", json=json.loads(advice.split("'")[1]))
    payment = world.created()
    for _ in range(2):
        world.advance(10)
        world.status(payment)
    assert items(world)[status]["state"] == "met"


def test_the_page_of_text_is_a_checklist(world: Any) -> None:
    payment = world.created()
    for _ in range(2):
        world.advance(1)
        world.status(payment)
    text = world.control("GET", "/readiness", headers={"accept": "text/plain"}).text
    lines = text.splitlines()
    assert lines[0].startswith("not ready: 1 finding, ")
    assert lines[1].startswith(f"Readiness of all clients in the world '{world.database}', ")
    assert lines[2].endswith(" met; from 3 exchanges of the journal")
    assert "  [x] createSwishPayment 201: met once (#1)" in lines
    assert "  [ ] Declined: not met yet" in lines
    (finding,) = [line for line in lines if "[!]" in line]
    assert finding == (
        "  [!] pauses between reads: 1 read came less than 2 s after the one before, the fastest after 1 s (#3)"
    )
    assert [line for line in lines if line and line[0] != " "][4:7] == [group.capitalize() for group in GROUPS]


def fail_a_create(world: Any, **fault: Any) -> None:
    then = {"fault": {"type": "STATUS", "status": 503, **fault}}
    match = {"operation": "createSwishPayment"}
    assert world.control("POST", "/faults", json={"times": 1, "match": match, "then": then}).status_code == 201


def test_who_creates_again_when_the_payers_time_is_up_does_no_wrong(world: Any) -> None:
    world.set(expire_after_seconds=40)
    fail_a_create(world, handled=True)
    world.create()
    world.advance(39)
    world.create()
    assert findings(world) == {AFTER_ERROR: [2]}
    world.control("POST", "/reset")
    world.set(expire_after_seconds=40)
    fail_a_create(world, handled=True)
    world.create()
    world.advance(40)
    world.create()
    assert items(world)[AFTER_ERROR]["state"] == "met"


def test_creating_again_what_a_fault_kept_from_being_done_is_no_finding_and_proves_nothing(world: Any) -> None:
    fail_a_create(world)
    world.create()
    world.create()
    item = items(world)[AFTER_ERROR]
    assert (item["state"], item["seen"], findings(world)) == ("not_met", [1], {})
    assert item["sentence"].startswith("not tried enough: the create had not been done")


def test_a_refused_create_is_judged_only_where_it_is_repeated_at_once_and_refused_again(world: Any) -> None:
    world.create(message="ACMT03")
    world.advance(61)
    world.create(message="ACMT03")
    world.control("POST", "/rules", json={"name": "once", "times": 1, "then": {"refuse": {"code": "BE18"}}})
    world.create(message="Hej")
    assert world.create(message="Hej").status_code == 201
    assert items(world)[AFTER_400]["state"] == "met"
    world.advance(61)
    world.create(message="ACMT03")
    world.create(message="ACMT03")
    assert findings(world) == {AFTER_400: [6]}


def test_one_refused_request_does_not_show_that_a_client_stops(world: Any) -> None:
    world.invoice("1001", "nope")
    item = items(world)["stop when the key is refused"]
    assert (item["state"], item["seen"]) == ("not_met", [1])
    assert item["sentence"] == "not tried enough: 1 request without a valid key, and nothing after it"
    world.invoice()
    assert items(world)["stop when the key is refused"]["state"] == "met"


@pytest.mark.parametrize("host", ["127.0.0.1:9443", "localhost", "[::1]:8080"])
def test_control_is_the_address_under_which_the_world_was_asked(world: Any, host: str) -> None:
    other = world.other("my world")
    control = f"http://{host}/__admin/worlds/my%20world"
    assert other.control("GET", "/readiness", headers={"host": host}).json()["control"] == control
    text = other.control("GET", "/readiness?format=text", headers={"host": host}).text
    assert f"\nCONTROL={control}\n" in text


def test_the_verdict_comes_first(world: Any) -> None:
    document = readiness(world)
    assert document["ready"] is False
    assert document["verdict"] == f"not ready: 0 findings, {document['not_met']} not met"


def test_what_the_journal_no_longer_holds_is_said(start: Any) -> None:
    world = start(journal_size=1)
    world.invoice()
    world.invoice()
    assert readiness(world)["dropped"] == 1
    text = world.control("GET", "/readiness?format=text").text
    assert "The journal no longer holds 1 older exchange:" in text
