"""Safety on the wire, continued: what is sent once, what is not sent to others, and how fast."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from dataclasses import replace

import pytest

from contract_tests.exchange import Request, Text
from contract_tests.guard import RequestRefusedError
from contract_tests.operations import CREATE_PAYMENT
from contract_tests.rehearsal import IdealAdapter, IdealDeployment
from contract_tests.silence import NoAnswerError
from contract_tests.transport import Transport

from .conftest import target_of
from .small_server import Answer, Asked, Contract, serving
from .test_safety import CREATE, REFUSABLE, VALID, payment


@pytest.mark.parametrize("method", ["DELETE", "PUT", "PATCH", "TRACE"])
def test_methods_that_change_things_go_to_another_machine_only_when_asked_for(method: str) -> None:
    elsewhere = replace(target_of("http://127.0.0.1:1"), base_url="https://localhost.example/database/x")
    for target in (elsewhere, replace(elsewhere, probe_methods=True)):
        ideal = IdealDeployment(target)
        transport = Transport(target, connect=lambda ideal=ideal: IdealAdapter(ideal))
        request = Request(CREATE_PAYMENT, method, Text.plain("payments/swish/x"), VALID)
        with transport.under(replace(REFUSABLE, kind="a method")):
            if target.probe_methods:
                assert transport.send(request).status == 405
            else:
                with pytest.raises(RequestRefusedError, match="never sent to a deployment on another machine"):
                    transport.send(request)


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_a_post_is_sent_once_whatever_is_answered(status: int) -> None:
    class Answers(Contract):
        def create(self, asked: Asked, action_id: str) -> Answer:
            return Answer(status, headers=(("Retry-After", "0"), ("Connection", "close")))

    contract = Answers()
    with serving(contract) as base_url:
        transport = Transport(target_of(base_url))
        with transport.under(CREATE):
            assert transport.send(payment()).status == status
    assert len(contract.seen) == 1


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 201", b"HTTP/1.1 201 Created\r\nContent-Length: 99\r\n\r\n{"])
def test_a_post_is_sent_once_wherever_its_answer_breaks_off(said: bytes) -> None:
    asked: list[bytes] = []

    def serve(server: socket.socket) -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                asked.append(connection.recv(65536))
                connection.sendall(said)

    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(1.5)
        thread = threading.Thread(target=serve, args=(server,))
        thread.start()
        base_url = f"http://127.0.0.1:{server.getsockname()[1]}/database/limepkg-billecta-integration"
        transport = Transport(target_of(base_url))
        with transport.under(CREATE), suppress(NoAnswerError):
            transport.send(payment())
        thread.join()
    assert [first.partition(b" ")[0] for first in asked] == [b"POST"]


def test_the_default_rate_for_another_machine_is_below_the_limit_of_the_platform() -> None:
    target = replace(target_of("http://127.0.0.1:1"), base_url="https://customer.example/database/x")
    assert target.requests_per_second is not None
    assert target.requests_per_second * 300 < 3000


def test_a_session_keeps_no_cookies_for_its_user_either() -> None:
    class SetsCookies(Contract):
        def finish(self, asked: Asked, answer: Answer) -> Answer:
            return replace(answer, headers=(("Set-Cookie", "session=1; Path=/"),))

    contract = SetsCookies()
    with serving(contract) as base_url:
        session = Transport(target_of(base_url)).session
        for _ in range(2):
            session.get(f"{base_url}/fetch-invoice-pdf/1001/")
    assert "cookie" not in contract.seen[1].headers
