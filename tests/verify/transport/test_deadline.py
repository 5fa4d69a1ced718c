"""Deployments that never come to an end, each in its own way, on a raw socket."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from time import monotonic, sleep

import pytest
from tests.verify.conftest import PHONES, target_of
from tests.verify.small_server import BASE_PATH, KEY

from billecta_verify.transport.client import Transport
from billecta_verify.transport.errors import NoResponseError
from billecta_verify.transport.exchange import Effect, Purpose, Text
from billecta_verify.transport.operations import create_payment, fetch_invoice, valid

VALID = valid(Text.plain(KEY))
TIMEOUT = 0.15
LONGEST = 3 * TIMEOUT + 1.5

Answering = Callable[[socket.socket], None]


@contextmanager
def raw_server(answer: Answering) -> Iterator[str]:
    """Answers each connection as it likes; yields the base URL."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        done = threading.Event()

        def talk(connection: socket.socket) -> None:
            with connection, suppress(OSError):
                connection.recv(65536)
                answer(connection)

        def accept() -> None:
            while not done.is_set():
                with suppress(TimeoutError):
                    threading.Thread(target=talk, args=(server.accept()[0],), daemon=True).start()

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}{BASE_PATH}"
        finally:
            done.set()
            thread.join()


def forever(start: bytes, piece: bytes, pause: float) -> Answering:
    def answer(connection: socket.socket) -> None:
        connection.sendall(start)
        until = monotonic() + 30
        while monotonic() < until:
            connection.sendall(piece)
            sleep(pause)

    return answer


ENDLESS = {
    "status line": forever(b"", b"H", 0.1),
    "headers": forever(b"HTTP/1.1 200 OK\r\n", b"a: b\r\n", 0.1),
    "one header": forever(b"HTTP/1.1 200 OK\r\nA: ", b"b", 0.1),
    "100 Continue": forever(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.01),
    "103 Early Hints": forever(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", 0.01),
}
ENDLESS_BODIES = {
    "until it closes": forever(b"HTTP/1.1 200 OK\r\n\r\n", b"x", 0.1),
    "of a length": forever(b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n", b"x", 0.1),
    "in chunks": forever(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n", 0.1),
}


@pytest.mark.parametrize("what", ENDLESS)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_answer_that_never_begins_is_given_up(what: str, method: str) -> None:
    with raw_server(ENDLESS[what]) as base_url:
        transport = Transport(target_of(base_url, timeout=TIMEOUT))
        request = fetch_invoice(Text.plain("1001"), VALID)
        if method == "POST":
            request = create_payment(Text.plain("action123"), VALID, phone=Text.plain(PHONES[0]), message="a")
        began = monotonic()
        with transport.under(Purpose("a check", "SWISH-1", Effect.CREATE)), pytest.raises(NoResponseError) as caught:
            transport.send(request)
        assert monotonic() - began < LONGEST
        assert caught.value.sent
        assert "within the time limit" in str(caught.value)
        transport.close()


@pytest.mark.parametrize("what", ENDLESS_BODIES)
def test_a_body_that_never_ends_is_given_up(what: str) -> None:
    with raw_server(ENDLESS_BODIES[what]) as base_url:
        transport = Transport(target_of(base_url, timeout=TIMEOUT))
        began = monotonic()
        exchange = transport.send(fetch_invoice(Text.plain("1001"), VALID))
        assert monotonic() - began < LONGEST
        assert exchange.broken == "not sent within the time limit"
        transport.close()


@pytest.mark.parametrize("status", ["102 Processing", "103 Early Hints"])
def test_interim_answers_are_passed_over(status: str) -> None:
    def answer(connection: socket.socket) -> None:
        interim = f"HTTP/1.1 {status}\r\nLink: </style.css>\r\n\r\n".encode()
        connection.sendall(interim * 2 + b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}")

    with raw_server(answer) as base_url:
        transport = Transport(target_of(base_url, timeout=TIMEOUT))
        exchange = transport.send(fetch_invoice(Text.plain("1001"), VALID))
        assert (exchange.status, exchange.body, exchange.header("link")) == (404, b"{}", None)
        transport.close()
