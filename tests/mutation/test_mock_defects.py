"""Every deviation in the catalogue of the mock is found by a check of the clause that it breaks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from http.client import HTTPConnection
from typing import Any

import pytest
from tests.tiers import sampled
from tests.verify.conftest import broken_checks

from billecta_mock.defects.catalogue import CATALOGUE, UNBREAKABLE
from billecta_mock.server.runner import MockServer
from billecta_verify.config.target import Target
from billecta_verify.reporting.model import Result, clauses
from billecta_verify.runner.mock_process import mock_target
from billecta_verify.runner.run import run

BEYOND: dict[str, str] = {
    "valid-key-refused": "a key that is accepted nowhere is what a wrong key looks like: the run is inconclusive",
}
"""The defects that no verifier can find with what a target holds, and why."""

ELSEWHERE: dict[str, Any] = {
    "keys": [{"key": "KEY-OF-ELSEWHERE", "name": "Elsewhere", "operations": "all", "invoices": "all"}]
}
"""Another world, whose key is no key of the one that is verified."""

PAYS_AT_ONCE = {"requestid-by-phone", "status-gone-once-settled"}
"""Seen only once a payer has answered, for which no run waits: here they answer at once."""


IN_HASTE = {"status-forgotten"}
"""Seen only once a payment is a second old by its world's clock, which a fast run may not last: here it runs faster."""


class Bench:
    """One server, on which each trial gets a world of its own."""

    def __init__(self, server: MockServer) -> None:
        self.server = server
        self._control("/elsewhere", ELSEWHERE)

    def judge(self, defect: str, only: set[str] | None) -> Result:
        world = f"trial-{defect}-{'part' if only else 'whole'}"
        self._control(f"/{world}", None)
        if defect in PAYS_AT_ONCE:
            self._control(f"/{world}/settings", {"pay_after_seconds": 0.02}, "PATCH")
        if defect in IN_HASTE:
            self._control(f"/{world}/clock", {"mode": "scaled", "rate": 100})
        self._control(f"/{world}/defects", [defect])
        return run(self._target(world), clauses=only)

    def _target(self, world: str) -> Target:
        limits = {"timeout": 5.0, "foreign_key": ELSEWHERE["keys"][0]["key"]}
        return replace(mock_target(self.server.origin, limits), base_url=self.server.url(world))

    def _control(self, path: str, body: Any, method: str = "PUT") -> None:
        host, port = self.server.origin.removeprefix("http://").split(":")
        connection = HTTPConnection(host, int(port), timeout=10)
        text = None if body is None else json.dumps(body)
        connection.request(method, f"/__admin/worlds{path}", text, {"content-type": "application/json"})
        assert connection.getresponse().status < 300
        connection.close()


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with MockServer() as server:
        yield Bench(server)


@pytest.mark.parametrize("name", sampled(sorted(CATALOGUE.keys() - BEYOND.keys()), every=8))
def test_a_defect_is_found_by_a_check_of_its_clause(name: str, bench: Bench) -> None:
    clause = CATALOGUE[name].clause
    result = bench.judge(name, {clause})
    if not result.findings:  # what looks back at a whole run needs one
        result = bench.judge(name, None)
    assert clause in {finding.clause for finding in result.findings}
    assert broken_checks(result) == []
    assert result.counts.payments <= 8


@pytest.mark.parametrize("name", BEYOND)
def test_a_defect_that_cannot_be_found_is_not_mistaken_for_another(name: str, bench: Bench) -> None:
    result = bench.judge(name, None)
    assert [finding.clause for finding in result.findings] == []


def test_every_clause_but_those_that_nothing_can_break_has_a_defect_that_is_found() -> None:
    broken = {defect.clause for name, defect in CATALOGUE.items() if name not in BEYOND}
    assert broken | set(UNBREAKABLE) == set(clauses())
