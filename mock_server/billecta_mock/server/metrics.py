"""Counters of what was answered, in the text format of Prometheus. A label has few values, whatever clients send."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator
from importlib.metadata import version
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from billecta_mock.domain.journal import Entry
from billecta_mock.domain.payments import PaymentStatus

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_BOUNDS: Final = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 60.0)
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"})
_STATUSES: Final = frozenset(PaymentStatus)
_MARKS: Final = frozenset({"rule", "fault", "defect", "prefer", "delay", "abandoned"})
_CREATED: Final = 201
_OTHER: Final = "other"
_NONE: Final = "none"


class Metrics:
    """Observes every exchange; counting is all it does then, and what is counted becomes metrics when it is read."""

    def __init__(self, count_worlds: Callable[[], int]) -> None:
        self._count_worlds = count_worlds
        self._requests: dict[tuple[str | None, str, int | None], _Durations] = {}
        self._created = 0
        self._told: Counter[str] = Counter()
        self._marks: Counter[str] = Counter()

    def observe(self, entry: Entry) -> None:
        """Count this exchange."""
        exchange = entry.exchange
        kind = exchange.operation, exchange.method, exchange.status
        durations = self._requests.get(kind)
        if durations is None:
            durations = self._requests[kind] = _Durations()
        durations.add(exchange.seconds)
        if exchange.payment_status is not None:
            self._told[_bounded(exchange.payment_status, _STATUSES)] += 1
        elif exchange.request_id is not None and exchange.status == _CREATED:
            self._created += 1
        for mark in exchange.marks:
            self._marks[_bounded(mark.partition(":")[0], _MARKS)] += 1

    def render(self) -> bytes:
        """All metrics, as Prometheus reads them."""
        # Slow to import, and most servers are never asked.
        from prometheus_client import CollectorRegistry, ProcessCollector  # noqa: PLC0415
        from prometheus_client.exposition import generate_latest  # noqa: PLC0415

        registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        registry.register(self)
        return generate_latest(registry)

    def collect(self) -> "Iterator[Metric]":
        """What is counted, as the registry of the library asks for it."""
        from prometheus_client.core import (  # noqa: PLC0415 — see `render`
            CounterMetricFamily,
            GaugeMetricFamily,
            InfoMetricFamily,
        )

        yield InfoMetricFamily("billecta_mock", "The mock server.", {"version": version("lime-billecta-contract")})
        yield GaugeMetricFamily("billecta_mock_worlds", "Worlds that there are.", self._count_worlds())
        yield self._collect_requests()
        yield self._collect_durations()
        yield CounterMetricFamily("billecta_mock_payments_created", "Payments that were created.", self._created)
        told = CounterMetricFamily("billecta_mock_payment_reads", "Payments read, by what was said.", labels=["status"])
        for status, count in self._told.items():
            told.add_metric([status], count)
        yield told
        marks = CounterMetricFamily("billecta_mock_marks", "What made answers other than plain ones.", labels=["kind"])
        for kind, count in self._marks.items():
            marks.add_metric([kind], count)
        yield marks

    def _collect_requests(self) -> "Metric":
        from prometheus_client.core import CounterMetricFamily  # noqa: PLC0415 — see `render`

        labels = ["operation", "method", "status"]
        family = CounterMetricFamily("billecta_mock_requests", "Requests to the API that were answered.", labels=labels)
        merged: Counter[tuple[str, str, str]] = Counter()
        for (operation, method, status), durations in self._requests.items():
            merged[operation or _NONE, _bounded(method, _METHODS), str(status or _NONE)] += durations.count
        for series, count in merged.items():
            family.add_metric(series, count)
        return family

    def _collect_durations(self) -> "Metric":
        from prometheus_client.core import HistogramMetricFamily  # noqa: PLC0415 — see `render`

        name, text = "billecta_mock_request_duration_seconds", "How long answers took to make."
        family = HistogramMetricFamily(name, text, labels=["operation"])
        merged: dict[str | None, _Durations] = {}
        for (operation, _, _), durations in self._requests.items():
            merged.setdefault(operation, _Durations()).merge(durations)
        for operation, durations in merged.items():
            family.add_metric([operation or _NONE], durations.buckets(), durations.total)
        return family


class _Durations:
    """How many durations fell between the bounds, and their sum."""

    __slots__ = ("counts", "total")

    def __init__(self) -> None:
        self.counts = [0] * (len(_BOUNDS) + 1)
        self.total = 0.0

    def add(self, seconds: float) -> None:
        self.counts[bisect_left(_BOUNDS, seconds)] += 1
        self.total += seconds

    @property
    def count(self) -> int:
        """How many there were."""
        return sum(self.counts)

    def merge(self, other: "_Durations") -> None:
        """Add all of another."""
        self.counts = [mine + others for mine, others in zip(self.counts, other.counts, strict=True)]
        self.total += other.total

    def buckets(self) -> list[tuple[str, float]]:
        """Each upper bound with the number of durations up to it."""
        bounds = [*map(str, _BOUNDS), "+Inf"]
        return list(zip(bounds, map(float, accumulate(self.counts)), strict=True))


def _bounded(value: str, known: frozenset[str]) -> str:
    return value if value in known else _OTHER
