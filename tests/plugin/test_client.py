"""The client of the control plane, against a real server."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread, Timer
from time import monotonic

import pytest
import requests

from mock_server.client import (
    ControlError,
    MockClient,
    UnreachableError,
    WorldClient,
    at_least,
    at_most,
    between,
    ends,
    exactly,
    never,
    never_answers,
    pays,
    refuses,
    responds,
    waits,
)
from mock_server.client.keys import Keys
from mock_server.seeds.loader import default_seed
from mock_server.server import MockServer
from mock_server.settings import Settings

PHONE = "46701740605"
TIMEOUT = 10


@pytest.fixture
def world(mock: MockServer) -> Iterator[WorldClient]:
    with MockClient(mock.origin).new_world() as world:
        world.clock.freeze()
        yield world


def create(world: WorldClient, phone: str = PHONE, message: str = "Hej") -> requests.Response:
    return requests.post(
        f"{world.base_url}/payments/swish/action123",
        params={"phone": phone, "message": message},
        headers={"x-api-key": world.api_key},
        timeout=TIMEOUT,
    )


def look(world: WorldClient, requestid: str) -> requests.Response:
    url = f"{world.base_url}/payments/swish/{requestid}"
    return requests.get(url, headers={"x-api-key": world.api_key}, timeout=TIMEOUT)


def status_of(world: WorldClient) -> str:
    return str(look(world, world.payments.latest().requestid).json()["requeststatus"])


def test_a_world_is_there_for_the_block_and_no_longer(mock: MockServer) -> None:
    with WorldClient(mock.origin, "for a block") as world:
        assert world.base_url.endswith("/for%20a%20block/limepkg-billecta-integration")
        assert create(world).status_code == 201
        assert repr(world) == f"<world for a block at {mock.origin}>"
    assert create(world).status_code == 404
    with pytest.raises(ControlError, match="there is no world 'for a block'") as raised:
        world.payments.list()
    assert raised.value.status == 404


def test_a_world_that_is_gone_already_can_be_dropped(mock: MockServer) -> None:
    with WorldClient(mock.origin, "dropped-twice") as world:
        world.drop()


def test_a_world_taken_back_to_its_start_has_forgotten_everything(world: WorldClient) -> None:
    create(world)
    world.faults.add("EMPTY_RESPONSE")
    world.reset()
    assert (world.payments.list(), world.faults.list(), world.requests.count()) == ([], [], 0)
    assert world.clock.mode == "real"


def test_moving_the_clock_tells_what_fell_due(world: WorldClient) -> None:
    before = world.clock.now
    requestid = create(world).json()["requestid"]
    (event,) = world.clock.advance(4)
    assert (event.event, event.requestid, event.status, event.cause) == ("payment", requestid, "Paid", "time")
    assert event.at == world.clock.now == before + timedelta(seconds=4)
    assert world.clock.advance(timedelta(minutes=1)) == []


def test_the_clock_can_be_set_frozen_scaled_and_left_to_run_but_not_turned_back(world: WorldClient) -> None:
    later = datetime(2998, 12, 31, tzinfo=UTC)
    world.clock.set(later)
    assert (world.clock.now, world.clock.mode) == (later, "frozen")
    world.clock.scale(60)
    assert world.clock.mode == "scaled"
    world.clock.run()
    assert world.clock.mode == "real"
    world.clock.freeze(later + timedelta(days=1))
    assert world.clock.now == later + timedelta(days=1)
    with pytest.raises(ControlError) as raised:
        world.clock.set(later)
    assert raised.value.status == 409
    with pytest.raises(ValueError, match="has no time zone"):
        world.clock.set(datetime(2998, 12, 31))  # noqa: DTZ001 — what is refused


def test_payments_are_seen_and_decided(world: WorldClient) -> None:
    with pytest.raises(LookupError, match="no payment has been created in the world"):
        world.payments.latest()
    requestid = create(world).json()["requestid"]
    decided = world.payments.decide(requestid, "Declined")
    assert (decided.requestid, decided.phone, decided.status) == (requestid, PHONE, "Declined")
    assert [(move.status, move.cause) for move in decided.history] == [
        ("Created", "requested"),
        ("Declined", "decided"),
    ]
    assert world.payments.list() == [decided]
    with pytest.raises(ControlError, match="a payment that is Declined cannot become Paid"):
        world.payments.decide(requestid, "Paid")


def test_rules_give_payments_a_life(world: WorldClient) -> None:
    world.rules.add(pays(after_seconds=10), phone="46701740605")
    world.rules.add(ends("Declined", "RF07", after_seconds=20), phone="46701740606", name="declines")
    world.rules.add(never_answers(expire_after_seconds=30), phone="46701740607")
    for phone in ("46701740605", "46701740606", "46701740607"):
        create(world, phone)
    events = [(event.status, event.cause) for event in world.clock.advance(30)]
    assert events == [("Paid", "time"), ("Declined", "RF07"), ("Error", "TM01")]
    assert (world.rules.get("declines").seen, world.rules.get("declines").fired) == (1, 1)


def test_rules_refuse_respond_and_wait(world: WorldClient) -> None:
    world.rules.add(refuses("ACMT03", "not enrolled"), phone="46701740605", times=1)
    world.rules.add(responds(403), operation="getSwishPayment")
    world.rules.add(waits(0.01, refuses("RP06")), message={"prefix": "late"})
    world.clock.run()
    assert create(world).json() == {"error": "ACMT03", "message": "not enrolled"}
    assert create(world, message="later").json()["error"] == "RP06"
    assert create(world).status_code == 201
    assert look(world, world.payments.latest().requestid).status_code == 403
    world.rules.remove("rule-2")
    assert status_of(world) == "Created"
    world.rules.clear()
    assert world.rules.list() == []


def test_a_fault_has_its_details_its_matcher_and_its_limits(world: WorldClient) -> None:
    added = world.faults.add("STATUS", status=503, retry_after=7, operation="createSwishPayment", skip=1, times=1)
    assert added.match == {"operation": "createSwishPayment"}
    answers = [create(world, phone) for phone in ("46701740605", "46701740606", "46701740607")]
    assert [answer.status_code for answer in answers] == [201, 503, 201]
    assert answers[1].headers["retry-after"] == "7"
    assert (world.faults.get(added.name).seen, world.faults.get(added.name).fired) == (3, 1)


def test_a_delay_goes_by_the_clock_of_the_world(world: WorldClient) -> None:
    world.faults.add_delay(60, operation="createSwishPayment")
    Timer(0.2, world.clock.advance, [60]).start()
    assert create(world).status_code == 201


def test_a_bundle_and_defects_are_set_by_their_names(world: WorldClient) -> None:
    world.apply("everything-declined")
    assert [rule.name for rule in world.rules.list()] == ["declines"]
    world.defects.set("pdf-truncated", "head-needs-no-key")
    assert world.defects.list() == ["pdf-truncated", "head-needs-no-key"]
    world.defects.clear()
    assert world.defects.list() == []
    with pytest.raises(ControlError, match="pdf-trunc"):
        world.defects.set("pdf-trunc")


def test_settings_are_changed_one_by_one(world: WorldClient) -> None:
    assert world.settings.change(progression="manual")["progression"] == "manual"
    assert world.settings.read()["pay_after_seconds"] == 4


def test_the_journal_is_searched_counted_exported_and_emptied(world: WorldClient) -> None:
    create(world)
    create(world, "46701740606")
    look(world, "none")
    assert [each.status for each in world.requests.list()] == [201, 201, 404]
    assert [each.number for each in world.requests.list("createSwishPayment", phone="070-1740606")] == [2]
    assert [each.why for each in world.requests.list(status="4xx")] == ["payment_unknown"]
    assert [each.number for each in world.requests.latest(2)] == [2, 3]
    assert world.requests.count("createSwishPayment", status=201) == 2
    assert len(world.requests.export()["log"]["entries"]) == 3
    assert "payment_unknown" in world.requests.unmatched()[0]
    world.requests.clear()
    assert world.requests.list() == []


def test_a_request_that_a_client_makes_in_the_background_can_be_waited_for(world: WorldClient) -> None:
    Timer(0.2, create, [world]).start()
    assert world.requests.wait_for("createSwishPayment", seconds=10).status == 201
    with pytest.raises(AssertionError, match="waited 0 s for a request with operation createSwishPayment; none came"):
        world.requests.wait_for("createSwishPayment", seconds=0, after=1)


def test_half_a_second_is_waited_as_half_a_second(world: WorldClient) -> None:
    begun = monotonic()
    with pytest.raises(AssertionError, match=r"waited 0\.3 s for a request"):
        world.requests.wait_for("createSwishPayment", seconds=0.3)
    assert 0.3 <= monotonic() - begun < 0.9
    Timer(0.1, create, [world]).start()
    assert world.requests.wait_for("createSwishPayment", seconds=0.9).status == 201


def test_a_filter_that_there_is_not_is_refused_before_the_server_is_asked() -> None:
    nowhere = WorldClient("http://127.0.0.1:1", "x")
    for ask in (nowhere.requests.wait_for, nowhere.requests.list, nowhere.requests.count, partial(exactly, 1), never):
        with pytest.raises(TypeError, match="there is no option 'pone'; did you mean 'phone'"):
            ask("createSwishPayment", pone=PHONE)


def test_what_is_no_time_no_step_no_claim_and_no_key_is_said_in_a_sentence(world: WorldClient) -> None:
    with pytest.raises(TypeError, match="'yesterday' is no time; give a datetime with a time zone"):
        world.clock.set("yesterday")
    with pytest.raises(TypeError, match="'soon' is neither a number of seconds nor a timedelta"):
        world.clock.advance("soon")
    with pytest.raises(TypeError, match="'x' is no claim; make one by exactly"):
        world.requests.assert_any_order("x")
    with pytest.raises(
        LookupError, match=r"^the seed of this world has no key with the name 'Full acess'; did you mean"
    ):
        world.keys["Full acess"]
    assert "nope" not in world.keys
    assert world.keys.get("nope") is None


def test_a_world_that_exists_is_not_destroyed_unless_that_is_asked_for(mock: MockServer) -> None:
    with WorldClient(mock.origin, "team") as theirs:
        create(theirs)
        with (
            pytest.raises(ControlError, match=r"there is a world 'team' already; replace=True drops it"),
            WorldClient(mock.origin, "team"),
        ):
            pytest.fail("the block must not begin")
        assert len(theirs.payments.list()) == 1
        with WorldClient(mock.origin, "team", replace=True) as ours:
            assert ours.payments.list() == []


def test_a_certificate_authority_that_is_of_no_use_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"is for https, and http://127\.0\.0\.1:1 is not"):
        MockClient("http://127.0.0.1:1", ca_file=tmp_path / "ca.pem")
    with pytest.raises(ValueError, match="is no file that is there"):
        MockClient("https://127.0.0.1:1", ca_file=tmp_path / "ca.pem")


def test_a_report_shows_no_phone_number(world: WorldClient) -> None:
    create(world)
    assert PHONE not in world.describe()
    assert "phone 46***05" in world.describe()


def test_claims_that_hold_are_silent(world: WorldClient) -> None:
    create(world)
    look(world, "none")
    look(world, "none")
    world.requests.assert_sequence(exactly(1, "createSwishPayment", phone=PHONE), at_least(2, "getSwishPayment"))
    world.requests.assert_any_order(
        between(1, 2, status=404), at_most(1, status=201), never("fetchInvoicePdf"), nothing_else=True
    )
    world.requests.assert_any_order(exactly(2, status=404), nothing_else=True, after=1)


def test_a_claim_that_does_not_hold_names_it_what_came_close_and_all_that_came(world: WorldClient) -> None:
    create(world, "46701740606")
    with pytest.raises(AssertionError) as raised:
        world.requests.assert_any_order(exactly(1, "createSwishPayment", phone=PHONE), never(status=201))
    wanted, never_wanted, almost, head, seen = str(raised.value).splitlines()
    assert wanted.startswith("any_order, claim 1: wanted exactly 1 request with operation createSwishPayment")
    assert never_wanted == "any_order, claim 2: wanted no requests with status 201; 1 came (#1)"
    assert almost == "almost: #1, but phone is 46***06, not 46***05"
    assert head == f"what the world '{world.database}' saw:"
    assert seen.endswith("POST /payments/swish/action123?phone=46***06&message=Hej -> 201")
    with pytest.raises(AssertionError, match=r"sequence, claim 2: wanted at least 1 request"):
        world.requests.assert_sequence(exactly(1, status=201), at_least(1, status=404))


def test_what_a_client_does_wrong_can_fail_its_test(world: WorldClient) -> None:
    world.clock.run()
    world.requests.assert_no_findings()
    requestid = create(world).json()["requestid"]
    for _ in range(5):
        look(world, requestid)
    with pytest.raises(AssertionError, match=r"(?s)reads came less than .*\(#3, .*\n +do: ") as raised:
        world.requests.assert_no_findings()
    assert "GET /payments/swish/" in str(raised.value)


def test_a_client_that_is_not_ready_fails_with_what_is_left_but_for_what_is_excepted(world: WorldClient) -> None:
    create(world)
    world.requests.assert_ready(except_=["*"])
    with pytest.raises(AssertionError, match=r"(?s)^not ready: .*\nDeclined: not met yet\n.*\nCONTROL=http") as raised:
        world.requests.assert_ready(except_=["createSwishPayment *"])
    assert world.database in str(raised.value).splitlines()[-1]


def test_a_claim_that_cannot_be_made_is_refused(world: WorldClient) -> None:
    with pytest.raises(ControlError, match="body, at /any_order/0/exactly: must be at least 0"):
        world.requests.assert_any_order(exactly(-1))


def test_the_description_of_a_world_leaves_out_what_is_known(world: WorldClient) -> None:
    create(world)
    assert world.describe().startswith("#1 ")
    assert world.describe(known=f"before\n{world.requests.tell()}\nafter").startswith("payment ")


def test_the_keys_of_the_sample_are_those_that_ship() -> None:
    keys = Keys()
    assert dict(keys) == {key.name: key.value for key in default_seed().keys}
    assert (keys.full, keys.read_only, keys.no_access, keys.limited) == (
        "ABC123", "READ-ONLY-KEY", "NO-ACCESS-KEY", "SALES-KEY",
    )  # fmt: skip


def test_a_seed_without_such_a_key_is_said(mock: MockServer) -> None:
    seed = {"keys": [{"key": "K", "name": "Reader", "operations": ["getSwishPayment"]}], "invoices": []}
    with WorldClient(mock.origin, "seeded", seed=seed) as world:
        assert world.keys.read_only == "K"
        with pytest.raises(LookupError, match="no key that may do everything; its keys: Reader"):
            world.api_key  # noqa: B018 — what is refused


def test_a_seed_that_is_none_is_refused_with_its_place(mock: MockServer) -> None:
    with pytest.raises(ControlError, match="body, /keys/0") as raised:
        WorldClient(mock.origin, "seeded", seed={"keys": [{"key": ""}]}).create()
    assert raised.value.status == 400


@pytest.mark.parametrize("origin", ["127.0.0.1:8080", "ftp://127.0.0.1", "http://127.0.0.1/path", ""])
def test_what_is_no_address_of_a_server_is_refused(origin: str) -> None:
    with pytest.raises(ValueError, match="is not the address of a mock server"):
        MockClient(origin)


def test_a_mock_with_a_certificate_of_its_own_is_trusted_by_its_authority(tmp_path: Path) -> None:
    with MockServer(Settings(port=0, tls_self_signed=tmp_path)) as server:
        MockClient(server.origin, ca_file=server.ca_file).check()
        with pytest.raises(UnreachableError, match="CERTIFICATE_VERIFY_FAILED"):
            MockClient(server.origin).check()


def test_what_answers_but_is_no_mock_is_said(tmp_path: Path) -> None:
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        with pytest.raises(UnreachableError, match="is no mock server: it speaks no JSON"):
            MockClient(f"http://127.0.0.1:{server.server_port}").check()
        server.shutdown()


def test_a_server_that_is_not_there_or_is_no_mock_is_said(mock: MockServer) -> None:
    with pytest.raises(UnreachableError, match=r"no mock server answers at http://127.0.0.1:1"):
        MockClient("http://127.0.0.1:1").check()
    MockClient(f"{mock.origin}/").check()
