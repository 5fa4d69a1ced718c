"""Clients that offer another protocol with each request, as Java's does: they are served as all others are."""

import json
import socket
import time
from urllib.parse import urlsplit

import pytest
import requests

from billecta_mock.server.runner import MockServer

OFFER = (
    b"Connection: Upgrade, HTTP2-Settings\r\nHost: 127.0.0.1\r\nHTTP2-Settings: AAEAAEAA\r\nUpgrade: h2c\r\n"
    b"X-Api-Key: ABC123\r\n"
)
TIMEOUT = 10


@pytest.fixture
def world(mock: MockServer) -> str:
    database = "upgrades"
    requests.put(f"{mock.origin}/__admin/worlds/{database}", timeout=TIMEOUT)
    return database


def advance(world: str, head: bytes = b"") -> tuple[bytes, bytes]:
    body = b'{"seconds": 60}'
    length = head or b"Content-Length: %d\r\n" % len(body)
    request = b"POST /__admin/worlds/%s/clock/advance HTTP/1.1\r\n" % world.encode() + OFFER + length + b"\r\n"
    return request, body if not head else b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)


def send(mock: MockServer, *parts: bytes, answers: int = 1) -> str:
    """What comes back; the parts arrive one after the other."""
    address = urlsplit(mock.origin)
    with socket.create_connection((address.hostname, address.port or 0), timeout=TIMEOUT) as connection:
        for part in parts:
            connection.sendall(part)
            time.sleep(0.05)
        received = b""
        while received.count(b"HTTP/1.1 ") < answers or not received.endswith(b"}"):
            received += connection.recv(65536)
    return received.decode()


def test_a_body_behind_an_offer_is_read(mock: MockServer, world: str) -> None:
    answer = send(mock, b"".join(advance(world)))
    assert answer.startswith("HTTP/1.1 200 ")
    assert json.loads(answer.partition("\r\n\r\n")[2])["events"] == []


def test_a_body_that_comes_later_than_the_offer_is_read(mock: MockServer, world: str) -> None:
    assert send(mock, *advance(world)).startswith("HTTP/1.1 200 ")


def test_a_body_in_chunks_is_read(mock: MockServer, world: str) -> None:
    assert send(mock, *advance(world, b"Transfer-Encoding: chunked\r\n")).startswith("HTTP/1.1 200 ")


def test_requests_with_offers_follow_each_other_on_one_connection(mock: MockServer, world: str) -> None:
    answer = send(mock, *advance(world), *advance(world), b"".join(advance(world) * 2), answers=4)
    assert answer.count("HTTP/1.1 200 ") == 4


def test_the_api_takes_the_key_of_a_client_that_makes_an_offer(mock: MockServer, world: str) -> None:
    target = f"/{world}/limepkg-billecta-integration/payments/swish/action123?phone=46701740605&message=Hej"
    answer = send(mock, f"POST {target} HTTP/1.1\r\n".encode() + OFFER + b"Content-Length: 0\r\n\r\n")
    assert answer.startswith("HTTP/1.1 201 ")


def test_an_offer_does_not_widen_the_bounds(mock: MockServer, world: str) -> None:
    request, body = advance(world)
    long = request.replace(b"\r\n\r\n", b"\r\nX-Long: " + b"a" * 40_000 + b"\r\n\r\n")
    assert send(mock, long + body).startswith("HTTP/1.1 431 ")
