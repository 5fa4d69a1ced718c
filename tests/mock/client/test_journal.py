"""What the client reads of a world's journal, and the claims that it makes about it, against a real server."""

from functools import partial
from threading import Timer
from time import monotonic

import pytest

from billecta_mock.client import ControlError, WorldClient, at_least, at_most, between, exactly, never

from .conftest import PHONE, create, look


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
