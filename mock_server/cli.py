"""The command `billecta-mock`: what it prints, and its exit status. Nothing else of the mock prints."""

import logging
import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mock_server.logs import configure_logging
from mock_server.settings import Settings, SettingsError, build_settings

if TYPE_CHECKING:
    from mock_server.server import MockServer

WRONG_USE: Final = 2

_EXPOSED: Final = (
    "%s can be reached from other machines: the emulated API answers to whoever has one of the keys below, and the "
    "control plane to whoever has its token"
)
_CLIENT: Final = Path("CLIENT.pem")
_LIST_DEFECTS: Final = "defects"
_log = logging.getLogger(__name__)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command. Returns the exit status: 0 when stopped, 2 for wrong use."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        if list(given[:1]) == [_LIST_DEFECTS]:
            return _list_defects(given[1:])
        settings = build_settings(given, os.environ)
        configure_logging(settings.log_format)
        return _serve(settings)
    except SettingsError as error:
        return _refuse(error)
    except KeyboardInterrupt:
        return 0


def _serve(settings: Settings) -> int:
    from mock_server.app import FIRST_WORLD  # noqa: PLC0415 — `--help` must not wait for these
    from mock_server.contract.document import SpecFileError  # noqa: PLC0415
    from mock_server.contract.schemas import UnsupportedSpecError  # noqa: PLC0415
    from mock_server.defects.catalogue import UnknownDefectError  # noqa: PLC0415
    from mock_server.seeds.errors import SeedError  # noqa: PLC0415
    from mock_server.server import AddressError, MockServer  # noqa: PLC0415
    from mock_server.tls import TlsError  # noqa: PLC0415

    try:
        _check_ready_file(settings.ready_file)
        server = MockServer(settings)
    except (AddressError, SeedError, SettingsError, SpecFileError, TlsError, UnsupportedSpecError) as error:
        return _refuse(error)
    except UnknownDefectError as error:
        return _refuse(SettingsError(f"--defect: {error}"))
    server.serve(partial(_announce, _write_banner(server, server.url(FIRST_WORLD)), server.origin, settings))
    return 0


def _list_defects(options: Sequence[str]) -> int:
    from mock_server.defects.listing import list_as_json, list_as_text  # noqa: PLC0415 — as in `_serve`

    ways = {(): list_as_text, ("--json",): list_as_json}
    listing = ways.get(tuple(options))
    if listing is None:
        raise SettingsError(f"'{options[0]}': the command 'defects' takes the option --json and nothing else")
    try:
        print(listing(), flush=True)
    except BrokenPipeError:
        # The reader has seen enough. What is left in the buffer must not fail again when the process ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _write_banner(server: "MockServer", url: str) -> str:
    from mock_server.banner import Credentials, write_banner  # noqa: PLC0415 — as in `_serve`

    certificate = server.client_file or (_CLIENT if server.settings.tls_client_ca else None)
    made_up = server.settings.admin_token is None
    credentials = Credentials(server.ca_file, certificate, server.admin_token, made_up)
    return write_banner(server.origin, url, server.dataset, credentials)


def _announce(banner: str, origin: str, settings: Settings) -> None:
    from mock_server.admin.guard import is_loopback  # noqa: PLC0415 — as in `_serve`

    if not is_loopback(settings.host):
        _log.warning(_EXPOSED, settings.host)
    print(banner, flush=True)
    if settings.ready_file:
        _write_whole(settings.ready_file, origin)


def _check_ready_file(file: Path | None) -> None:
    """Whoever waits for the file must not wait for one that can never be written."""
    if file is None:
        return
    if file.is_dir():
        raise SettingsError(f"--ready-file: {file} is a directory; name a file")
    try:
        _draft_of(file).touch()
    except OSError as error:
        raise SettingsError(f"--ready-file: {file} cannot be written: {error.strerror}") from None


def _write_whole(file: Path, text: str) -> None:
    """Write so that whoever waits for the file never reads half of it."""
    draft = _draft_of(file)
    draft.write_text(text + "\n", encoding="utf-8")
    draft.replace(file)


def _draft_of(file: Path) -> Path:
    return file.with_name(f"{file.name}.part")


def _refuse(error: Exception) -> int:
    print(f"billecta-mock: {error}", file=sys.stderr)
    return WRONG_USE
