"""https, with certificates that were given and with those that the mock makes; and mutual TLS."""

import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from billecta_mock.config import Settings
from billecta_mock.server.runner import MockServer
from billecta_mock.server.tls import TlsError

TIMEOUT = 10


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def pair(authority: trustme.CA, tmp_path: Path) -> tuple[Path, Path]:
    made = authority.issue_cert("127.0.0.1")
    certificate, key = tmp_path / "given.pem", tmp_path / "given-key.pem"
    certificate.write_bytes(b"".join(blob.bytes() for blob in made.cert_chain_pems))
    key.write_bytes(made.private_key_pem.bytes())
    return certificate, key


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> Path:
    file = tmp_path / "authority-of-test.pem"
    file.write_bytes(authority.cert_pem.bytes())
    return file


@pytest.fixture
def self_signed(tmp_path: Path) -> Iterator[MockServer]:
    with MockServer(Settings(port=0, tls_self_signed=tmp_path / "tls")) as server:
        yield server


def health(server: MockServer, **options: object) -> int:
    return requests.get(f"{server.origin}/__admin/health", timeout=TIMEOUT, **options).status_code


def names_of(folder: Path) -> list[str]:
    certificate = x509.load_pem_x509_certificate((folder / "server.pem").read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return [str(name.value) for name in names]


def test_the_certificate_has_the_names_that_were_given_and_the_first_is_the_address(tmp_path: Path) -> None:
    named = ("mock.team.example", "192.0.2.7")
    with MockServer(Settings(host="0.0.0.0", port=0, tls_self_signed=tmp_path, tls_name=named)) as server:
        port = server.origin.rpartition(":")[2]
        assert server.public_origin == f"https://mock.team.example:{port}"
        assert server.origin == f"https://127.0.0.1:{port}"
        assert health(server, verify=str(server.ca_file)) == 200
    assert {*named, "localhost", "127.0.0.1", "::1"} <= set(names_of(tmp_path))


def test_without_a_name_the_certificate_has_that_of_the_machine(tmp_path: Path) -> None:
    with MockServer(Settings(host="0.0.0.0", port=0, tls_self_signed=tmp_path)) as server:
        assert server.public_origin == server.origin
        assert server.other_origin == f"https://{socket.gethostname()}:{server.origin.rpartition(':')[2]}"
    assert socket.gethostname() in names_of(tmp_path)
    assert "0.0.0.0" not in names_of(tmp_path)


def test_a_connection_that_did_not_come_about_is_a_warning(
    self_signed: MockServer, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(requests.exceptions.SSLError):
        health(self_signed)
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{self_signed.origin.replace('https', 'http')}/__admin/health", timeout=TIMEOUT)
    assert [record.levelname for record in caplog.records if record.name == "billecta_mock.server.tls"] == [
        "WARNING"
    ] * 2
    assert "http request" in caplog.text


def test_arguments_that_cannot_be_leave_no_files_behind(pair: tuple[Path, Path], tmp_path: Path) -> None:
    folder = tmp_path / "none"
    with pytest.raises(TlsError, match="has no certificate in PEM"):
        MockServer(Settings(port=0, tls_self_signed=folder, tls_client_ca=pair[1]))
    with pytest.raises(TlsError, match="cannot be read"):
        MockServer(Settings(port=0, tls_self_signed=folder, tls_client_ca=tmp_path / "absent.pem"))
    assert not folder.exists()


def test_a_given_pair_is_served(pair: tuple[Path, Path], ca_file: Path) -> None:
    with MockServer(Settings(port=0, tls_cert=pair[0], tls_key=pair[1])) as server:
        assert server.origin.startswith("https://127.0.0.1:")
        assert server.url("database").startswith(server.origin)
        assert health(server, verify=str(ca_file)) == 200


def test_a_pair_of_its_own_is_trusted_by_its_authority_and_by_nothing_else(self_signed: MockServer) -> None:
    assert health(self_signed, verify=str(self_signed.ca_file)) == 200
    with pytest.raises(requests.exceptions.SSLError):
        health(self_signed)


def test_the_authority_stays_from_run_to_run(self_signed: MockServer, tmp_path: Path) -> None:
    trusted = str(self_signed.ca_file)
    with MockServer(Settings(port=0, tls_self_signed=tmp_path / "tls")) as second:
        assert health(second, verify=trusted) == 200


def test_private_keys_are_their_owner_s_alone(self_signed: MockServer) -> None:
    assert self_signed.ca_file
    folder = self_signed.ca_file.parent
    keys = [file for file in folder.iterdir() if b"PRIVATE KEY" in file.read_bytes()]
    assert {file.name for file in keys} == {"authority.pem", "server.pem", "client.pem"}
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in keys)
    assert b"PRIVATE KEY" not in self_signed.ca_file.read_bytes()


def test_plain_http_is_not_answered_where_https_is_served(self_signed: MockServer) -> None:
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{self_signed.origin.replace('https', 'http')}/__admin/health", timeout=TIMEOUT)
    assert health(self_signed, verify=str(self_signed.ca_file)) == 200


def test_under_mutual_tls_only_a_client_with_a_certificate_is_let_in(tmp_path: Path) -> None:
    folder = tmp_path / "mutual"
    settings = Settings(port=0, tls_self_signed=folder, tls_client_ca=folder / "ca.pem")
    with MockServer(settings) as server:
        trusted = str(server.ca_file)
        assert health(server, verify=trusted, cert=str(server.client_file)) == 200
        with pytest.raises(requests.ConnectionError):
            health(server, verify=trusted)


def test_a_client_of_another_authority_is_not_let_in(self_signed: MockServer, ca_file: Path, tmp_path: Path) -> None:
    settings = Settings(port=0, tls_self_signed=tmp_path / "tls", tls_client_ca=ca_file)
    with MockServer(settings) as server:
        assert server.client_file is None
        with pytest.raises(requests.ConnectionError):
            health(server, verify=str(server.ca_file), cert=str(tmp_path / "tls" / "client.pem"))


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"tls_cert": "given.pem"}, "--tls-cert needs --tls-key"),
        ({"tls_key": "given-key.pem"}, "--tls-key needs --tls-cert"),
        ({"tls_client_ca": "given.pem"}, "--tls-client-ca needs --tls-cert and --tls-key, or --tls-self-signed"),
        (
            {"tls_cert": "given.pem", "tls_key": "given-key.pem", "tls_self_signed": "tls"},
            "--tls-cert and --tls-self-signed exclude each other",
        ),
        ({"tls_cert": "absent.pem", "tls_key": "given-key.pem"}, "absent.pem cannot be read: No such file"),
        ({"tls_cert": "given.pem", "tls_key": "."}, "is no regular file"),
        ({"tls_cert": "given-key.pem", "tls_key": "given-key.pem"}, "no certificate with its private key"),
        ({"tls_cert": "given.pem", "tls_key": "other-key.pem"}, "no certificate with its private key"),
        ({"tls_cert": "given.pem", "tls_key": "encrypted-key.pem"}, "the private key is encrypted"),
        ({"tls_self_signed": "given.pem"}, "--tls-self-signed: .* cannot be used"),
        ({"tls_self_signed": "broken"}, "is no authority that the mock made"),
        ({"tls_self_signed": "tls", "tls_client_ca": "given-key.pem"}, "has no certificate in PEM"),
    ],
)
def test_what_cannot_be_served_is_one_sentence(
    pair: tuple[Path, Path], tmp_path: Path, settings: dict[str, str], sentence: str
) -> None:
    (tmp_path / "other-key.pem").write_bytes(trustme.CA().issue_cert("x.example").private_key_pem.bytes())
    key = load_pem_private_key(pair[1].read_bytes(), password=None)
    encryption = BestAvailableEncryption(b"secret")
    encrypted = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
    (tmp_path / "encrypted-key.pem").write_bytes(encrypted)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "authority.pem").write_text("nothing", encoding="utf-8")
    with pytest.raises(TlsError, match=sentence) as raised:
        MockServer(Settings(port=0, **{name: tmp_path / file for name, file in settings.items()}))
    assert "\n" not in str(raised.value)
