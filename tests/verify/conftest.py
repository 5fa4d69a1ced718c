"""Verifying in this process, against servers on real sockets."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from billecta_verify.config.target import Target
from billecta_verify.fixtures.deployment import preflight
from billecta_verify.reporting.model import Result
from billecta_verify.runner.check_results import ITSELF_FAILED
from billecta_verify.runner.collector import RunCollector
from billecta_verify.runner.run import run_checks
from billecta_verify.transport.client import Transport
from billecta_verify.transport.rate_limit import RateLimiter

from .small_server import KEY, LIMITED_KEY, READ_ONLY_KEY, Contract, serving
from .suite import Suite, suite_in

PHONES = ("46701740605", "46701740606", "46701740607", "46701740608", "46701740609", "46701740610")

ON_LOOPBACK = ["SEC-1"]
"""The clauses that cannot be exercised where the deployment is on this machine: no network is crossed."""


def target_of(base_url: str, **changed: object) -> Target:
    """Everything that the small deployment knows."""
    target = Target(
        base_url=base_url,
        api_key=KEY,
        limited_key=LIMITED_KEY,
        read_only_key=READ_ONLY_KEY,
        invoice_id="1001",
        hidden_invoice_id="2002",
        action_id="action123",
        payments=8,
        phones=PHONES,
        timeout=5.0,
    )
    return replace(target, **changed)  # type: ignore[arg-type]


def broken_checks(result: Result) -> list[str]:
    """The reasons of checks that ended by a fault of the verifier itself."""
    return [check.reason for check in result.checks if check.reason and ITSELF_FAILED in check.reason]


@pytest.fixture
def judge() -> Callable[..., Result]:
    """Serve a deployment, verify it, and return the result."""

    def judged(
        contract: Contract,
        clauses: Collection[str] | None = None,
        rate_limiter: RateLimiter | None = None,
        **changed: object,
    ) -> Result:
        with serving(contract) as base_url:
            run_collector = RunCollector(Transport(target_of(base_url, **changed), rate_limiter=rate_limiter))
            preflight(run_collector.transport)
            return run_checks(run_collector, clauses)

    return judged


def rate_limiter_on_a_virtual_clock() -> RateLimiter:
    """One that never sleeps: its clock is moved by as much as it would have slept."""
    seconds = [0.0]

    def pause(delay: float) -> None:
        seconds[0] += delay

    return RateLimiter(None, now=lambda: seconds[0], pause=pause)


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    """Runs pytest in an empty project."""
    return suite_in(tmp_path)


@pytest.fixture
def contract() -> Contract:
    return Contract()


@pytest.fixture
def base_url(contract: Contract) -> Iterator[str]:
    with serving(contract) as url:
        yield url
