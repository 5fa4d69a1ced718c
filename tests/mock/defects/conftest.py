"""Worlds on one real server, with and without defects, and what a client sees of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from http.client import HTTPConnection
from itertools import count
from time import perf_counter
from typing import Any, NamedTuple

import pytest

from billecta_mock.server.runner import MockServer

from .probes import NEXT_DOOR, Pause, Probe

_BASE = "limepkg-billecta-integration"
_GENERATED_ID = re.compile(rb"[0-9A-F]{32}")


class Seen(NamedTuple):
    """What a client saw of one answer, and how long it took."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    seconds: float


class Bench:
    """One server, on which each trial gets a world of its own."""

    def __init__(self, server: MockServer) -> None:
        host, port = server.origin.removeprefix("http://").split(":")
        self._connection = HTTPConnection(host, int(port), timeout=10)
        self.close = self._connection.close
        self._numbers = count(1)
        self.control("PUT", "/next-door", {"keys": [{"key": NEXT_DOOR, "name": "Next door"}], "invoices": []})

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """What the admin API answers, which is good."""
        text = None if body is None else json.dumps(body)
        self._connection.request(method, f"/__admin/worlds{path}", text, {"content-type": "application/json"})
        response = self._connection.getresponse()
        said = response.read()
        assert response.status < 300, said
        return json.loads(said) if said else None

    def open(self, *defects: str) -> str:
        """A new world with two payment requests, its clock frozen, and then these defects."""
        database = f"trial{next(self._numbers)}"
        self.control("PUT", f"/{database}")
        self.control("PUT", f"/{database}/clock", {"mode": "frozen"})
        for phone in ("46701740698", "46701740699"):
            seen = self.send(database, Probe("POST", f"/payments/swish/action123?phone={phone}&message=a"))
            assert seen.status == 201, seen.body
        self.control("PUT", f"/{database}/defects", list(defects))
        return database

    def try_all(self, database: str, probes: tuple[Probe | Pause, ...]) -> list[Seen]:
        """What is seen of these requests, one after the other."""
        payments = self.control("GET", f"/{database}/payments")["payments"]
        first, second = (payment["requestid"] for payment in reversed(payments))
        seen = []
        for probe in probes:
            if isinstance(probe, Pause):
                self.control("POST", f"/{database}/clock/advance", {"seconds": probe.seconds})
                continue
            path = probe.path.replace("{first}", first).replace("{second}", second).replace("{part}", first[:12])
            seen.append(self.send(database, probe._replace(path=path)))
        return _with_ids_by_order(seen)

    def send(self, database: str, probe: Probe) -> Seen:
        key = {} if probe.key is None else {"x-api-key": probe.key.encode()}
        started = perf_counter()
        self._connection.request(
            probe.method, f"/{database}/{_BASE}{probe.path}", probe.body, {**key, **dict(probe.headers)}
        )
        response = self._connection.getresponse()
        body = response.read()
        headers = tuple((name, value) for name, value in response.getheaders() if name != "date")
        return Seen(response.status, headers, body, perf_counter() - started)

    def codes(self, database: str) -> set[str]:
        """The codes of the true reasons in the journal."""
        requests = self.control("GET", f"/{database}/requests?limit=1000")["requests"]
        return {exchange["why"]["code"] for exchange in requests}

    def marks(self, database: str) -> set[str]:
        """All marks in the journal."""
        requests = self.control("GET", f"/{database}/requests?limit=1000")["requests"]
        return {mark for exchange in requests for mark in exchange["marks"]}


def _with_ids_by_order(answers: list[Seen]) -> list[Seen]:
    """Ids that the server made up become numbers, in the order in which they were seen."""
    numbers: dict[bytes, bytes] = {}

    def number(found: re.Match[bytes]) -> bytes:
        return numbers.setdefault(found[0], b"id%d" % len(numbers))

    return [seen._replace(body=_GENERATED_ID.sub(number, seen.body)) for seen in answers]


@pytest.fixture(scope="session")
def bench() -> Iterator[Bench]:
    with MockServer() as server:
        bench = Bench(server)
        yield bench
        bench.close()
