"""The list of a world's rules: shown, put, taken away by name, and set by a bundle."""

from collections.abc import Callable

import pytest
from tests.mock.conftest import World
from tests.mock.rules import ORDINARY, add, declines, ends, refuses


def test_rules_are_listed_in_the_form_in_which_they_can_be_put_again(world: World) -> None:
    add(world, declines(match={"phone": ORDINARY, "message": {"pattern": "a+"}}, probability=0.5))
    add(world, {"then": {"delay": {"type": "lognormal", "median": 1, "sigma": 0.5, "max": 3}}})
    listed = world.control("GET", "/rules").json()["rules"]
    again = [{name: value for name, value in rule.items() if name not in ("seen", "fired")} for rule in listed]
    assert world.control("PUT", "/rules", json=again).json()["rules"] == listed


def test_a_rule_that_is_put_again_begins_to_count_anew(world: World) -> None:
    for status in (201, 200):
        assert world.control("PUT", "/rules/once", json=refuses(times=1)).status_code == status
        assert [world.create(phone=ORDINARY).status_code for _ in range(2)] == [400, 201]
        world.advance(200)


def test_a_rule_is_shown_and_taken_away_by_its_name(world: World) -> None:
    add(world, refuses(name="mine"))
    assert world.control("GET", "/rules/mine").json()["then"]["refuse"]["code"] == "ACMT03"
    assert world.control("DELETE", "/rules/mine").status_code == 204
    assert world.control("DELETE", "/rules/mine").status_code == 404
    assert world.create().status_code == 201


def test_a_name_is_given_once(world: World) -> None:
    add(world, refuses(name="mine"))
    assert world.control("POST", "/rules", json=refuses(name="mine")).status_code == 409


def test_a_world_has_so_many_rules_and_no_more(start: Callable[..., World]) -> None:
    world = start(max_rules=2)
    add(world, refuses())
    add(world, refuses())
    response = world.control("POST", "/rules", json=refuses())
    assert (response.status_code, "--max-rules" in response.json()["message"]) == (507, True)
    assert len(world.control("GET", "/rules").json()["rules"]) == 2


def test_a_reset_leaves_no_rule(world: World) -> None:
    add(world, refuses())
    world.control("PUT", "/bundles/flaky-network")
    world.control("POST", "/reset")
    assert world.control("GET", "/rules").json()["rules"] == []
    assert world.control("GET", "/faults").json()["faults"] == []


@pytest.mark.parametrize("bundle", ["happy", "bank-down", "slow-payers", "everything-declined", "flaky-network"])
def test_a_bundle_is_set_in_one_call_and_shows_what_it_sets(world: World, bundle: str) -> None:
    add(world, refuses(name="old"))
    shown = world.control("PUT", f"/bundles/{bundle}").json()
    for kind in ("rules", "faults"):
        assert [rule["name"] for rule in world.control("GET", f"/{kind}").json()[kind]] == [
            rule["name"] for rule in shown[kind]
        ]


def test_the_bundles_do_what_their_names_say(world: World) -> None:
    ended = {}
    for bundle in ("happy", "bank-down", "slow-payers", "everything-declined"):
        world.control("PUT", f"/bundles/{bundle}")
        world.control("DELETE", "/faults")
        ended[bundle] = ends(world)
    assert ended == {
        "happy": "Paid", "bank-down": "Error", "slow-payers": "Paid", "everything-declined": "Declined"
    }  # fmt: skip


def test_a_bundle_that_there_is_not_is_404(world: World) -> None:
    response = world.control("PUT", "/bundles/flaky")
    assert (response.status_code, "flaky-network" in response.json()["message"]) == (404, True)
