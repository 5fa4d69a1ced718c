"""A deployment that limits the rate without end."""

from __future__ import annotations

from tests.verify.conftest import broken_checks, target_of
from tests.verify.small_server import Answer, Asked, Contract, as_json, serving

from billecta_verify.fixtures.deployment import preflight
from billecta_verify.reporting.model import CheckResult
from billecta_verify.runner.collector import RunCollector
from billecta_verify.runner.run import run_checks
from billecta_verify.transport.client import Transport
from billecta_verify.transport.rate_limit import LONGEST_WAIT, LONGEST_WAITING, RateLimiter


class NeverLetsIn(Contract):
    def finish(self, asked: Asked, answer: Answer) -> Answer:
        return Answer(429, as_json(429, message="Later").body, headers=(("Retry-After", "99999999"),))


class Listens:
    def __init__(self) -> None:
        self.waits: list[float] = []

    def run_started(self, checks: int) -> None: ...

    def check_finished(self, check: CheckResult) -> None: ...

    def waiting(self, seconds: float) -> None:
        self.waits.append(seconds)


def test_a_run_waits_for_some_minutes_says_so_and_then_asks_nothing_more() -> None:
    now, listener, contract = [0.0], Listens(), NeverLetsIn()

    def pause(seconds: float) -> None:
        now[0] += seconds

    with serving(contract) as base_url:
        rate_limiter = RateLimiter(None, now=lambda: now[0], pause=pause)
        run_collector = RunCollector(Transport(target_of(base_url), rate_limiter=rate_limiter), listener)
        preflight(run_collector.transport)
        result = run_checks(run_collector)
    assert now[0] == sum(listener.waits) == LONGEST_WAITING
    assert max(listener.waits) <= LONGEST_WAIT
    assert len(contract.seen) == result.counts.requests <= 8
    assert result.verdict == "inconclusive"
    assert any("lower --rate-limit" in (check.reason or "") for check in result.checks)
    assert broken_checks(result) == []
