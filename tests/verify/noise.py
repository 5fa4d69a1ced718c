"""How long answers take that tell nothing: kinds of noise, and races on them.

    python -m tests.judge.noise [RACES]

prints how often the verifier takes each for a tell, and how often it finds 50 ms in it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from itertools import count, cycle
from random import Random

from billecta_verify.oracles.timing import TimingPair, TimingTest
from billecta_verify.transport.exchange import NO_KEY, Effect, Exchange, Purpose, Request, Text
from billecta_verify.transport.operations import fetch_invoice

BASE = 0.05
SHIFT = 0.05
KNOWN, ABSENT = (fetch_invoice(Text.plain(name), NO_KEY) for name in ("known", "absent"))
PURPOSE = Purpose("", "", Effect.READ)

Noise = Callable[[Random], Iterator[float]]
"""Seconds that the answers take beyond their own time, one after another."""


def gaussian(chance: Random) -> Iterator[float]:
    while True:
        yield abs(chance.gauss(0, 0.02))


def exponential(chance: Random) -> Iterator[float]:
    while True:
        yield chance.expovariate(1 / 0.02)


def long_tailed(chance: Random) -> Iterator[float]:
    """Log-normal: half of the answers within 10 ms, one in fifty beyond 200 ms."""
    while True:
        yield 0.01 * chance.lognormvariate(0, 1.5)


def bursts(chance: Random) -> Iterator[float]:
    """A machine that is busy now and then, for several answers in a row."""
    busy = chance.random() < 0.25
    while True:
        busy = chance.random() > 0.15 if busy else chance.random() < 0.05
        yield chance.expovariate(1 / 0.1) if busy else chance.expovariate(1 / 0.002)


def correlated(chance: Random) -> Iterator[float]:
    """A load that rises and falls slowly."""
    load = chance.gauss(0, 0.046)
    while True:
        load = 0.9 * load + chance.gauss(0, 0.02)
        yield abs(load)


def drift(chance: Random) -> Iterator[float]:
    """Ever slower, or ever quicker, by up to 200 ms within a race."""
    step = chance.uniform(-0.2, 0.2) / 40
    for number in count():
        yield 0.2 + step * number + chance.expovariate(1 / 0.003)


def pauses(chance: Random) -> Iterator[float]:
    """One answer in twenty waits for a collection of garbage."""
    while True:
        yield chance.expovariate(1 / 0.003) + (0.15 if chance.random() < 0.05 else 0.0)


def two_servers_in_turn(chance: Random) -> Iterator[float]:
    """Two servers behind one address that take turns, one of them slow."""
    for slower in cycle([0.0, 0.04]):
        yield slower + chance.expovariate(1 / 0.002)


def three_servers_in_turn(chance: Random) -> Iterator[float]:
    for slower in cycle([0.0, 0.04, 0.02]):
        yield slower + chance.expovariate(1 / 0.002)


NOISES: dict[str, Noise] = {
    "gaussian, 20 ms": gaussian,
    "exponential, 20 ms": exponential,
    "log-normal, a long tail": long_tailed,
    "bursts": bursts,
    "a load that rises and falls": correlated,
    "drift": drift,
    "pauses for garbage": pauses,
    "two servers in turn": two_servers_in_turn,
    "three servers in turn": three_servers_in_turn,
}


def raced(noise: Noise, chance: Random, slower: float = 0.0) -> tuple[bool, int]:
    """Whether a race tells something where what exists takes so much longer, and how many requests that took."""
    times = noise(chance)
    asked = 0

    def send(request: Request) -> Exchange:
        nonlocal asked
        asked += 1
        elapsed = BASE + next(times) + (slower if request is KNOWN else 0.0)
        return Exchange(request, PURPOSE, 404, (), b"", b"", elapsed)

    timing_test = TimingTest([TimingPair("", KNOWN, ABSENT)], send, chance)
    timing_test.run()
    return timing_test.told is not None, asked


def main() -> None:
    races = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    say = sys.stdout.write
    say(f"| noise | false alarms in {races:,} races | 50 ms found | requests of such a race |\n|---|---|---|---|\n")
    for name, noise in NOISES.items():
        alarms = sum(raced(noise, Random(seed))[0] for seed in range(races))
        found, asked = zip(*(raced(noise, Random(seed), SHIFT) for seed in range(2000)), strict=True)
        say(f"| {name} | {alarms} | {sum(found) / 20:.0f} % | {sum(asked) / 2000:.0f} |\n")


if __name__ == "__main__":
    main()
