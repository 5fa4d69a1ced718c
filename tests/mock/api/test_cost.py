"""What a request costs, counted in bytecode instructions: the same on a busy machine, so that no change doubles it."""

import asyncio
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from types import FrameType
from typing import Any

import orjson
import pytest

from billecta_mock.config import Settings
from billecta_mock.server.app import create_app, load_dataset

REQUESTS = 20
WARM_UP = 50
BASE = "/database/limepkg-billecta-integration"
Message = MutableMapping[str, Any]

COSTS = {"GET status": 1550, "POST create": 2900, "GET PDF": 1550, "masked 404": 1300}
"""Instructions per request, measured on Python 3.11. A cost may grow by half before the test fails."""


class Asking:
    """Requests to one application, without a server around it."""

    def __init__(self) -> None:
        settings = Settings(pay_after_seconds=3600)
        self._app = create_app(settings, load_dataset(settings))
        self._sent: list[Message] = []
        self._numbers = iter(range(10_000))
        self._request_id = ""

    async def prepare(self) -> None:
        """A payment whose status can be asked for."""
        await self.ask("POST create")
        self._request_id = orjson.loads(self._sent[-1]["body"])["requestid"]

    async def ask(self, kind: str) -> int:
        """One request of a kind; its status."""
        method, path, query, key = {
            "GET status": ("GET", f"/payments/swish/{self._request_id}", "", b"ABC123"),
            "POST create": ("POST", "/payments/swish/action123", f"phone=46701{next(self._numbers):06}&message=Hej",
                            b"ABC123"),
            "GET PDF": ("GET", "/fetch-invoice-pdf/1001/", "", b"ABC123"),
            "masked 404": ("GET", "/fetch-invoice-pdf/1001/", "", b"no-such-key"),
        }[kind]  # fmt: skip
        scope = {
            "type": "http", "method": method, "path": BASE + path, "raw_path": (BASE + path).encode(),
            "query_string": query.encode(), "headers": [(b"host", b"127.0.0.1"), (b"x-api-key", key)],
            "client": ("127.0.0.1", 50_000),
        }  # fmt: skip
        self._sent.clear()
        await self._app(scope, self._receive, self._send)
        return int(self._sent[0]["status"])

    async def _receive(self) -> Message:
        return {"type": "http.request", "body": b""}

    async def _send(self, message: Message) -> None:
        self._sent.append(message)


@contextmanager
def counting() -> Iterator[list[int]]:
    """How many bytecode instructions have run since, in a list of one.

    Python 3.13 counts those of a function from its second call on: let everything run once before counting.
    """
    count, before = [0], sys.gettrace()

    def trace(frame: FrameType, event: str, _argument: Any) -> Any:
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        if event == "opcode":
            count[0] += 1
        return trace

    sys.settrace(trace)
    try:
        yield count
    finally:
        sys.settrace(before)


async def measure(kind: str) -> float:
    asking = Asking()
    await asking.prepare()
    with counting() as count:
        statuses = {await asking.ask(kind) for _ in range(WARM_UP)}
        before = count[0]
        statuses |= {await asking.ask(kind) for _ in range(REQUESTS)}
    assert len(statuses) == 1, statuses
    return (count[0] - before) / REQUESTS


@pytest.mark.parametrize("kind", COSTS)
def test_a_request_costs_no_more_than_it_did(kind: str) -> None:
    assert asyncio.run(measure(kind)) <= 1.5 * COSTS[kind]


def test_the_count_would_notice_work_that_is_done_twice() -> None:
    async def twice() -> tuple[float, float]:
        asking = Asking()
        await asking.prepare()
        with counting() as count:
            await asking.ask("GET status")
            begun = count[0]
            await asking.ask("GET status")
            once = count[0]
            await asking.ask("GET status")
            await asking.ask("GET status")
        return once - begun, count[0] - once

    once, both = asyncio.run(twice())
    assert both == pytest.approx(2 * once, rel=0.05)
