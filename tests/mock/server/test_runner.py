"""The mock server as its users meet it: over TCP, with real clients."""

import http.client
import io
import socket
import threading
from urllib.parse import urlsplit

import pikepdf
import pytest
import requests

from billecta_mock.config import Settings
from billecta_mock.server.runner import AddressError, MockServer

KEY = {"x-api-key": "ABC123"}
TIMEOUT = 10


def send_raw(server: MockServer, request: bytes) -> bytes:
    """All that comes back for these bytes until the server closes the connection."""
    address = urlsplit(server.origin)
    with socket.create_connection((address.hostname, address.port or 0), timeout=TIMEOUT) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def status_of(response: bytes) -> int:
    return int(response.split(b" ", 2)[1])


def test_the_three_examples_of_the_page_give_what_the_page_says(mock: MockServer) -> None:
    base = mock.url("database")
    document = requests.get(f"{base}/fetch-invoice-pdf/1001/", headers=KEY, timeout=TIMEOUT)
    assert (document.status_code, document.headers["content-type"]) == (200, "application/pdf")
    assert len(pikepdf.open(io.BytesIO(document.content)).pages) == 1

    create = f"{base}/payments/swish/action123?phone=46701234567&message=Invoice+123"
    created = requests.post(create, headers=KEY, timeout=TIMEOUT)
    assert created.status_code == 201
    assert list(created.json()) == ["requestid"]

    status = requests.get(f"{base}/payments/swish/{created.json()['requestid']}", headers=KEY, timeout=TIMEOUT)
    assert (status.status_code, status.json()) == (200, {"requeststatus": "Created"})


def test_it_is_ready_when_the_block_begins_and_gone_when_it_ends() -> None:
    with MockServer() as server:
        health = f"{server.origin}/__admin/health"
        assert requests.get(health, timeout=TIMEOUT).status_code == 200
    with pytest.raises(requests.ConnectionError):
        requests.get(health, timeout=TIMEOUT)


def test_two_servers_share_nothing(mock: MockServer) -> None:
    with MockServer() as other:
        requests.put(f"{other.origin}/__admin/worlds/only-there", timeout=TIMEOUT)
        worlds = requests.get(f"{mock.origin}/__admin/worlds", timeout=TIMEOUT).json()["worlds"]
        assert "only-there" not in [world["database"] for world in worlds]


def test_a_world_with_a_space_in_its_name_has_a_url_that_works(mock: MockServer) -> None:
    requests.put(f"{mock.origin}/__admin/worlds/Kund%20AB", timeout=TIMEOUT)
    invoice = requests.get(f"{mock.url('Kund AB')}/fetch-invoice-pdf/1001/", headers=KEY, timeout=TIMEOUT)
    assert invoice.status_code == 200


def test_a_port_in_use_is_said_with_a_way_out(mock: MockServer) -> None:
    port = urlsplit(mock.origin).port
    assert port is not None
    with pytest.raises(AddressError, match=rf"port {port} on 127.0.0.1 is in use; .* --port"):
        MockServer(Settings(port=port))


def test_an_address_that_is_not_this_machine_s_is_said() -> None:
    with pytest.raises(AddressError, match=r"'no\.such\.host\.invalid' is no address of this machine"):
        MockServer(Settings(host="no.such.host.invalid", port=0))


def test_it_listens_on_ipv6_too() -> None:
    with MockServer(Settings(host="::1", port=0)) as server:
        assert requests.get(f"{server.origin}/__admin/health", timeout=TIMEOUT).status_code == 200


def test_masked_answers_are_the_same_byte_for_byte_but_for_the_date(mock: MockServer) -> None:
    def answer(path: str, headers: str) -> list[bytes]:
        raw = send_raw(mock, f"GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}\r\n".encode())
        return [line for line in raw.split(b"\r\n") if not line.lower().startswith(b"date:")]

    base = "/database/limepkg-billecta-integration"
    missing = answer(f"{base}/fetch-invoice-pdf/987654321/", "x-api-key: ABC123\r\n")
    assert missing[0] == b"HTTP/1.1 404 Not Found"
    assert answer(f"{base}/fetch-invoice-pdf/1001/", "") == missing
    assert answer(f"{base}/fetch-invoice-pdf/1001/", "x-api-key: nope\r\n") == missing
    assert answer(f"{base}/fetch-invoice-pdf/123/", "x-api-key: SALES-KEY\r\n") == missing
    assert answer("/nowhere/limepkg-billecta-integration/fetch-invoice-pdf/1001/", "x-api-key: ABC123\r\n") == missing
    assert answer("/nothing", "") == missing


def test_head_has_the_length_of_the_document_and_no_body(mock: MockServer) -> None:
    address = urlsplit(mock.url("database"))
    connection = http.client.HTTPConnection(address.netloc, timeout=TIMEOUT)
    connection.request("HEAD", f"{address.path}/fetch-invoice-pdf/1001/", headers=KEY)
    head = connection.getresponse()
    assert (head.status, head.read()) == (200, b"")
    connection.request("GET", f"{address.path}/fetch-invoice-pdf/1001/", headers=KEY)
    assert len(connection.getresponse().read()) == int(head.headers["content-length"])
    connection.close()


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nhost: x\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nhost: x\r\nx: " + b"a" * 40_000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nhost: x\r\n" + b"x: a\r\n" * 20_000 + b"\r\n", 431),
        (b"this is not HTTP\r\n\r\n", 400),
        (b"GET /\xc3\xa5 HTTP/1.1\r\nhost: x\r\n\r\n", 400),
        (b"GET /\x00 HTTP/1.1\r\nhost: x\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00", 400),
    ],
)
def test_what_is_beyond_bounds_or_no_http_is_refused_in_the_one_envelope(
    mock: MockServer, request_bytes: bytes, status: int
) -> None:
    response = send_raw(mock, request_bytes)
    assert status_of(response) == status
    assert b'{"error":' in response
    assert b"connection: close" in response


def test_a_request_line_that_never_ends_is_cut_off_early(mock: MockServer) -> None:
    address = urlsplit(mock.origin)
    with socket.create_connection((address.hostname, address.port or 0), timeout=TIMEOUT) as connection:
        connection.sendall(b"GET /" + b"a" * 9000)
        assert connection.recv(65536).startswith(b"HTTP/1.1 414 ")


@pytest.mark.parametrize("beginning", [b"", b'{"keys": [', b'{"keys": []}'])
def test_a_body_that_is_cut_off_changes_nothing(mock: MockServer, beginning: bytes) -> None:
    world = f"{mock.origin}/__admin/worlds/cut-off"
    requests.put(world, json={"keys": [{"key": "MINE", "name": "Mine"}]}, timeout=TIMEOUT)
    send_raw(mock, b"PUT /__admin/worlds/cut-off HTTP/1.1\r\nhost: [::1]\r\ncontent-length: 5000\r\n\r\n" + beginning)
    assert requests.get(world, timeout=TIMEOUT).json()["keys"] == 1


def test_a_body_that_nobody_asked_for_does_no_harm(mock: MockServer) -> None:
    create = f"{mock.url('database')}/payments/swish/action123?phone=46701740650&message=a"
    assert requests.post(create, headers=KEY, data=b"x" * 5_000_000, timeout=TIMEOUT).status_code == 201


def test_ten_clients_that_ask_for_a_new_document_at_once_all_get_the_same(mock: MockServer) -> None:
    url = f"{mock.url('database')}/fetch-invoice-pdf/1008/"
    bodies: list[bytes] = []

    def fetch() -> None:
        bodies.append(requests.get(url, headers=KEY, timeout=TIMEOUT).content)

    clients = [threading.Thread(target=fetch) for _ in range(10)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    assert len(bodies) == 10
    assert len(set(bodies)) == 1


def test_a_payment_is_paid_after_real_seconds(mock: MockServer) -> None:
    control = f"{mock.origin}/__admin/worlds/in-real-time"
    requests.put(control, timeout=TIMEOUT)
    requests.patch(f"{control}/settings", json={"pay_after_seconds": 0.2}, timeout=TIMEOUT)
    base = mock.url("in-real-time")
    query = {"phone": "46701740605", "message": "Invoice 123"}
    created = requests.post(f"{base}/payments/swish/action123", params=query, headers=KEY, timeout=TIMEOUT)
    status = f"{base}/payments/swish/{created.json()['requestid']}"
    for _ in range(100):
        if requests.get(status, headers=KEY, timeout=TIMEOUT).json() == {"requeststatus": "Paid"}:
            return
        threading.Event().wait(0.05)
    pytest.fail("the payment was not paid within 5 seconds")
