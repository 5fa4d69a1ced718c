"""The end of the mock: answers under way are finished, and whoever asks twice waits no longer."""

import signal
import socket
import time
from urllib.parse import urlsplit

import pytest
import requests
from tests.tiers import full

from .conftest import API, KEY, TIMEOUT, Start

PAGE = b"GET " + API.encode() + b"/fetch-invoice-pdf/1001/ HTTP/1.1\r\nhost: x\r\nx-api-key: ABC123\r\n\r\n"


def slow_reader(origin: str, requests_in_all: int) -> socket.socket:
    """A client that has asked for more than the buffers of a connection hold, and has read nothing of it yet."""
    address = urlsplit(origin)
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.settimeout(TIMEOUT)
    client.connect((address.hostname, address.port or 0))
    client.sendall(PAGE * requests_in_all)
    time.sleep(1)
    return client


@pytest.mark.parametrize("by", [signal.SIGTERM, *full([signal.SIGINT])])
def test_answers_under_way_are_finished_before_it_stops(start_mock: Start, by: signal.Signals) -> None:
    mock = start_mock()
    whole = requests.get(f"{mock.origin}{API}/fetch-invoice-pdf/1001/", headers=KEY, timeout=TIMEOUT).content
    with slow_reader(mock.origin, 400) as client:
        mock.process.send_signal(by)
        time.sleep(0.5)
        assert mock.process.poll() is None
        received = b"".join(iter(lambda: client.recv(65536), b""))
    assert received.count(b"HTTP/1.1 200 OK") == 400
    assert received.endswith(whole)
    assert mock.process.wait(TIMEOUT) == 0


@pytest.mark.parametrize("by", [signal.SIGTERM, *full([signal.SIGINT])])
def test_told_twice_it_ends_at_once(start_mock: Start, by: signal.Signals) -> None:
    mock = start_mock()
    with slow_reader(mock.origin, 400):
        mock.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        assert mock.process.poll() is None
        mock.process.send_signal(by)
        assert mock.process.wait(2) == -by


@pytest.mark.parametrize("stop_signal", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_without_a_word_when_told_to(start_mock: Start, stop_signal: signal.Signals) -> None:
    mock = start_mock()
    _, errors = mock.stop(stop_signal)
    assert errors == ""
    assert mock.process.returncode == 0
