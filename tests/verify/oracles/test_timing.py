"""Times that tell something are found with few requests, and noise is not taken for a tell."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

import pytest
from tests.verify.noise import NOISES, SHIFT, raced

from billecta_verify.oracles.timing import TimingPair, TimingTest
from billecta_verify.transport.exchange import NO_KEY, Effect, Exchange, Purpose, Request, Text
from billecta_verify.transport.operations import fetch_invoice

RACES = 7


@dataclass
class Server:
    """Answers after some 50 ms, with noise that now and then is great; what exists in one race takes longer."""

    chance: Random
    noise: float
    told: int = -1
    slower: float = 0.0
    requests: int = field(default=0)

    def send(self, request: Request) -> Exchange:
        self.requests += 1
        elapsed = 0.05 + self.chance.expovariate(1 / self.noise) + (0.2 if self.chance.random() < 0.02 else 0.0)
        if request.path.sent == f"fetch-invoice-pdf/known{self.told}/":
            elapsed += self.slower
        return Exchange(request, Purpose("", "", Effect.READ), 404, (), b"", b"", elapsed)


def contest_of(server: Server) -> TimingTest:
    races = [
        TimingPair(str(number), *(fetch_invoice(Text.plain(f"{kind}{number}"), NO_KEY) for kind in ("known", "absent")))
        for number in range(RACES)
    ]
    return TimingTest(races, server.send, server.chance)


def timing_test(server: Server) -> TimingTest:
    found = contest_of(server)
    found.run()
    return found


@pytest.mark.parametrize("told", range(RACES))
@pytest.mark.parametrize("slower", [0.05, -0.03])
def test_what_takes_50_ms_longer_is_found_with_no_more_than_60_requests(told: int, slower: float) -> None:
    server = Server(Random(told), noise=0.005, told=told, slower=slower)
    found = timing_test(server)
    assert found.told is not None
    assert found.told.name == str(told)
    assert server.requests <= 60


def test_what_is_clear_is_asked_less() -> None:
    assert contest_size(slower=0.05) < contest_size(slower=0.0)


def contest_size(slower: float) -> int:
    server = Server(Random(1), noise=0.001, told=0, slower=slower)
    timing_test(server)
    return server.requests


def test_noise_is_no_tell_and_always_costs_the_same() -> None:
    servers = [Server(Random(seed), noise=0.03) for seed in range(2000)]
    assert [server for server in servers if timing_test(server).told is not None] == []
    assert {server.requests for server in servers} == {RACES * 4 + 32}


@pytest.mark.parametrize("name", NOISES)
def test_no_kind_of_noise_is_a_tell(name: str) -> None:
    """With pairs in place of a drawn order, two servers that take turns would be a tell four times here."""
    assert sum(raced(NOISES[name], Random(f"{name} {number}"))[0] for number in range(1000)) == 0


@pytest.mark.parametrize(
    ("name", "share"),
    [
        ("gaussian, 20 ms", 0.99),
        ("exponential, 20 ms", 0.95),
        ("pauses for garbage", 0.9),
        ("two servers in turn", 0.99),
    ],
)
@pytest.mark.parametrize("sign", [1, -1], ids=["longer", "shorter"])
def test_fifty_milliseconds_are_found_in_much_noise(name: str, share: float, sign: int) -> None:
    found = [raced(NOISES[name], Random(f"{name} {number}"), sign * SHIFT)[0] for number in range(200)]
    assert sum(found) >= 200 * share


def test_what_the_run_has_seen_is_not_asked_again_to_pick_the_suspect() -> None:
    server = Server(Random(1), noise=0.001)
    fresh = contest_of(server)
    fresh.seen = [server.send(asked) for pair in fresh.races for asked in (pair.known, pair.absent)]
    server.requests = 0
    fresh.run()
    assert server.requests == RACES * 2 + 32
