"""Loads in turn: in each round every server gets every case, so that neighbours in time can be compared."""

import statistics
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from benchmarks.cases import Case
from benchmarks.contestant import Contestant
from benchmarks.load import Load, LoadError, put_load
from benchmarks.servers import Server


@dataclass(frozen=True)
class Measure:
    """One load on one server, and the CPU microseconds that the server used for a request."""

    load: Load
    cpu: float


@dataclass
class Record:
    """What was measured of one server: memory in bytes, starts in seconds, and by case one measure per round.

    `refused` has the reason for each case that the server does not answer as it should.
    """

    contestant: Contestant
    starts: list[float] = field(default_factory=list)
    memory_before: int = 0
    memory_after: int = 0
    measures: dict[str, list[Measure]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)

    def median(self, case: str, figure: Callable[[Measure], float]) -> float | None:
        """The median of a figure over the rounds; None for what the server cannot do."""
        measures = self.measures.get(case)
        return statistics.median(map(figure, measures)) if measures else None

    def ratio(self, other: "Record", case: str, figure: Callable[[Measure], float]) -> float | None:
        """The median of the ratios within the rounds."""
        pairs = zip(self.measures.get(case, ()), other.measures.get(case, ()), strict=False)
        ratios = [figure(mine) / figure(others) for mine, others in pairs]
        return statistics.median(ratios) if ratios else None


def rate(measure: Measure) -> float:
    """Requests per second."""
    return measure.load.rate


def cpu(measure: Measure) -> float:
    """CPU microseconds per request."""
    return measure.cpu


def p50(measure: Measure) -> float:
    """The median latency, in milliseconds."""
    return measure.load.p50


def p99(measure: Measure) -> float:
    """The latency that 99 of 100 requests keep under, in milliseconds."""
    return measure.load.p99


def measure_all(
    servers: Mapping[str, Server], records: Mapping[str, Record], cases: Iterable[Case], rounds: int, seconds: int
) -> None:
    """Fill the records. A server that does not answer a case as it should is left out of that case, with the reason."""
    for case in cases:
        for number in range(rounds):
            for name in _rotated(list(servers), number):
                record = records[name]
                if case.name not in record.refused:
                    _measure(servers[name], record, case, seconds)
        print(f"  measured {case.name}", flush=True)


def _measure(server: Server, record: Record, case: Case, seconds: int) -> None:
    path, headers = record.contestant.path(case), record.contestant.headers(case)
    try:
        if case.name not in record.measures:
            put_load(server.origin, case, path, record.contestant.warm_up_seconds, headers)
        before = server.cpu_seconds()
        load = put_load(server.origin, case, path, seconds, headers)
        used = server.cpu_seconds() - before
    except LoadError as error:
        record.refused[case.name] = str(error)
        record.measures.pop(case.name, None)
        return
    record.measures.setdefault(case.name, []).append(Measure(load, used / load.requests * 1e6))


def _rotated(names: list[str], number: int) -> list[str]:
    """Everybody is first once, so that nobody always follows the same neighbour's load."""
    start = number % len(names)
    return names[start:] + names[:start]
