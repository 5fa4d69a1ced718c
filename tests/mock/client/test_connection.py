"""The way from the client to its server: addresses, certificates, and what answers there."""

from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from billecta_mock.client import MockClient, UnreachableError
from billecta_mock.config import Settings
from billecta_mock.server.runner import MockServer


def test_a_certificate_authority_that_is_of_no_use_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"is for https, and http://127\.0\.0\.1:1 is not"):
        MockClient("http://127.0.0.1:1", ca_file=tmp_path / "ca.pem")
    with pytest.raises(ValueError, match="is no file that is there"):
        MockClient("https://127.0.0.1:1", ca_file=tmp_path / "ca.pem")


@pytest.mark.parametrize("origin", ["127.0.0.1:8080", "ftp://127.0.0.1", "http://127.0.0.1/path", ""])
def test_what_is_no_address_of_a_server_is_refused(origin: str) -> None:
    with pytest.raises(ValueError, match="is not the address of a mock server"):
        MockClient(origin)


def test_a_mock_with_a_certificate_of_its_own_is_trusted_by_its_authority(tmp_path: Path) -> None:
    with MockServer(Settings(port=0, tls_self_signed=tmp_path)) as server:
        MockClient(server.origin, ca_file=server.ca_file).check()
        with pytest.raises(UnreachableError, match="CERTIFICATE_VERIFY_FAILED"):
            MockClient(server.origin).check()


def test_what_answers_but_is_no_mock_is_said(tmp_path: Path) -> None:
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        with pytest.raises(UnreachableError, match="is no mock server: it speaks no JSON"):
            MockClient(f"http://127.0.0.1:{server.server_port}").check()
        server.shutdown()


def test_a_server_that_is_not_there_or_is_no_mock_is_said(mock: MockServer) -> None:
    with pytest.raises(UnreachableError, match=r"no mock server answers at http://127.0.0.1:1"):
        MockClient("http://127.0.0.1:1").check()
    MockClient(f"{mock.origin}/").check()
