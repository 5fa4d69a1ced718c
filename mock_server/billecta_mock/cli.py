"""The command `billecta-mock`: what it prints, and its exit status. Nothing else of the mock prints."""

import gc
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from billecta_mock.config import LIST_DEFECTS, LogFormat, Settings, SettingsError, build_settings, find_ready_file
from billecta_mock.ready_file import ReadyFile, remove_stale
from billecta_mock.server.logs import configure_logging

if TYPE_CHECKING:
    from billecta_mock.server.runner import MockServer

WRONG_USE: Final = 2
CANNOT_PRINT: Final = 1

_EXPOSED: Final = (
    "%s can be reached from other machines: the emulated API answers to whoever has one of its keys, and the "
    "control plane to whoever has its token"
)
_NOWHERE: Final = "--quiet needs --admin-token here: a token that is made up would be printed nowhere"
_CLIENT: Final = Path("CLIENT.pem")
_YOUNG_OBJECTS: Final = 20_000
_log = logging.getLogger(__name__)


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
    from billecta_mock.server.runner import (
        AddressError,
        MockServer,
    )
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
    from billecta_mock.banner import Credentials, write_banner  # noqa: PLC0415
    from billecta_mock.server.app import FIRST_WORLD  # noqa: PLC0415 — as in `_serve`

    certificate = server.client_file or (_CLIENT if server.settings.tls_client_ca else None)
    made_up = server.settings.admin_token is None
    credentials = Credentials(server.ca_file, certificate, server.admin_token, made_up, server.other_origin)
    url = server.url(FIRST_WORLD).replace(server.origin, server.public_origin, 1)
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
