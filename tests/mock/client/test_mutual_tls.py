"""Steering a mock that lets in only who shows a certificate."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from billecta_mock.client import MockClient, UnreachableError
from billecta_mock.config import Settings
from billecta_mock.server.runner import MockServer

TIMEOUT = 10


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MockServer]:
    with MockServer(Settings(port=0, tls_self_signed=tmp_path, tls_client_ca=tmp_path / "ca.pem")) as server:
        yield server


def test_a_world_is_made_and_used_by_who_shows_the_certificate(server: MockServer) -> None:
    mock = MockClient(server.origin, ca_file=server.ca_file, client_file=server.client_file)
    with mock.new_world() as world:
        answer = requests.get(
            f"{world.base_url}/fetch-invoice-pdf/1001/",
            headers={"x-api-key": world.api_key},
            verify=str(mock.ca_file),
            cert=str(mock.client_file),
            timeout=TIMEOUT,
        )
        assert answer.content.startswith(b"%PDF")
        assert world.requests.count() == 1


def test_who_shows_none_is_not_let_in(server: MockServer) -> None:
    with pytest.raises(UnreachableError, match="no mock server answers"):
        MockClient(server.origin, ca_file=server.ca_file).check()


def test_a_certificate_without_its_key_is_said(server: MockServer) -> None:
    with pytest.raises(UnreachableError, match="no mock server answers"):
        MockClient(server.origin, ca_file=server.ca_file, client_file=server.ca_file).check()


def test_a_certificate_that_is_not_there_is_refused(server: MockServer, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"the client certificate .* is no file that is there"):
        MockClient(server.origin, ca_file=server.ca_file, client_file=tmp_path / "nothing.pem")
