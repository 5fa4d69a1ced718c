"""The control API: worlds, settings, clocks, payments, journal."""

import time
from typing import Any

import pytest


def control(world: Any, method: str, path: str, **options: Any) -> Any:
    """A request to the control API, outside of this world."""
    return world.request(method, f"/__admin{path}", **options)


def complaint(response: Any, status: int) -> str:
    assert response.status_code == status, response.text
    assert set(response.json()) == {"error", "message"}
    return str(response.json()["message"])


def test_the_server_says_that_it_runs(world: Any) -> None:
    assert control(world, "GET", "/health").json()["status"] == "ok"


def test_the_world_of_the_page_s_examples_exists_from_the_start(world: Any) -> None:
    (only,) = control(world, "GET", "/worlds").json()["worlds"]
    assert (only["database"], only["keys"]) == ("database", 4)
    assert only["invoices"] >= 20


def test_a_new_world_gets_the_sample_data_or_a_seed(world: Any) -> None:
    sampled = control(world, "PUT", "/worlds/sampled")
    assert (sampled.status_code, sampled.json()["keys"]) == (201, 4)
    seeded = control(world, "PUT", "/worlds/seeded", json={"keys": [{"key": "K-1", "name": "One"}]})
    assert (seeded.status_code, seeded.json()["keys"], seeded.json()["invoices"]) == (201, 1, 0)


def test_a_world_can_have_a_space_in_its_name(world: Any) -> None:
    assert control(world, "PUT", "/worlds/Kund%20AB").json()["database"] == "Kund AB"
    world.database = "Kund%20AB"
    assert world.invoice().status_code == 200


def test_putting_a_world_again_replaces_it_with_all_that_was_in_it(world: Any) -> None:
    payment = world.created()
    assert world.control("PUT").status_code == 200
    assert world.status(payment).status_code == 404


def test_a_deleted_world_is_gone(world: Any) -> None:
    assert world.control("DELETE").status_code == 204
    assert world.invoice().status_code == 404
    assert world.control("GET").status_code == 404
    assert world.control("DELETE").status_code == 404


@pytest.mark.parametrize("name", ["docs", "__admin", "a%2Fb", "%00", "%FF", "x" * 65])
def test_a_name_that_no_world_can_have_is_refused(world: Any, name: str) -> None:
    assert "a world's name has" in complaint(control(world, "PUT", f"/worlds/{name}"), 400)


def test_a_bad_seed_is_refused_with_its_place_and_changes_nothing(world: Any) -> None:
    payment = world.created()
    seed = {"keys": [{"key": "K-1", "name": "One", "invoices": ["5"]}]}
    assert "/keys/0/invoices/0" in complaint(world.control("PUT", json=seed), 400)
    assert world.status(payment).status_code == 200


def test_reset_takes_a_world_back_to_its_start(world: Any) -> None:
    payment = world.created()
    world.set(masking="401", pay_after_seconds=9)
    world.advance(1000)
    assert world.control("POST", "/reset").status_code == 204
    assert world.status(payment).status_code == 404
    assert world.control("GET", "/settings").json() == {
        "masking": "404",
        "progression": "time",
        "pay_after_seconds": 4.0,
        "pay_after_polls": 2,
        "expire_after_seconds": 180.0,
        "one_live_request_per_phone": True,
        "magic_values": True,
        "prefer": True,
    }
    assert world.control("GET", "/clock").json()["mode"] == "real"
    assert [each["why"]["code"] for each in world.control("GET", "/requests").json()["requests"]] == ["payment_unknown"]


def test_settings_that_are_not_named_stay(world: Any) -> None:
    world.set(masking="mixed")
    world.set(progression="polls")
    settings = world.control("GET", "/settings").json()
    assert (settings["masking"], settings["progression"]) == ("mixed", "polls")


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"masking": "403"}, "body, at /masking: must be one of 404, 401, mixed"),
        ({"pay_after_seconds": -1}, "body, at /pay_after_seconds: must be at least 0"),
        ({"pay_after_polls": 1.5}, "body, at /pay_after_polls: must be a whole number"),
        ({"colour": "red"}, "the body has the unknown member 'colour'; there are masking, "),
        ({"maskin": "404"}, "the body has the unknown member 'maskin'; did you mean 'masking'?"),
        ([], "the body must be a JSON object"),
    ],
)
def test_a_bad_setting_is_refused_with_its_place(world: Any, body: Any, sentence: str) -> None:
    assert sentence in complaint(world.control("PATCH", "/settings", json=body), 400)


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"\xff", b"NaN", b'{"seconds": 1e999}', b'{"seconds": NaN}', b"[" * 100_000, b'"\\ud800"',
     b"[" * 300 + b"]" * 300,
     b'{"a":' * 300 + b"1" + b"}" * 300,
     b'{"seconds": ' + b"9" * 5000 + b"}", b" " * 2_000_000],
)  # fmt: skip
def test_a_body_that_is_not_sensible_json_is_a_400(world: Any, raw: bytes) -> None:
    assert complaint(world.control("POST", "/clock/advance", content=raw), 400)


def test_a_frozen_clock_stands_and_an_advanced_one_moves(world: Any) -> None:
    before = world.control("GET", "/clock").json()["now"]
    assert world.control("GET", "/clock").json() == {"now": before, "mode": "frozen", "rate": 0}
    world.advance(3600)
    assert world.control("GET", "/clock").json()["now"] > before


def test_a_clock_can_be_set_ahead_but_never_back(world: Any) -> None:
    ahead = world.control("PUT", "/clock", json={"now": "2999-01-01t00:00:00+01:00"})
    assert ahead.json() == {"now": "2998-12-31T23:00:00.000Z", "mode": "frozen", "rate": 0, "events": []}
    assert "cannot go back" in complaint(world.control("PUT", "/clock", json={"now": "2998-01-01T00:00:00Z"}), 409)
    assert "cannot go back" in complaint(world.control("POST", "/clock/advance", json={"seconds": -1}), 409)
    assert "goes up to" in complaint(world.control("POST", "/clock/advance", json={"seconds": 3.2e9}), 409)


def test_advancing_tells_what_fell_due_in_order(world: Any) -> None:
    declined = world.created(message="RF07")
    world.advance(2)
    refunded = world.created(phone="46701740615")
    events = world.control("POST", "/clock/advance", json={"seconds": 8}).json()["events"]
    assert [(each["requestid"], each["status"], each["cause"]) for each in events] == [
        (declined, "Declined", "RF07"),
        (refunded, "Paid", "time"),
        (refunded, "Refunded", "time"),
    ]
    assert [each["at"] for each in events] == sorted(each["at"] for each in events)
    assert world.control("POST", "/clock/advance", json={"seconds": 8}).json()["events"] == []


def test_a_scaled_clock_lets_an_hour_pass_in_no_time(world: Any) -> None:
    payment = world.created()
    scaled = world.control("PUT", "/clock", json={"mode": "scaled", "rate": 100_000})
    assert (scaled.json()["mode"], scaled.json()["rate"]) == ("scaled", 100_000)
    time.sleep(0.01)
    assert world.read(payment) == "Paid"


@pytest.mark.parametrize("body", [{"mode": "scaled"}, {"rate": 60}, {"mode": "frozen", "rate": 60}])
def test_a_rate_belongs_to_the_mode_scaled(world: Any, body: dict[str, Any]) -> None:
    assert "'rate' with the mode scaled" in complaint(world.control("PUT", "/clock", json=body), 400)


@pytest.mark.parametrize(
    "moment",
    ["yesterday", "2030-01-01", "2030-01-01T00:00:00", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59"],
)
def test_what_is_no_time_is_refused(world: Any, moment: str) -> None:
    assert world.control("PUT", "/clock", json={"now": moment}).status_code in (400, 409)


def test_payments_are_listed_newest_first_as_they_are_now(world: Any) -> None:
    first, second = world.created(), world.created(phone="46701740606", message="RF07")
    world.advance(4)
    listed = world.control("GET", "/payments").json()["payments"]
    assert [(each["requestid"], each["status"]) for each in listed] == [(second, "Declined"), (first, "Paid")]
    assert [move["cause"] for move in listed[0]["history"]] == ["requested", "RF07"]
    assert len(world.control("GET", "/payments?limit=1").json()["payments"]) == 1


@pytest.mark.parametrize("status", ["Paid", "Declined", "Cancelled", "Error"])
def test_a_payment_can_be_decided_by_hand_once(world: Any, status: str) -> None:
    payment = world.created()
    decided = world.control("POST", f"/payments/{payment}/decide", json={"status": status})
    assert decided.json()["status"] == status
    assert world.read(payment) == status
    again = world.control("POST", f"/payments/{payment}/decide", json={"status": "Declined"})
    assert "cannot become Declined" in complaint(again, 409)


def test_a_paid_payment_can_be_refunded_by_hand(world: Any) -> None:
    payment = world.created()
    world.advance(4)
    assert world.control("POST", f"/payments/{payment}/decide", json={"status": "Refunded"}).status_code == 200
    assert world.read(payment) == "Refunded"


def test_a_payment_that_is_not_there_cannot_be_decided(world: Any) -> None:
    complaint(world.control("POST", "/payments/nope/decide", json={"status": "Paid"}), 404)


def test_the_journal_has_the_true_reason_under_a_masked_answer(world: Any) -> None:
    world.invoice("987654321")
    world.invoice("123", "SALES-KEY")
    world.invoice("1001", "nope")
    world.invoice("1001", None)
    world.send("GET", "/nowhere")
    exchanges = world.control("GET", "/requests").json()["requests"]
    assert [each["why"]["code"] for each in reversed(exchanges)] == [
        "invoice_unknown",
        "invoice_hidden",
        "key_unknown",
        "key_missing",
        "route_unknown",
    ]
    assert {each["status"] for each in exchanges} == {404}
    assert all(each["why"]["sentence"] for each in exchanges)


def test_the_journal_masks_keys_and_phone_numbers(world: Any) -> None:
    world.create(phone="46701740605")
    world.send("GET", "/payments/swish/x?x-api-key=ABC123&phone=46701740605", key="SECRET-KEY-OF-SOMEONE")
    text = world.control("GET", "/requests").text
    world.send("GET", "/payments/swish/x?phone%3D46701740605=1", key=None)
    text += world.control("GET", "/requests").text
    for secret in ("46701740605", "ABC123", "SECRET-KEY-OF-SOMEONE"):
        assert secret not in text
    keys = [each["key"] for each in world.control("GET", "/requests").json()["requests"]]
    assert keys == [None, "SE***NE", "A***3"]


def test_an_exchange_tells_operation_status_time_and_key(world: Any) -> None:
    world.create(message="Hyra för maj")
    exchange = world.last_exchange()
    assert (exchange["operation"], exchange["status"]) == ("createSwishPayment", 201)
    assert exchange["key_name"] == "Full access"
    assert exchange["parameters"] == {"phone": "46***05", "message": "Hyra för maj"}
    assert exchange["milliseconds"] > 0


def test_the_journal_can_be_filtered_and_emptied(world: Any) -> None:
    payment = world.created()
    world.status(payment)
    world.status("nope")

    def found(query: str) -> int:
        return len(world.control("GET", f"/requests?{query}").json()["requests"])

    queries = ("operation=getSwishPayment", "status=404", "method=POST", "why=payment_unknown")
    assert [found(query) for query in queries] == [2, 1, 1, 1]
    assert found("operation=getSwishPayment&status=200&limit=5") == 1
    assert world.control("DELETE", "/requests").status_code == 204
    assert found("limit=1") == 0


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=1001",
        "why=a&why=b",
        "method=get",
        "operation=foo",
        "limit=x",
        "limit=1&limit=2",
        "status=99",
        "status=%C2%B2",
    ],
)
def test_a_bad_filter_is_named(world: Any, query: str) -> None:
    assert query.partition("=")[0] in complaint(world.control("GET", f"/requests?{query}"), 400)


def test_the_journal_keeps_so_many_exchanges_and_no_more(start: Any) -> None:
    world = start(journal_size=3)
    for invoice_id in "abcde":
        world.invoice(invoice_id)
    assert [each["number"] for each in world.control("GET", "/requests").json()["requests"]] == [5, 4, 3]


def test_a_world_keeps_so_many_payments_and_drops_the_oldest(start: Any) -> None:
    world = start(payments_size=2)
    first, second, third = [world.created(phone=f"4670174062{digit}") for digit in range(3)]
    assert [world.status(each).status_code for each in (first, second, third)] == [404, 200, 200]
    assert world.create(phone="46701740620").status_code == 201


def test_there_can_be_so_many_worlds_and_no_more(start: Any) -> None:
    world = start(max_worlds=2)
    assert control(world, "PUT", "/worlds/second").status_code == 201
    assert "--max-worlds" in complaint(control(world, "PUT", "/worlds/third"), 507)
    assert control(world, "PUT", "/worlds/second").status_code == 200


def test_what_the_control_api_does_is_in_no_journal(world: Any) -> None:
    world.control("GET", "/settings")
    assert world.control("GET", "/requests").json() == {"requests": [], "last": 0, "dropped": 0}


def test_unknown_worlds_paths_and_methods_are_said(world: Any) -> None:
    assert "there is no world 'nowhere'; PUT makes one" in complaint(control(world, "GET", "/worlds/nowhere"), 404)
    assert "did you mean 'database'?" in complaint(control(world, "GET", "/worlds/databse/requests"), 404)
    assert "has no such path" in complaint(control(world, "GET", "/nothing"), 404)
    wrong = control(world, "POST", "/worlds")
    assert wrong.headers["allow"] == "GET, HEAD"
    complaint(wrong, 405)


def test_what_the_documentation_pages_do_not_have_is_said_as_every_error_is(world: Any) -> None:
    complaint(world.request("GET", "/docs/nothing"), 404)
    complaint(world.request("GET", "/docs/assets/../../secret"), 404)
    complaint(world.request("POST", "/docs"), 405)


@pytest.mark.parametrize(("path", "query"), [("/requests", "stauts=404"), ("/payments", "bogus=1"), ("", "x=1")])
def test_a_query_parameter_that_does_not_exist_is_not_passed_over(world: Any, path: str, query: str) -> None:
    sentence = complaint(world.control("GET", f"{path}?{query}"), 400)
    assert sentence.startswith(f"'{query.partition('=')[0]}' is no query parameter here")


@pytest.mark.parametrize(
    ("path", "end"),
    [("/fetch-invoice-pdf/1001", "with a slash at its end"), ("/payments/swish/x/", "without the slash at its end")],
)
def test_the_journal_tells_which_path_was_probably_meant(world: Any, path: str, end: str) -> None:
    world.send("GET", path)
    assert world.last_exchange()["why"]["sentence"].endswith(f"it has this one {end}")


def test_the_root_leads_to_the_documentation(world: Any) -> None:
    root = world.request("GET", "/")
    assert (root.status_code, root.headers["location"]) == (307, "/docs")


def test_the_documentation_pages_need_nothing_from_elsewhere(world: Any) -> None:
    for root, operation in (("/docs", "fetchInvoicePdf"), ("/docs/__admin", "advanceClock")):
        page = world.request("GET", root)
        assert page.status_code == 200
        assert "://" not in page.text
        assert operation in world.request("GET", f"{root}/openapi.json").text
        for asset in ("swagger-ui.css", "swagger-ui-bundle.js"):
            assert world.request("GET", f"{root}/assets/{asset}").status_code == 200


@pytest.mark.parametrize(
    ("body", "advice"),
    [
        ({"rate": 60}, "and only then; add 'mode': 'scaled'"),
        ({"mode": "scaled"}, "such as 60: then a minute takes a second"),
        ({"mode": "frozen", "rate": 60}, "and only then; leave it out with the mode frozen"),
    ],
)
def test_a_rate_without_its_mode_is_refused_with_what_to_add(world: Any, body: dict[str, Any], advice: str) -> None:
    response = world.control("PUT", "/clock", json=body)
    assert response.status_code == 400
    assert response.json()["message"].endswith(advice)


def test_settings_under_which_nobody_could_pay_are_refused(world: Any) -> None:
    for change in ({"pay_after_seconds": 180}, {"expire_after_seconds": 4}):
        response = world.control("PATCH", "/settings", json=change)
        assert response.status_code == 400
        assert "set 'pay_after_seconds' below 'expire_after_seconds'" in response.json()["message"]
    assert world.control("GET", "/settings").json()["pay_after_seconds"] == 4
    world.set(pay_after_seconds=300, expire_after_seconds=600)
    world.set(progression="manual", expire_after_seconds=2)
    assert world.control("PATCH", "/settings", json={"progression": "time"}).status_code == 400
    world.set(masking="401")
