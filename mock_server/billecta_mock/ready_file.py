"""The file that says where the server is: there while it serves, and at no other time."""

from contextlib import suppress
from pathlib import Path

from billecta_mock.config import SettingsError


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
