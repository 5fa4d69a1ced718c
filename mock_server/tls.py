"""TLS: certificates that were given, or made by an authority of the mock's own, which stays from run to run."""

import os
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from mock_server.settings import Settings

if TYPE_CHECKING:
    import trustme

_AUTHORITY: Final = "authority.pem"
_CA: Final = "ca.pem"
_SERVER: Final = "server.pem"
_CLIENT: Final = "client.pem"
_OWN_NAMES: Final = ("localhost", "127.0.0.1", "::1")
_CLIENT_NAME: Final = "client@billecta-mock.invalid"


class TlsError(ValueError):
    """TLS as it was asked for cannot be served. The text says what is wrong with which option or file."""


@dataclass(frozen=True, slots=True)
class Tls:
    """How connections are secured.

    `ca` is the file that a client must trust, where the mock made one itself; `client` the certificate, with its key,
    that a client may show, where the mock made one that it lets in.
    """

    context: ssl.SSLContext
    ca: Path | None = None
    client: Path | None = None


def load_tls(settings: Settings) -> Tls | None:
    """The TLS that the settings ask for, its files read; None for plain HTTP. Raises TlsError."""
    _check_combination(settings)
    if settings.tls_self_signed:
        tls = _load_own(settings.tls_self_signed, settings)
    elif settings.tls_cert:
        tls = Tls(_load_pair(settings.tls_cert, settings.tls_key))
    else:
        return None
    if settings.tls_client_ca:
        _demand_client_certificate(tls.context, settings.tls_client_ca)
    return tls


def _load_own(folder: Path, settings: Settings) -> Tls:
    _make_certificates(folder, settings.host)
    ca = folder / _CA
    lets_own_in = settings.tls_client_ca is not None and settings.tls_client_ca.resolve() == ca.resolve()
    return Tls(_load_pair(folder / _SERVER, None), ca, folder / _CLIENT if lets_own_in else None)


def _check_combination(settings: Settings) -> None:
    if bool(settings.tls_cert) != bool(settings.tls_key):
        given, missing = ("--tls-cert", "--tls-key") if settings.tls_cert else ("--tls-key", "--tls-cert")
        raise TlsError(f"{given} needs {missing}: a certificate and its private key go together")
    if settings.tls_cert and settings.tls_self_signed:
        raise TlsError("--tls-cert and --tls-self-signed exclude each other; give one of them")
    if settings.tls_client_ca and not (settings.tls_cert or settings.tls_self_signed):
        raise TlsError("--tls-client-ca needs --tls-cert and --tls-key, or --tls-self-signed")


def _load_pair(certificate: Path, key: Path | None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["http/1.1"])
    _check_readable(certificate, "--tls-cert")
    if key:
        _check_readable(key, "--tls-key")
    try:
        context.load_cert_chain(certificate, key, _refuse_password)
    except ssl.SSLError as error:
        pair = f"{certificate} and {key}" if key else certificate
        raise TlsError(f"{pair}: no certificate with its private key, both in PEM ({_reason(error)})") from None
    return context


def _refuse_password() -> str:
    """OpenSSL would ask the terminal, where nobody may sit."""
    raise TlsError("--tls-key: the private key is encrypted; give one that is not")


def _demand_client_certificate(context: ssl.SSLContext, authorities: Path) -> None:
    _check_readable(authorities, "--tls-client-ca")
    try:
        context.load_verify_locations(authorities)
    except ssl.SSLError as error:
        raise TlsError(f"--tls-client-ca: {authorities} has no certificate in PEM ({_reason(error)})") from None
    context.verify_mode = ssl.CERT_REQUIRED


def _check_readable(file: Path, option: str) -> None:
    if file.exists() and not file.is_file():
        raise TlsError(f"{option}: {file} is no regular file; name a PEM file")
    try:
        file.open("rb").close()
    except OSError as error:
        raise TlsError(f"{option}: {file} cannot be read: {error.strerror}") from None


def _reason(error: ssl.SSLError) -> str:
    return (error.reason or "not understood").lower().replace("_", " ")


def _make_certificates(folder: Path, host: str) -> None:
    """The authority, if it is not there, and a server's and a client's certificate, anew for each start.

    So the server's certificate always names the host that it listens on, and what clients trust stays. Files that
    hold a private key are readable by their owner alone.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        authority = _find_authority(folder)
        names = dict.fromkeys((*_OWN_NAMES, *([host] if _is_certifiable(host) else ())))
        _write(folder / _CA, authority.cert_pem.bytes(), secret=False)
        _write(folder / _SERVER, authority.issue_cert(*names).private_key_and_cert_chain_pem.bytes())
        _write(folder / _CLIENT, authority.issue_cert(_CLIENT_NAME).private_key_and_cert_chain_pem.bytes())
    except OSError as error:
        raise TlsError(f"--tls-self-signed: {folder} cannot be used: {error.strerror}") from None


def _is_certifiable(host: str) -> bool:
    return bool(host) and host.isascii() and "%" not in host


def _find_authority(folder: Path) -> "trustme.CA":
    """The authority of this folder; a new one where there is none. Who comes second takes that of the first."""
    import trustme  # noqa: PLC0415 — slow to import, and needed here only

    file = folder / _AUTHORITY
    if not file.exists():
        made = trustme.CA(organization_name="Lime-Billecta mock")
        draft = _draft(file, made.private_key_pem.bytes() + made.cert_pem.bytes())
        try:
            os.link(draft, file)
        except FileExistsError:
            pass  # another mock has just made one
        finally:
            draft.unlink()
    pem = file.read_bytes()
    try:
        return trustme.CA.from_pem(pem, pem)
    except ValueError:
        message = f"--tls-self-signed: {file} is no authority that the mock made; remove it, or name another directory"
        raise TlsError(message) from None


def _write(file: Path, content: bytes, *, secret: bool = True) -> None:
    draft = _draft(file, content)
    if not secret:
        draft.chmod(0o644)
    draft.replace(file)


def _draft(file: Path, content: bytes) -> Path:
    """The content beside its file, whole before it takes the file's place."""
    draft = file.with_name(f"{file.name}.{uuid4().hex}")
    draft.touch(mode=0o600)
    draft.write_bytes(content)
    return draft
