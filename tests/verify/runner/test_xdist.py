"""The suite over several workers of pytest-xdist: one account of requests, payments and waits."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pytest
from tests.mutation.small_defects import UnknownActionAccepted
from tests.verify.small_server import KEY, Answer, Asked, Contract, serving
from tests.verify.suite import MINE, Suite, known, outcome


@pytest.mark.full
def test_a_run_of_all_stays_in_its_budget_with_and_without_workers(suite: Suite) -> None:
    counts = []
    for workers in ((), ("-n", "2")):
        contract = Contract()
        with serving(contract) as base_url:
            done = suite("--pyargs", "billecta_verify", f"--base-url={base_url}", "-q", *workers, **known(base_url))
        assert done.returncode == 0, done.stdout
        counts.append((len(contract.payments), f"({len(contract.seen)} requests" in done.stdout))
        assert len(contract.seen) <= 350
    assert counts[0] == counts[1]
    assert all(said for _, said in counts)


@pytest.mark.full
@pytest.mark.parametrize("mode", ["load", "loadfile", "each"])
def test_no_way_of_sharing_the_work_exceeds_a_budget(
    suite: Suite, contract: Contract, base_url: str, mode: str
) -> None:
    workers = ("--tx", "2*popen", "--dist", mode) if mode == "each" else ("-n", "2", "--dist", mode)
    limits = known(base_url, BILLECTA_ALLOW_PAYMENTS="2", BILLECTA_MAX_REQUESTS="60")
    done = suite("--pyargs", "billecta_verify", "--base-url", base_url, "-q", *workers, **limits)
    assert len(contract.seen) == 60, done.stdout
    assert 0 < len(contract.payments) <= 2
    posts = Counter((asked.raw_path, asked.query, asked.body) for asked in contract.seen if is_keyed_post(asked))
    assert max(posts.values()) == 1


def is_keyed_post(asked: Asked) -> bool:
    return asked.method == "POST" and asked.key == KEY


PAYS = (
    MINE
    + """
@pytest.mark.parametrize("number", range(12))
@pytest.mark.clause("SWISH-1", effect="create")
def test_pays(session, target, number):
    session.post(
        f"{target.base_url}/payments/swish/{target.action_id}",
        params={"phone": "46701740605", "message": f"number {number}"}, headers={"x-api-key": target.api_key},
    )
"""
)


@pytest.mark.full
def test_tests_of_ones_own_share_the_budget_over_workers(
    suite: Suite, contract: Contract, base_url: str, tmp_path: Path
) -> None:
    (tmp_path / "test_mine.py").write_text(PAYS, encoding="utf-8")
    done = suite("-n", "3", "--billecta-base-url", base_url,
                 **known(base_url, BILLECTA_ALLOW_PAYMENTS="5"))  # fmt: skip
    assert len(contract.payments) == 5
    assert "5 passed" in outcome(done)
    assert "7 failed" in outcome(done)


DIES = (
    MINE
    + """
import os

@pytest.mark.parametrize("number", range(6))
@pytest.mark.clause("SWISH-1", effect="create")
def test_pays_and_dies(session, target, number):
    session.post(
        f"{target.base_url}/payments/swish/{target.action_id}",
        params={"phone": "46701740605", "message": "Invoice 123"}, headers={"x-api-key": target.api_key},
    )
    os._exit(3)
"""
)


@pytest.mark.full
def test_a_worker_that_dies_leaves_no_budget_behind_and_repeats_no_post(
    suite: Suite, contract: Contract, base_url: str, tmp_path: Path
) -> None:
    (tmp_path / "test_mine.py").write_text(DIES, encoding="utf-8")
    suite("-n", "2", "--billecta-base-url", base_url,
          **known(base_url, BILLECTA_ALLOW_PAYMENTS="4"))  # fmt: skip
    assert len(contract.payments) == 1


UNEXPECTED = (
    MINE
    + """
@pytest.mark.parametrize("number", range(8))
@pytest.mark.clause("SWISH-9", effect="none", kind="my own kind")
def test_an_unknown_action(session, target, number):
    from random import Random
    from billecta_verify.transport.unknown_ids import unknown_id
    action = unknown_id("action123", target.seed, Random(number))
    session.post(
        f"{target.base_url}/payments/swish/{action}",
        params={"phone": "46701740605", "message": "a"}, headers={"x-api-key": target.api_key},
    )
"""
)


@pytest.mark.full
def test_workers_together_cause_one_unexpected_payment_at_most(suite: Suite, tmp_path: Path) -> None:
    class SlowlyAccepted(UnknownActionAccepted):
        def created(self, asked: Asked) -> Answer:
            time.sleep(0.3)
            return super().created(asked)

    contract = SlowlyAccepted()
    (tmp_path / "test_mine.py").write_text(UNEXPECTED, encoding="utf-8")
    with serving(contract) as base_url:
        suite("-n", "4", "--billecta-base-url", base_url, **known(base_url))
    assert len(contract.payments) == 1


READS = (
    MINE
    + """
@pytest.mark.parametrize("number", range(20))
def test_reads(session, target, number):
    assert invoice(session, target).status_code == 404
"""
)


@pytest.mark.full
def test_the_rate_holds_over_workers(suite: Suite, tmp_path: Path) -> None:
    times: list[float] = []

    class Timed(Contract):
        def answer(self, asked: Asked) -> Answer:
            times.append(time.monotonic())
            return super().answer(asked)

    (tmp_path / "test_mine.py").write_text(READS, encoding="utf-8")
    with serving(Timed()) as base_url:
        done = suite("-n", "3", "--billecta-base-url", base_url,
                     **known(base_url, BILLECTA_RATE_LIMIT="10"))  # fmt: skip
    assert "20 passed" in outcome(done)
    assert times[-1] - times[0] >= 19 / 10 * 0.9
