"""TLS: certificates that were given, or made by an authority of the mock's own, which stays from run to run."""

import logging
import os
import socket
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from billecta_mock.config import Settings
from billecta_mock.server.logs import LogRateLimit

if TYPE_CHECKING:
    import trustme

_AUTHORITY: Final = "authority.pem"
_CA: Final = "ca.pem"
_SERVER: Final = "server.pem"
_CLIENT: Final = "client.pem"
_EVERY_ADDRESS: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104 — to be recognised, not to listen on
_OWN_NAMES: Final = ("localhost", "127.0.0.1", "::1")
_CLIENT_NAME: Final = "client@billecta-mock.invalid"
_log = logging.getLogger(__name__)
_failures = LogRateLimit()


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


class _TellingHandshake(ssl.SSLObject):
    """A connection that says why it did not come about: the event loop tells nobody."""

    def do_handshake(self) -> None:
        try:
            super().do_handshake()
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise  # more bytes are on their way
        except ssl.SSLError as error:
            if _failures.allows(time.monotonic()):
                _log.warning("a TLS connection did not come about: %s", _reason(error))
            raise


def load_tls(settings: Settings) -> Tls | None:
    """The TLS that the settings ask for, its files read; None for plain HTTP. Raises TlsError."""
    _check_combination(settings)
    _check_authorities(settings)
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
    _make_certificates(folder, _names_of(settings))
    client = folder / _CLIENT if _lets_own_in(settings) else None
    return Tls(_load_pair(folder / _SERVER, None), folder / _CA, client)


def _lets_own_in(settings: Settings) -> bool:
    """Whether clients are to show a certificate of the very authority that the mock makes."""
    folder, authorities = settings.tls_self_signed, settings.tls_client_ca
    return folder is not None and authorities is not None and authorities.resolve() == (folder / _CA).resolve()


def _names_of(settings: Settings) -> list[str]:
    """What the server's certificate is for: this machine, the address to listen on, and what else was asked for."""
    own = (socket.gethostname(),) if settings.host in _EVERY_ADDRESS else (settings.host,)
    return list(dict.fromkeys((*_OWN_NAMES, *settings.tls_name, *filter(_is_certifiable, own))))


def _check_combination(settings: Settings) -> None:
    if bool(settings.tls_cert) != bool(settings.tls_key):
        given, missing = ("--tls-cert", "--tls-key") if settings.tls_cert else ("--tls-key", "--tls-cert")
        raise TlsError(f"{given} needs {missing}: a certificate and its private key go together")
    if settings.tls_cert and settings.tls_self_signed:
        raise TlsError("--tls-cert and --tls-self-signed exclude each other; give one of them")
    if settings.tls_client_ca and not (settings.tls_cert or settings.tls_self_signed):
        raise TlsError("--tls-client-ca needs --tls-cert and --tls-key, or --tls-self-signed")
    if settings.tls_name and not settings.tls_self_signed:
        raise TlsError("--tls-name needs --tls-self-signed: it names what the certificate is for that the mock makes")


def _check_authorities(settings: Settings) -> None:
    """Before any file is written. The authority that the mock makes need not be there yet."""
    if settings.tls_client_ca and not (_lets_own_in(settings) and not settings.tls_client_ca.exists()):
        _demand_client_certificate(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), settings.tls_client_ca)


def _load_pair(certificate: Path, key: Path | None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["http/1.1"])
    context.sslobject_class = _TellingHandshake
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


def _make_certificates(folder: Path, names: Sequence[str]) -> None:
    """The authority, if it is not there, and a server's and a client's certificate, again for each start.

    So the server's certificate always has the names of this start, and what clients trust stays. Files that hold
    a private key are readable by their owner alone.
    """
    _check_extra()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        authority = _find_authority(folder)
        _write(folder / _CA, authority.cert_pem.bytes(), secret=False)
        _write(folder / _SERVER, authority.issue_cert(*names).private_key_and_cert_chain_pem.bytes())
        _write(folder / _CLIENT, authority.issue_cert(_CLIENT_NAME).private_key_and_cert_chain_pem.bytes())
    except OSError as error:
        raise TlsError(f"--tls-self-signed: {folder} cannot be used: {error.strerror}") from None


def _check_extra() -> None:
    if find_spec("trustme") is None:
        raise TlsError(
            "--tls-self-signed: trustme is not installed; install the extra 'tls', which has it: "
            "pip install 'lime-billecta-contract[tls]'"
        )


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
