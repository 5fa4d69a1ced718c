"""The worlds of a server: made from the sample or a seed, replaced, taken back to their start, and set."""

from typing import Any

import pytest
from tests.mock.conftest import complaint, control


def test_the_world_of_the_page_s_examples_exists_from_the_start(start: Any) -> None:
    (only,) = control(start(), "GET", "/worlds").json()["worlds"]
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


def test_there_can_be_so_many_worlds_and_no_more(start: Any) -> None:
    world = start(max_worlds=2)
    assert control(world, "PUT", "/worlds/second").status_code == 201
    assert "--max-worlds" in complaint(control(world, "PUT", "/worlds/third"), 507)
    assert control(world, "PUT", "/worlds/second").status_code == 200


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
