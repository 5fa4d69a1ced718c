"""Readiness of real clients, which meet real faults on a real connection."""

import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from billecta_mock.server.runner import MockServer

KEY = {"x-api-key": "ABC123"}
TIMEOUT = 10
CREATE = "/payments/swish/action123?phone=46701740605&message=Hej"
LOSE = {"times": 1, "match": {"operation": "createSwishPayment"}, "then": {"fault": {"type": "EMPTY_RESPONSE"}}}


@pytest.fixture
def control(mock: MockServer, request: pytest.FixtureRequest) -> str:
    """The address of the admin API of a world that is this test's alone."""
    address = f"{mock.origin}/__admin/worlds/{request.node.name[:60].rstrip('_')}"
    requests.put(address, timeout=TIMEOUT).raise_for_status()
    requests.post(f"{address}/faults", json=LOSE, timeout=TIMEOUT).raise_for_status()
    return address


def api(mock: MockServer, control: str) -> str:
    return mock.url(control.rpartition("/")[2])


def state(control: str, name: str) -> str:
    found = requests.get(f"{control}/readiness", timeout=TIMEOUT).json()["items"]
    return next(str(item["state"]) for item in found if item["name"] == name)


def test_a_client_that_retries_a_post_by_itself_is_found(mock: MockServer, control: str) -> None:
    session = requests.Session()
    session.mount("http://", HTTPAdapter(max_retries=Retry(2, allowed_methods=None, backoff_factor=0)))
    created = session.post(api(mock, control) + CREATE, headers=KEY, timeout=TIMEOUT)
    assert created.status_code in (201, 400)
    assert state(control, "do not create again after a lost answer") == "finding"
    assert state(control, "EMPTY_RESPONSE") == "met"


def test_a_client_that_leaves_a_lost_create_alone_is_not(mock: MockServer, control: str) -> None:
    with pytest.raises(requests.ConnectionError):
        requests.post(api(mock, control) + CREATE, headers=KEY, timeout=TIMEOUT)
    requests.get(api(mock, control) + "/fetch-invoice-pdf/1001/", headers=KEY, timeout=TIMEOUT)
    assert state(control, "do not create again after a lost answer") == "met"
