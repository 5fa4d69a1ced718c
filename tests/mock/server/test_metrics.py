"""What Prometheus reads."""

from collections.abc import Callable
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

Start = Callable[..., Any]


@pytest.fixture
def scraped(start: Start) -> Any:
    return start()


def samples(world: Any) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    response = world.request("GET", "/__admin/metrics")
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    families = text_string_to_metric_families(response.text)
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def value(world: Any, name: str, **labels: str) -> float | None:
    return samples(world).get((name, tuple(sorted(labels.items()))))


def test_requests_are_counted_by_operation_method_and_status(scraped: Any) -> None:
    for _ in range(3):
        scraped.invoice()
    scraped.invoice(key="WRONG")
    requests = {"operation": "fetchInvoicePdf", "method": "GET"}
    assert value(scraped, "billecta_mock_requests_total", **requests, status="200") == 3
    assert value(scraped, "billecta_mock_requests_total", **requests, status="404") == 1


def test_durations_are_a_histogram(scraped: Any) -> None:
    scraped.invoice()
    name = "billecta_mock_request_duration_seconds"
    assert value(scraped, f"{name}_count", operation="fetchInvoicePdf") == 1
    assert value(scraped, f"{name}_bucket", operation="fetchInvoicePdf", le="+Inf") == 1
    total = value(scraped, f"{name}_sum", operation="fetchInvoicePdf")
    assert total is not None
    assert 0 < total < 10


def test_payments_are_counted_when_created_and_by_what_is_said_of_them(scraped: Any) -> None:
    request_id = scraped.created()
    scraped.read(request_id)
    scraped.advance(60)
    scraped.read(request_id)
    assert value(scraped, "billecta_mock_payments_created_total") == 1
    assert value(scraped, "billecta_mock_payment_reads_total", status="Created") == 1
    assert value(scraped, "billecta_mock_payment_reads_total", status="Paid") == 1


def test_worlds_memory_and_version_are_there(scraped: Any) -> None:
    scraped.other("second")
    found = samples(scraped)
    assert found["billecta_mock_worlds", ()] == 2
    assert found["process_resident_memory_bytes", ()] > 1_000_000
    assert [name for name, _ in found if name == "billecta_mock_info"]


def test_no_label_holds_what_a_client_may_choose(scraped: Any) -> None:
    before = len(samples(scraped))
    for number in range(50):
        scraped.request("GET", f"/world-{number}/limepkg-billecta-integration/nothing/{number}")
        scraped.request(f"METHOD{number}", f"/world-{number}/x")
    after = samples(scraped)
    assert value(scraped, "billecta_mock_requests_total", operation="none", method="other", status="404") == 50
    assert len(after) - before < 30
    assert not [labels for _, labels in after if any("world-" in text for _, text in labels)]


def test_the_control_plane_is_not_counted(scraped: Any) -> None:
    scraped.request("GET", "/__admin/worlds")
    assert not [name for name, _ in samples(scraped) if name == "billecta_mock_requests_total"]
