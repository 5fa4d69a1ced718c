"""Requests that come one after the other on one connection, however the network cuts them; and what has no end."""

import socket
from urllib.parse import urlsplit

import pytest

from billecta_mock.server.runner import MockServer

GET = (
    b"GET /database/limepkg-billecta-integration/payments/swish/x HTTP/1.1\r\n"
    b"host: 127.0.0.1\r\nx-api-key: ABC123\r\n\r\n"
)


def connect(mock: MockServer) -> socket.socket:
    address = urlsplit(mock.origin)
    return socket.create_connection((address.hostname or "", address.port or 0), timeout=10)


def read_until(connection: socket.socket, wanted: int) -> bytes:
    """What came until so many answers had begun, or the connection ended."""
    received = b""
    while received.count(b"HTTP/1.1 ") < wanted and (chunk := connection.recv(65536)):
        received += chunk
    return received


def test_many_requests_and_the_beginning_of_one_more_are_all_answered(mock: MockServer) -> None:
    with connect(mock) as connection:
        connection.sendall(GET * 500 + GET[:30])
        received = read_until(connection, 500)
        assert (received.count(b"HTTP/1.1 404"), received.count(b"HTTP/1.1 431")) == (500, 0)
        connection.sendall(GET[30:])
        assert read_until(connection, 1).startswith(b"HTTP/1.1 404")


def test_a_large_body_and_the_beginning_of_the_next_request_are_both_read(mock: MockServer) -> None:
    body = b" " * 60_000 + b'{"mode": "real"}'
    head = f"PUT /__admin/worlds/database/clock HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: {len(body)}\r\n\r\n"
    with connect(mock) as connection:
        connection.sendall(head.encode() + body + GET[:20])
        assert read_until(connection, 1).startswith(b"HTTP/1.1 200")
        connection.sendall(GET[20:])
        assert read_until(connection, 1).startswith(b"HTTP/1.1 404")


def send_without_end(connection: socket.socket, chunk: bytes) -> None:
    for _ in range(100_000):
        connection.sendall(chunk)


def test_headers_after_a_body_come_to_an_end(mock: MockServer) -> None:
    head = b"PUT /__admin/worlds/database/clock HTTP/1.1\r\nhost: 127.0.0.1\r\ntransfer-encoding: chunked\r\n\r\n"
    with connect(mock) as connection:
        connection.sendall(head + b"10\r\n" + b'{"mode": "real"}' + b"\r\n0\r\n")
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            send_without_end(connection, b"a: " + b"b" * 1000 + b"\r\n")
