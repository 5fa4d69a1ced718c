"""The client of a world, against a real server: its clock, its payments, its rules, its faults and its keys."""

from datetime import UTC, datetime, timedelta
from threading import Timer

import pytest

from billecta_mock.client import ControlError, WorldClient, ends, never_answers, pays, refuses, responds, waits
from billecta_mock.client.keys import Keys
from billecta_mock.server.runner import MockServer
from billecta_mock.store.seed import default_seed

from .conftest import PHONE, create, look


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
