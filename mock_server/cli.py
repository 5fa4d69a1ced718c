"""The command `billecta-mock`: what it prints, and its exit status. Nothing else of the mock prints."""

import logging
import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

from mock_server.settings import Settings, SettingsError, build_settings

WRONG_USE: Final = 2

_EXPOSED: Final = (
    "warning: {host} can be reached from other machines, and so can the control plane, which asks for no password"
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command. Returns the exit status: 0 when stopped, 2 for wrong use."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s: %(message)s", stream=sys.stderr)
    # What is no HTTP is answered 400; a line for each would let anybody fill the terminal.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    try:
        settings = build_settings(sys.argv[1:] if arguments is None else arguments, os.environ)
        return _serve(settings)
    except SettingsError as error:
        return _refuse(error)
    except KeyboardInterrupt:
        return 0


def _serve(settings: Settings) -> int:
    from mock_server.app import FIRST_WORLD  # noqa: PLC0415 — `--help` must not wait for these
    from mock_server.banner import write_banner  # noqa: PLC0415
    from mock_server.contract.schemas import UnsupportedSpecError  # noqa: PLC0415
    from mock_server.seeds.errors import SeedError  # noqa: PLC0415
    from mock_server.server import AddressError, MockServer  # noqa: PLC0415

    try:
        _check_ready_file(settings.ready_file)
        server = MockServer(settings)
    except (AddressError, SeedError, SettingsError, UnsupportedSpecError) as error:
        return _refuse(error)
    banner = write_banner(server.origin, server.url(FIRST_WORLD), server.dataset)
    server.serve(partial(_announce, banner, server.origin, settings))
    return 0


def _announce(banner: str, origin: str, settings: Settings) -> None:
    if settings.host not in ("127.0.0.1", "localhost", "::1"):
        print(_EXPOSED.format(host=settings.host), file=sys.stderr)
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
