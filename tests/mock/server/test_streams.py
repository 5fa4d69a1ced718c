"""The journal followed over a real connection, as it grows."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import requests

from billecta_mock.config import Settings
from billecta_mock.server.runner import MockServer

KEY = {"x-api-key": "ABC123"}
TIMEOUT = 10


class World:
    """A world on a real server."""

    def __init__(self, server: MockServer, database: str) -> None:
        self.control = f"{server.origin}/__admin/worlds/{database}"
        self.base = server.url(database)
        requests.put(self.control, timeout=TIMEOUT).raise_for_status()

    def invoice(self, invoice_id: str = "1001") -> None:
        requests.get(f"{self.base}/fetch-invoice-pdf/{invoice_id}/", headers=KEY, timeout=TIMEOUT)

    @contextmanager
    def follow(self, query: str = "", **headers: str) -> Iterator[Iterator[dict[str, Any]]]:
        """The events of a stream, each with its fields; it has begun when the block does."""
        url = f"{self.control}/requests/stream?{query}"
        with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT) as response:
            assert response.status_code == 200, response.text
            assert response.headers["content-type"] == "text/event-stream"
            lines = response.iter_lines(chunk_size=1, decode_unicode=True)
            assert next(lines) == "retry: 1000"
            yield read_events(lines)


def read_events(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    """Events as the HTML standard reads them: fields up to an empty line; comments are passed over."""
    event: dict[str, Any] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(": ")
            event[name] = json.loads(value) if name == "data" else value
        elif "data" in event:
            yield event
            event = {}


@pytest.fixture
def world(mock: MockServer, request: pytest.FixtureRequest) -> World:
    return World(mock, request.node.name[:60].rstrip("_"))


def test_each_new_exchange_is_an_event(world: World) -> None:
    world.invoice("before")
    with world.follow() as events:
        world.invoice("1001")
        world.invoice("nope")
        first, second = next(events), next(events)
    assert (first["id"], first["event"], first["data"]["number"], first["data"]["status"]) == ("2", "exchange", 2, 200)
    assert (second["id"], second["data"]["why"]["code"]) == ("3", "invoice_unknown")


def test_a_stream_goes_on_where_its_reader_left_it(world: World) -> None:
    for invoice_id in ("1001", "1002", "1003"):
        world.invoice(invoice_id)
    with world.follow(**{"Last-Event-ID": "1"}) as events:
        assert [next(events)["id"] for _ in range(2)] == ["2", "3"]
    with world.follow("after=2") as events:
        assert next(events)["id"] == "3"
    with world.follow("after=0", **{"Last-Event-ID": "2"}) as events:
        assert next(events)["id"] == "3"


def test_a_stream_can_be_filtered(world: World) -> None:
    with world.follow("status=404") as events:
        world.invoice("1001")
        world.invoice("nope")
        assert next(events)["id"] == "2"


def test_a_stream_ends_after_the_time_that_was_asked_for(world: World) -> None:
    with world.follow("for_seconds=1") as events:
        world.invoice()
        assert [event["id"] for event in events] == ["1"]


def test_a_stream_ends_with_its_world(world: World) -> None:
    with world.follow() as events:
        requests.delete(world.control, timeout=TIMEOUT)
        assert list(events) == []


def test_a_stream_of_a_world_that_was_made_again_begins_anew(world: World) -> None:
    world.invoice()
    requests.put(world.control, timeout=TIMEOUT)
    world.invoice()
    with world.follow(**{"Last-Event-ID": "57"}) as events:
        assert next(events)["id"] == "1"


def test_a_reader_that_comes_late_is_told_what_it_missed() -> None:
    with MockServer(Settings(port=0, journal_size=2)) as server:
        world = World(server, "small")
        for _ in range(5):
            world.invoice()
        with world.follow("after=1") as events:
            dropped, first = next(events), next(events)
    assert (dropped["event"], dropped["data"], first["id"]) == ("dropped", {"dropped": 2}, "4")
    assert "id" not in dropped


def test_ten_readers_all_see_everything(world: World) -> None:
    seen: list[list[str]] = []

    def read() -> None:
        with world.follow("after=0") as events:
            seen.append([next(events)["id"] for _ in range(20)])

    readers = [threading.Thread(target=read) for _ in range(10)]
    for reader in readers:
        reader.start()
    for _ in range(20):
        world.invoice()
    for reader in readers:
        reader.join()
    assert seen == [[str(number) for number in range(1, 21)]] * 10


def test_a_bad_number_to_go_on_from_is_refused(world: World) -> None:
    url = f"{world.control}/requests/stream"
    response = requests.get(url, headers={"Last-Event-ID": "x"}, timeout=TIMEOUT)
    assert (response.status_code, response.json()["error"]) == (400, "Bad Request")
    assert response.json()["message"].startswith("Last-Event-ID must be a whole number")


def test_a_long_poll_is_answered_as_soon_as_something_comes(world: World) -> None:
    answers: list[Any] = []

    def poll() -> None:
        url = f"{world.control}/requests?after=0&wait_seconds=30"
        answers.append(requests.get(url, timeout=40).json())

    began = time.monotonic()
    poller = threading.Thread(target=poll)
    poller.start()
    time.sleep(0.2)
    world.invoice()
    poller.join()
    assert [each["number"] for each in answers[0]["requests"]] == [1]
    assert time.monotonic() - began < 5


def test_a_server_with_open_streams_and_polls_stops_at_once() -> None:
    ended: list[Any] = []
    server = MockServer()
    with server:
        world = World(server, "open")
        threads = [
            threading.Thread(target=lambda: ended.append(list(iterate(world)))),
            threading.Thread(
                target=lambda: ended.append(
                    requests.get(f"{world.control}/requests?wait_seconds=60", timeout=70).json()["requests"]
                )
            ),
        ]
        for thread in threads:
            thread.start()
        time.sleep(0.5)
        began = time.monotonic()
    assert time.monotonic() - began < 5
    for thread in threads:
        thread.join(TIMEOUT)
    assert ended == [[], []]


def iterate(world: World) -> Iterator[dict[str, Any]]:
    with world.follow() as events:
        yield from events


def test_readers_that_are_gone_leave_nothing_behind(mock: MockServer, world: World) -> None:
    for _ in range(20):
        with world.follow():
            pass
    world.invoice()
    with world.follow("after=0") as events:
        assert next(events)["id"] == "1"
