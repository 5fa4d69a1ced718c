"""Faults, as client libraries meet them on a real socket: each by its own exception."""

import http.client
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import requests
import urllib3

from billecta_mock.server.runner import MockServer

KEY = {"x-api-key": "ABC123"}


class FaultyWorld:
    """A world of a server, and clients that call it."""

    def __init__(self, server: MockServer, database: str) -> None:
        self._control = f"{server.origin}/__admin/worlds/{database}"
        self.url = server.url(database)
        self.invoice = f"{self.url}/fetch-invoice-pdf/1001/"
        self.control("PUT")

    def control(self, method: str, path: str = "", json: Any = None) -> Any:
        response = requests.request(method, self._control + path, json=json, timeout=10)
        assert response.ok, response.text
        return response.json() if response.content else None

    def set(self, kind: str, **members: Any) -> None:
        limits = {name: members.pop(name) for name in ("times", "skip", "match") if name in members}
        self.control("PUT", "/faults", [{"name": "it", **limits, "then": {"fault": {"type": kind, **members}}}])

    def get(self, path: str = "/fetch-invoice-pdf/1001/", timeout: float = 10) -> httpx.Response:
        return httpx.get(self.url + path, headers=KEY, timeout=timeout)

    def create(self, phone: str = "46701740620") -> httpx.Response:
        parameters = {"phone": phone, "message": "Invoice 123"}
        return httpx.post(f"{self.url}/payments/swish/action123", params=parameters, headers=KEY, timeout=10)

    def last_exchange(self) -> dict[str, Any]:
        exchange: dict[str, Any] = self.control("GET", "/requests?limit=1")["requests"][0]
        return exchange

    def payments(self) -> list[Any]:
        payments: list[Any] = self.control("GET", "/payments")["payments"]
        return payments


@pytest.fixture
def world(mock: MockServer, request: pytest.FixtureRequest) -> Iterator[FaultyWorld]:
    world = FaultyWorld(mock, f"faults-{abs(hash(request.node.name))}")
    yield world
    world.control("DELETE")


def test_a_reset_is_a_real_tcp_reset(world: FaultyWorld) -> None:
    world.set("CONNECTION_RESET_BY_PEER")
    with pytest.raises(httpx.ReadError, match="reset by peer"):
        world.get()
    with pytest.raises(requests.ConnectionError, match="reset by peer"):
        requests.get(world.invoice, headers=KEY, timeout=10)
    host, port = world.url.split("/")[2].split(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(f"GET /{world.url.split('/')[3]}/x HTTP/1.1\r\nhost: {host}\r\n\r\n".encode())
        with pytest.raises(ConnectionResetError):
            connection.recv(100)


def test_an_empty_response_is_a_connection_that_ends_without_a_byte(world: FaultyWorld) -> None:
    world.set("EMPTY_RESPONSE")
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        world.get()
    with pytest.raises(requests.ConnectionError, match="Remote end closed connection without response"):
        requests.get(world.invoice, headers=KEY, timeout=10)


def test_a_malformed_chunk_comes_after_sound_headers(world: FaultyWorld) -> None:
    world.set("MALFORMED_RESPONSE_CHUNK")
    with httpx.stream("GET", world.invoice, headers=KEY) as response:
        assert response.status_code == 200
        with pytest.raises(httpx.RemoteProtocolError):
            response.read()
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        requests.get(world.invoice, headers=KEY, timeout=10)


def test_random_data_is_no_http_at_all(world: FaultyWorld) -> None:
    world.set("RANDOM_DATA_THEN_CLOSE")
    with pytest.raises(httpx.RemoteProtocolError):
        world.get()
    with pytest.raises(requests.ConnectionError, match="BadStatusLine"):
        requests.get(world.invoice, headers=KEY, timeout=10)


def test_a_truncated_document_promises_its_full_length(world: FaultyWorld) -> None:
    whole = len(world.get().content)
    world.set("TRUNCATED_BODY", kept=0.25)
    with pytest.raises(httpx.RemoteProtocolError, match="peer closed connection"):
        world.get()
    response = urllib3.PoolManager().request("GET", world.invoice, headers=KEY, preload_content=False, retries=False)
    assert int(response.headers["content-length"]) == whole
    with pytest.raises(urllib3.exceptions.ProtocolError, match=f"{whole // 4} bytes read"):
        response.read()
    connection = http.client.HTTPConnection(world.url.split("/")[2], timeout=10)
    connection.request("GET", world.invoice, headers=KEY)
    with pytest.raises(http.client.IncompleteRead):
        connection.getresponse().read()
    connection.close()


def test_a_dribble_comes_whole_but_in_pieces(world: FaultyWorld) -> None:
    whole = world.get().content
    world.set("CHUNKED_DRIBBLE", chunks=4, seconds=0.4)
    started = time.monotonic()
    with httpx.stream("GET", world.invoice, headers=KEY) as response:
        pieces = [(time.monotonic() - started, piece) for piece in response.iter_raw() if piece]
    assert b"".join(piece for _, piece in pieces) == whole
    assert "content-length" not in response.headers
    assert pieces[0][0] >= 0.09
    assert pieces[-1][0] >= 0.39


def test_a_dribble_outlasts_a_clients_patience(world: FaultyWorld) -> None:
    world.set("CHUNKED_DRIBBLE", chunks=2, seconds=10)
    with pytest.raises(httpx.ReadTimeout):
        world.get(timeout=0.3)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_gateway_answers_in_the_place_of_the_application(world: FaultyWorld, status: int) -> None:
    world.set("STATUS", status=status, retry_after=7)
    response = world.get()
    assert (response.status_code, response.headers["retry-after"]) == (status, "7")
    assert response.headers["content-type"] == "text/html"


def test_a_client_that_retries_by_retry_after_comes_through(world: FaultyWorld) -> None:
    world.set("STATUS", status=503, retry_after=1, times=2)
    retry = urllib3.Retry(total=3, status_forcelist=[503], backoff_factor=0)
    started = time.monotonic()
    with requests.Session() as session:
        session.mount("http://", requests.adapters.HTTPAdapter(max_retries=retry))
        assert session.get(world.invoice, headers=KEY, timeout=10).status_code == 200
    assert time.monotonic() - started >= 2
    assert world.control("GET", "/faults/it")["fired"] == 2


def test_the_first_requests_pass_and_the_fault_goes_away_by_itself(world: FaultyWorld) -> None:
    world.set("STATUS", status=500, skip=1, times=2)
    assert [world.get().status_code for _ in range(5)] == [200, 500, 500, 200, 200]


def test_a_lost_answer_leaves_its_payment_behind(world: FaultyWorld) -> None:
    world.set("EMPTY_RESPONSE", match={"operation": "createSwishPayment"}, times=1)
    with pytest.raises(httpx.RemoteProtocolError):
        world.create()
    assert len(world.payments()) == 1
    exchange = world.last_exchange()
    assert (exchange["status"], exchange["marks"]) == (None, ["rule:it", "fault:EMPTY_RESPONSE"])
    assert world.create().json()["error"] == "RP06"


def test_a_request_can_be_lost_before_it_is_done(world: FaultyWorld) -> None:
    world.set("EMPTY_RESPONSE", handled=False)
    with pytest.raises(httpx.RemoteProtocolError):
        world.create()
    assert world.payments() == []


def test_a_gateway_refuses_undone_but_a_timeout_may_hide_a_payment(world: FaultyWorld) -> None:
    world.set("STATUS", status=503, times=1)
    assert (world.create().status_code, world.payments()) == (503, [])
    world.set("STATUS", status=504, times=1)
    assert (world.create().status_code, len(world.payments())) == (504, 1)


def test_a_fault_meets_those_without_a_key_as_well(world: FaultyWorld) -> None:
    world.set("STATUS", status=503)
    assert httpx.get(world.invoice).status_code == 503
    assert httpx.get(f"{world.url}/nowhere").status_code == 503


def test_a_quota_lets_so_many_through_and_says_when_to_come_again(world: FaultyWorld) -> None:
    world.control("PUT", "/clock", {"mode": "frozen"})
    world.set("STATUS", quota={"requests": 3, "seconds": 300})
    assert [world.get().status_code for _ in range(4)] == [200, 200, 200, 429]
    world.control("POST", "/clock/advance", {"seconds": 100})
    refused = world.get()
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "200")
    world.control("POST", "/clock/advance", {"seconds": 200})
    assert world.get().status_code == 200


def test_the_quota_of_the_platform_is_ready_made(world: FaultyWorld) -> None:
    fault = world.control("PUT", "/bundles/platform-quota")["faults"][0]
    assert fault["then"]["fault"]["quota"] == {"requests": 3000, "seconds": 300}


def test_a_delay_is_longer_than_a_clients_patience(world: FaultyWorld) -> None:
    world.control("PUT", "/faults", [{"then": {"delay": {"type": "fixed", "seconds": 30}}}])
    with pytest.raises(httpx.ReadTimeout):
        world.get(timeout=0.3)
    deadline = time.monotonic() + 5
    while not (exchanges := world.control("GET", "/requests")["requests"]) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert (exchanges[0]["status"], exchanges[0]["marks"][-1]) == (None, "abandoned")


@pytest.mark.parametrize(
    "delay",
    [
        {"type": "uniform", "lower": 0.1, "upper": 0.2},
        {"type": "lognormal", "median": 0.1, "sigma": 0.1, "max": 0.2},
    ],
    ids=lambda delay: delay["type"],
)
def test_a_delay_by_chance_stays_within_its_bounds(world: FaultyWorld, delay: dict[str, Any]) -> None:
    world.control("PUT", "/faults", [{"seed": 3, "then": {"delay": delay}}])
    started = time.monotonic()
    for _ in range(3):
        world.get("/payments/swish/none")
    assert time.monotonic() - started >= 0.15


def test_under_a_frozen_clock_a_delay_ends_when_the_clock_is_moved(world: FaultyWorld) -> None:
    world.control("PUT", "/clock", {"mode": "frozen"})
    world.control("PUT", "/faults", [{"then": {"delay": {"type": "fixed", "seconds": 3000}}}])
    answers: list[int] = []
    client = threading.Thread(target=lambda: answers.append(world.get(timeout=20).status_code))
    client.start()
    events: list[Any] = []
    deadline = time.monotonic() + 10
    while not any(event["event"] == "answer_released" for event in events) and time.monotonic() < deadline:
        assert answers == []
        time.sleep(0.05)
        events = world.control("POST", "/clock/advance", {"seconds": 3000})["events"]
    client.join(timeout=10)
    assert answers == [200]


@pytest.mark.parametrize(("method", "path"), [("PUT", ""), ("POST", "/reset")], ids=["replaced", "reset"])
def test_whoever_waits_is_let_go_when_the_clock_is_no_more(world: FaultyWorld, method: str, path: str) -> None:
    world.control("PUT", "/clock", {"mode": "frozen"})
    world.control("PUT", "/faults", [{"then": {"delay": {"type": "fixed", "seconds": 3000}}}])
    answers: list[int] = []
    client = threading.Thread(target=lambda: answers.append(world.get(timeout=20).status_code))
    client.start()
    deadline = time.monotonic() + 10
    while world.control("GET", "/faults")["faults"][0]["fired"] == 0 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert answers == []
    world.control(method, path)
    client.join(timeout=10)
    assert answers == [200]


def test_an_answer_that_is_held_back_is_finished_when_the_server_stops() -> None:
    answers: list[int] = []
    with MockServer() as server:
        world = FaultyWorld(server, "stopping")
        world.control("PUT", "/clock", {"mode": "frozen"})
        world.control("PUT", "/faults", [{"then": {"delay": {"type": "fixed", "seconds": 3000}}}])
        client = threading.Thread(target=lambda: answers.append(world.get(timeout=20).status_code))
        client.start()
        while world.control("GET", "/faults")["faults"][0]["fired"] == 0:
            time.sleep(0.02)
        started = time.monotonic()
    client.join(timeout=10)
    assert answers == [200]
    assert time.monotonic() - started < 5


def test_under_a_faster_clock_a_delay_is_shorter(world: FaultyWorld) -> None:
    world.control("PUT", "/clock", {"mode": "scaled", "rate": 100})
    world.control("PUT", "/faults", [{"then": {"delay": {"type": "fixed", "seconds": 30}}}])
    started = time.monotonic()
    assert world.get(timeout=5).status_code == 200
    assert 0.25 <= time.monotonic() - started < 5


def test_a_fault_leaves_the_server_and_other_worlds_alone(world: FaultyWorld, mock: MockServer) -> None:
    world.set("CONNECTION_RESET_BY_PEER")
    for _ in range(20):
        with pytest.raises(httpx.ReadError):
            world.get()
    assert httpx.get(f"{mock.url('database')}/fetch-invoice-pdf/1001/", headers=KEY).status_code == 200
