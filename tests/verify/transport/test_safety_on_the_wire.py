"""Safety on the wire, continued: what is sent once, what is not sent to others, and how fast."""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import suppress
from dataclasses import replace

import pytest
from tests.tiers import full
from tests.verify.conftest import target_of
from tests.verify.small_server import BASE_PATH, Answer, Asked, Contract, serving

from billecta_verify.runner.dry_run import ReferenceAdapter, ReferenceDeployment
from billecta_verify.runner.run import run
from billecta_verify.transport.client import Transport
from billecta_verify.transport.errors import NoResponseError
from billecta_verify.transport.exchange import Request, Text
from billecta_verify.transport.operations import CREATE_PAYMENT
from billecta_verify.transport.safety import RequestRefusedError

from .test_safety import CREATE, REFUSABLE, VALID, invoice, listening, payment


@pytest.mark.parametrize("method", ["DELETE", "PUT", "PATCH", "TRACE", "PURGE", "MOVE", "CONNECT"])
def test_methods_that_change_things_go_to_another_machine_only_when_asked_for(method: str) -> None:
    elsewhere = replace(target_of("http://127.0.0.1:1"), base_url="https://localhost.example/database/x")
    for target in (elsewhere, replace(elsewhere, probe_methods=True)):
        ideal = ReferenceDeployment(target)
        transport = Transport(target, connect=lambda ideal=ideal: ReferenceAdapter(ideal))
        request = Request(CREATE_PAYMENT, method, Text.plain("payments/swish/x"), VALID)
        with transport.under(replace(REFUSABLE, kind="a method")):
            if target.probe_methods:
                assert transport.send(request).status == 405
            else:
                with pytest.raises(RequestRefusedError, match="never sent to a deployment on another machine"):
                    transport.send(request)


@pytest.mark.parametrize(
    "status", [301, 302, 303, 307, 308, 401, 407, 408, 409, 417, 421, 425, 426, 428, 429, 500, 502, 503, 504, 511]
)
def test_a_post_is_sent_once_and_nowhere_else_whatever_is_answered(status: int) -> None:
    class Answers(Contract):
        def create(self, asked: Asked, action_id: str) -> Answer:
            own = f"{BASE_PATH}/payments/swish/another"
            place = elsewhere if asked.parameters["message"] == ["elsewhere"] else own
            tempting = (
                ("Location", place),
                ("Retry-After", "0"),
                ("WWW-Authenticate", "Basic"),
                ("Refresh", f"0; {place}"),
            )
            return Answer(status, headers=(*tempting, ("Connection", "close")))

    contract = Answers()
    with listening() as (elsewhere, connections), serving(contract) as base_url:
        transport = Transport(target_of(base_url))
        for message in ("elsewhere", "here"):
            with transport.under(CREATE):
                assert transport.send(payment(message=message)).status == status
        assert connections == []
    assert len(contract.seen) == 2


BROKEN_OFF = {
    "at once": b"",
    "in the status line": b"HTTP/1.1 201",
    "in the body": b"HTTP/1.1 201 Created\r\nContent-Length: 99\r\n\r\n{",
    "after 100": b"HTTP/1.1 100 Continue\r\n\r\n",
    "after 103": b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n",
    "in a chunk": b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{",
    "with what is no HTTP": b"\x16\x03\x01\x00\r\n\r\n",
    "with two lengths": b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\nContent-Length: 9\r\n\r\n{}",
}


@pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
@pytest.mark.parametrize("where", BROKEN_OFF)
def test_a_post_is_sent_once_wherever_its_answer_breaks_off(where: str, *, reset: bool) -> None:
    asked: list[bytes] = []

    def serve(server: socket.socket) -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                asked.append(connection.recv(65536))
                connection.sendall(BROKEN_OFF[where])
                if reset:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, args=(server,))
        thread.start()
        base_url = f"http://127.0.0.1:{server.getsockname()[1]}/database/limepkg-billecta-integration"
        transport = Transport(target_of(base_url))
        with transport.under(CREATE), suppress(NoResponseError):
            transport.send(payment())
        server.shutdown(socket.SHUT_RDWR)  # it accepts nothing more, and says so to the thread
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


@pytest.mark.parametrize("scheme", ["http", "https", "all", "ftp", "socks"])
def test_no_proxy_of_the_environment_is_used(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with listening() as (proxy, connections):
        for name in (f"{scheme}_proxy", f"{scheme}_PROXY".upper()):
            monkeypatch.setenv(name, proxy)
        monkeypatch.delenv("no_proxy", raising=False)
        contract = Contract()
        with serving(contract) as base_url:
            transport = Transport(target_of(base_url))
            assert transport.send(invoice()).status == 200
            with transport.under(CREATE):
                assert transport.send(payment()).status == 201
        assert connections == []


class SendsAllElsewhere(Contract):
    """Points to another place in every way that HTTP has."""

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place

    def finish(self, asked: Asked, answer: Answer) -> Answer:
        others = (("Location", self.place), ("Content-Location", self.place), ("Link", f"<{self.place}>; rel=preload"))
        headers = (
            *answer.headers,
            *others,
            ("Refresh", f"0; url={self.place}"),
            ("Alt-Svc", 'h2="elsewhere.test:443"'),
        )
        return replace(answer, status=307 if len(self.seen) % 3 == 0 else answer.status, headers=headers)


@pytest.mark.parametrize("place", ["{elsewhere}", *full(["http://elsewhere.test"])])
def test_a_whole_run_contacts_nobody_else_and_looks_up_no_other_name(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up: set[object] = set()
    look_up = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *rest, **more: looked_up.add(host) or look_up(host, *rest, **more)
    )
    with listening() as (elsewhere, connections):
        contract = SendsAllElsewhere(f"{place.format(elsewhere=elsewhere)}/fetch-invoice-pdf/1/")
        with serving(contract) as base_url:
            result = run(target_of(base_url))
        assert result.counts.requests == len(contract.seen) > 50
        assert connections == []
    assert looked_up == {"127.0.0.1"}
