"""The command `billecta-mock`: what it prints, its ready file and its exit status. Nothing else of the mock prints."""

import gc
import logging
import os
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from billecta_mock.config import LIST_DEFECTS, LogFormat, Settings, SettingsError, build_settings, find_ready_file
from billecta_mock.domain.auth import ApiKey
from billecta_mock.domain.invoices import Invoice
from billecta_mock.domain.world import Dataset
from billecta_mock.server.logs import configure_logging

if TYPE_CHECKING:
    from billecta_mock.server.runner import MockServer


_FETCH: Final = "fetchInvoicePdf"
_CREATE: Final = "createSwishPayment"
_READ: Final = "getSwishPayment"
_IN_ITS_PLACE: Final = "ADMIN-TOKEN"
_QUERY: Final = "phone=46701740605&message=Invoice+123"
_TEXT: Final = """\
Lime-Billecta mock: {origin}
  documentation   {origin}/docs
  admin API       {origin}/docs/__admin
  keys            {keys}
{notes}\

An invoice as PDF:
  {fetch}

A Swish payment request, then its status (replace REQUESTID with the requestid):
  {create}
  {read}

Why an answer was what it was (the true reason, under a masked 404 too):
  {why}

Ctrl-C stops it.
"""
WRONG_USE: Final = 2
CANNOT_PRINT: Final = 1
_EXPOSED: Final = (
    "%s can be reached from other machines: the emulated API answers to whoever has one of its keys, and the "
    "admin API to whoever has its token"
)
_NOWHERE: Final = "--quiet needs --admin-token here: a token that is made up would be printed nowhere"
_CLIENT: Final = Path("CLIENT.pem")
_YOUNG_OBJECTS: Final = 20_000
_log = logging.getLogger(__name__)


class ReadyFile:
    """The file of `--ready-file`. Whoever waits for it reads the address of this server, whole, or nothing."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._draft = file.with_name(f"{file.name}.part")
        self._written: tuple[int, int] | None = None

    def check(self) -> None:
        """Raise SettingsError for one that can never be written: nobody must wait for that."""
        if self._file.is_dir():
            raise SettingsError(f"--ready-file: {self._file} is a directory; name a file")
        try:
            self._draft.touch()
            self._draft.unlink()
        except OSError as error:
            raise self._explain(error) from None

    def write(self, origin: str) -> None:
        """Say where the server is. Raises SettingsError where the file cannot be written after all."""
        try:
            self._draft.write_text(origin + "\n", encoding="utf-8")
            self._written = _identify(self._draft)
            self._draft.replace(self._file)
        except OSError as error:
            raise self._explain(error) from None

    def remove(self) -> None:
        """Take the file away if it is still this server's, and not that of one which was started later."""
        with suppress(OSError):
            if self._written is not None and _identify(self._file) == self._written:
                self._file.unlink()

    def _explain(self, error: OSError) -> SettingsError:
        return SettingsError(f"--ready-file: {self._file} cannot be written: {error.strerror}")


def remove_stale(file: Path) -> None:
    """Take away what an earlier server left; what cannot be removed cannot be written either, and `check` says so."""
    with suppress(OSError):
        if not file.is_dir():
            file.unlink()


def _identify(file: Path) -> tuple[int, int]:
    status = file.stat()
    return status.st_ino, status.st_mtime_ns


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a client must show, trust or know: `ca`, an authority that is new to it; `certificate`, one of its own.

    `token` is the admin API's, None where it asks for none; it is written out only where it was `made_up`, for
    whoever gave one knows it. `elsewhere` is where other machines may find the server.
    """

    ca: Path | None = None
    certificate: Path | None = None
    token: str | None = None
    made_up: bool = False
    elsewhere: str | None = None

    def curl(self) -> str:
        """The beginning of a line to paste."""
        trusted = f" --cacert {shlex.quote(str(self.ca.absolute()))}" if self.ca else ""
        shown = f" --cert {shlex.quote(str(self.certificate.absolute()))}" if self.certificate else ""
        return f"curl{trusted}{shown}"

    def authorisation(self) -> str:
        """The part of such a line that lets it into the admin API."""
        if self.token is None:
            return ""
        return f'-H "Authorization: Bearer {self.token if self.made_up else _IN_ITS_PLACE}" '

    def notes(self) -> str:
        """What there is to know of all this, one line each."""
        lines = []
        if self.token is not None:
            shown = (
                "made up for this run: see the last line" if self.made_up else f"as given; put it for {_IN_ITS_PLACE}"
            )
            lines.append(f"  admin token     {shown}\n")
        if self.elsewhere:
            lines.append(f"  other machines  {self.elsewhere}, if they know this name\n")
        if self.ca:
            lines.append(f"  trust           {self.ca.absolute()}\n")
        return "".join(lines)


def write_banner(origin: str, url: str, dataset: Dataset, credentials: Credentials | None = None) -> str:
    """The text for a server at `origin` whose first world has the base URL `url` and was seeded with `dataset`."""
    credentials = credentials or Credentials()
    curl = credentials.curl()
    return _TEXT.format(
        origin=origin,
        keys=", ".join(f"{key.value} ({key.name})" for key in dataset.keys) or "none in this seed",
        notes=credentials.notes(),
        fetch=_fetch_line(curl, url, dataset),
        create=_create_line(curl, url, dataset),
        read=_read_line(curl, url, dataset),
        why=f'{curl} {credentials.authorisation()}"{origin}/__admin/worlds/database/requests?limit=1"',
    )


def _fetch_line(curl: str, url: str, dataset: Dataset) -> str:
    for key, invoice in _pairs(dataset, _FETCH, lambda invoice: invoice.has_document):
        return f"{curl} {_header(key)} {shlex.quote(f'{url}/fetch-invoice-pdf/{quote(invoice.id)}/')} -o faktura.pdf"
    return "(no key of this seed may fetch any of its invoices)"


def _create_line(curl: str, url: str, dataset: Dataset) -> str:
    for key, invoice in _pairs(dataset, _CREATE, lambda invoice: invoice.outstanding > 0):
        return f'{curl} -X POST {_header(key)} "{url}/payments/swish/{quote(invoice.action_id)}?{_QUERY}"'
    return "(no key of this seed may create a payment for any of its invoices)"


def _read_line(curl: str, url: str, dataset: Dataset) -> str:
    for key in dataset.keys:
        if key.may_call(_READ):
            return f"{curl} {_header(key)} {url}/payments/swish/REQUESTID"
    return "(no key of this seed may read a status)"


def _pairs(dataset: Dataset, operation: str, suits: Callable[[Invoice], bool]) -> Iterator[tuple[ApiKey, Invoice]]:
    """Keys that may call the operation, each with the invoices that it sees and that suit; page's examples first."""
    invoices = sorted(filter(suits, dataset.invoices), key=lambda invoice: invoice.action_id != "action123")
    for key in dataset.keys:
        if key.may_call(operation):
            yield from ((key, invoice) for invoice in invoices if key.may_see(invoice.id))


def _header(key: ApiKey) -> str:
    quoted = shlex.quote(f"x-api-key: {key.value}")
    return f"-H {quoted}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command. Returns the exit status: 0 when stopped, 2 for wrong use."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        if list(given[:1]) == [LIST_DEFECTS]:
            return _list_defects(given[1:])
        if stale := find_ready_file(given, os.environ):
            remove_stale(stale)
        settings = build_settings(given, os.environ)
        with_life = settings.access_log or settings.log_format is LogFormat.JSON
        configure_logging(settings.log_format, with_life=with_life)
        return _serve(settings)
    except SettingsError as error:
        return _refuse(error)
    except KeyboardInterrupt:
        return 0
    finally:
        _let_go_of_output()


def _serve(settings: Settings) -> int:
    from billecta_mock.defects.defect import UnknownDefectError  # noqa: PLC0415
    from billecta_mock.openapi.document import SpecFileError  # noqa: PLC0415 — `--help` must not wait for these
    from billecta_mock.openapi.schemas import UnsupportedSpecError  # noqa: PLC0415
    from billecta_mock.server.runner import AddressError, MockServer  # noqa: PLC0415
    from billecta_mock.server.tls import TlsError  # noqa: PLC0415
    from billecta_mock.store.seed_validation import SeedError  # noqa: PLC0415

    ready_file = ReadyFile(settings.ready_file) if settings.ready_file else None
    try:
        if ready_file:
            ready_file.check()
        server = MockServer(settings)
    except (AddressError, SeedError, SettingsError, SpecFileError, TlsError, UnsupportedSpecError) as error:
        return _refuse(error)
    except UnknownDefectError as error:
        return _refuse(SettingsError(f"--defect: {error}"))
    if settings.quiet and server.admin_token != settings.admin_token:
        return _refuse(SettingsError(_NOWHERE))
    _spare_collector()
    try:
        server.serve(lambda: _announce(server, ready_file))
    finally:
        if ready_file:
            ready_file.remove()
    return 0


def _spare_collector() -> None:
    """Let the garbage collector leave alone what stays, and look seldom: requests leave hardly any cycles behind.

    Only where the process is the server's own: elsewhere the collector is not ours to set.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG_OBJECTS)


def _announce(server: "MockServer", ready_file: ReadyFile | None) -> None:
    from billecta_mock.admin.auth import is_loopback  # noqa: PLC0415 — as in `_serve`

    if not is_loopback(server.settings.host):
        _log.warning(_EXPOSED, server.settings.host)
    if not server.settings.quiet and (failure := _print(_write_banner(server))):
        _log.warning("standard output cannot be written (%s); serving without a banner", failure)
    if ready_file:
        ready_file.write(server.origin)


def _write_banner(server: "MockServer") -> str:
    from billecta_mock.server.app import DEFAULT_WORLD  # noqa: PLC0415 — as in `_serve`

    certificate = server.client_file or (_CLIENT if server.settings.tls_client_ca else None)
    made_up = server.settings.admin_token is None
    credentials = Credentials(server.ca_file, certificate, server.admin_token, made_up, server.other_origin)
    url = server.url(DEFAULT_WORLD).replace(server.origin, server.public_origin, 1)
    return write_banner(server.public_origin, url, server.dataset, credentials)


def _list_defects(options: Sequence[str]) -> int:
    from billecta_mock.defects.catalogue import (  # noqa: PLC0415 — as in `_serve`
        find_defects,
        list_as_json,
        list_as_text,
        read_request,
    )

    try:
        request = read_request(options)
        found = find_defects(request)
    except ValueError as error:
        raise SettingsError(f"{LIST_DEFECTS}: {error}") from None
    failure = _print(list_as_json(found) if request.as_json else list_as_text(found))
    if failure and not isinstance(failure, BrokenPipeError):
        print(f"billecta-mock: standard output cannot be written: {failure.strerror}", file=sys.stderr)
        return CANNOT_PRINT
    return 0  # a reader who has gone has seen enough


def _print(text: str) -> OSError | None:
    """Print, and say why that failed, if it did: nobody may be there to read, or no room to write."""
    try:
        print(text, flush=True)
    except OSError as error:
        _let_go_of_output()
        return error
    return None


def _let_go_of_output() -> None:
    """What is left in the buffer, and cannot be written, must not fail again when the process ends."""
    if sys.stdout is None:
        return  # closed before the process began
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _refuse(error: Exception) -> int:
    print(f"billecta-mock: {error}", file=sys.stderr)
    return WRONG_USE
