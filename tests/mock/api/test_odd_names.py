"""Names and ids that are no text, or no names: each is a clear answer, and leaves everything readable."""

from typing import Any

import pytest
from tests.mock.conftest import World

NOTHING = {"then": {"delay": {"type": "fixed", "seconds": 0}}}
ODD = ["%FF", "x%0A2026-01-01T00:00:00Z%20ERROR%20forged", "a%2Fb", "%20", "x" * 65, "%1b%5B31m"]


def everything_can_be_read(world: World) -> None:
    for path in ("/requests", "/requests/unmatched", "/requests/har", "/rules", "/faults", "/payments", "/readiness"):
        assert world.control("GET", path).status_code == 200, path


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("kind", ["rules", "faults"])
def test_a_rule_has_a_name_that_is_one(world: World, kind: str, name: str) -> None:
    response = world.control("PUT", f"/{kind}/{name}", json=NOTHING)
    assert (response.status_code, "1 to 64 of the characters" in response.json()["message"]) == (400, True)
    assert world.control("GET", f"/{kind}/{name}").status_code == 404
    assert world.control("GET", f"/{kind}").json()[kind] == []


@pytest.mark.parametrize("name", ODD)
def test_whatever_is_named_that_there_is_not_is_404(world: World, name: str) -> None:
    assert world.request("GET", f"/__admin/worlds/{name}").status_code == 404
    assert world.request("DELETE", f"/__admin/worlds/{name}").status_code == 404
    assert world.control("PUT", f"/bundles/{name}").status_code == 404
    decided = world.control("POST", f"/payments/{name}/decide", json={"status": "Paid"})
    assert decided.status_code == 404


@pytest.mark.parametrize("prefer", [{}, {"prefer": "status=Paid"}], ids=["plain", "preferred"])
def test_an_id_that_is_no_text_leaves_the_journal_readable(world: World, prefer: dict[str, str]) -> None:
    for path in ("/payments/swish/%FF", "/fetch-invoice-pdf/%C3%28/"):
        assert world.send("GET", path, headers=prefer).status_code in (200, 400, 404)
    everything_can_be_read(world)


@pytest.mark.parametrize("stray", ["ABC123", "46701740605", "0701740605", "%2B46701740605"])
def test_a_key_or_a_phone_number_that_strayed_into_a_path_is_masked(world: World, stray: str) -> None:
    for path in (f"/fetch-invoice-pdf/{stray}/", f"/payments/swish/{stray}/", f"/payments/swish/{stray}"):
        world.send("GET", path)
    for path in ("/requests", "/requests/unmatched", "/requests/har"):
        assert stray not in world.control("GET", path).text, path


def test_too_many_rules_are_refused_before_they_are_read(world: World) -> None:
    rules: list[dict[str, Any]] = [NOTHING] * 5000
    response = world.control("PUT", "/rules", json=rules)
    assert (response.status_code, "--max-rules" in response.json()["message"]) == (507, True)


def test_what_is_listed_can_be_put_again(world: World) -> None:
    world.control("PUT", "/faults/outage", json={**NOTHING, "start_after_seconds": 60, "for_seconds": 60})
    listed = world.control("GET", "/faults/outage").json()
    assert world.control("PUT", "/faults/outage", json=listed).json() == listed
    assert world.control("PUT", "/faults", json=[listed]).json()["faults"] == [listed]


def test_a_rule_put_again_under_its_name_has_the_same_chance(world: World) -> None:
    seeds = {world.control("PUT", "/rules/dice", json={**NOTHING, "probability": 0.5}).json()["seed"] for _ in range(3)}
    assert len(seeds) == 1


def test_a_rule_may_have_the_name_of_a_shipped_one(world: World) -> None:
    rule = {"match": {"message": "RF07"}, "times": 1, "then": {"refuse": {"code": "ACMT03"}}}
    assert world.control("PUT", "/rules/message-RF07", json=rule).status_code == 201
    phones = ["46701740620", "46701740621", "46701740622"]
    assert [world.create(phone=phone, message="RF07").status_code for phone in phones] == [400, 201, 201]
    assert world.control("GET", "/rules/message-RF07").json()["fired"] == 1


def test_a_quota_of_a_rule_begins_anew_when_it_is_put_again(world: World) -> None:
    quota = {"then": {"fault": {"type": "STATUS", "quota": {"requests": 2, "seconds": 600}}}}
    for kind in ("rules", "rules", "faults"):
        world.control("PUT", f"/{kind}/q", json=quota)
        assert [world.invoice().status_code for _ in range(3)] == [200, 200, 429]
        world.control("DELETE", "/rules")
        world.control("PUT", "/rules/q", json=quota)
        world.control("DELETE", "/rules")


def test_why_says_that_a_rules_fault_kept_a_request_from_being_done(world: World) -> None:
    world.control("PUT", "/rules/f", json={"then": {"fault": {"type": "STATUS", "status": 503}}})
    assert world.create().status_code == 503
    assert world.why() == "fault"


def test_a_chosen_document_is_sent_as_every_document_is(world: World) -> None:
    plain = world.invoice("1001").headers
    chosen = world.invoice("none", headers={"prefer": "code=200"}).headers
    assert set(chosen) == set(plain)
    assert chosen["cache-control"] == plain["cache-control"]
