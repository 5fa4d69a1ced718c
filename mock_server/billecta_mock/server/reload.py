"""Files that are read again when they change, in whatever way an editor or a deployment changes them."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

_log = logging.getLogger(__name__)
_CHECK_MILLISECONDS: Final = 1000
_QUIET_MILLISECONDS: Final = 50


@dataclass(slots=True)
class WatchedFile:
    """One file and what to do when it changes.

    `reload` raises ValueError, with a sentence, for a file that cannot be used; then everything stays as it was.
    The content at the time when this object is made is the one in use.
    """

    path: Path
    reload: Callable[[], Awaitable[None]]
    _seen: bytes | None = field(init=False)

    def __post_init__(self) -> None:
        self._seen = _read(self.path)

    async def check(self) -> None:
        """Reload the file if its content is another than when it was last looked at, and log what came of it."""
        content = _read(self.path)
        if content == self._seen:
            return
        self._seen = content
        try:
            await self.reload()
        except ValueError as error:
            _log.warning("%s; the one before is still in use", str(error).removesuffix("."))
        except Exception:  # noqa: BLE001 — the last resort: logged with its trace; watching goes on
            _log.exception("%s could not be reloaded; the one before is still in use", self.path)
        else:
            _log.info("%s has changed and is in use now", self.path)


async def watch(files: Iterable[WatchedFile], stop: asyncio.Event) -> None:
    """Check the files whenever something changes beside them, and every second, until told to stop.

    Folders are watched, not files: an editor that replaces a file leaves nothing behind to watch. Where the system
    tells of no change, as on some network and container mounts, the check each second finds it.
    """
    from watchfiles import awatch  # noqa: PLC0415 — slow to import, and needed here only

    files = list(files)
    folders = {folder for each in files for folder in (each.path.absolute().parent, each.path.resolve().parent)}
    changes = awatch(
        *folders,
        watch_filter=None,
        step=_QUIET_MILLISECONDS,
        stop_event=stop,
        rust_timeout=_CHECK_MILLISECONDS,
        yield_on_timeout=True,
        recursive=False,
    )
    try:
        async for _ in changes:
            for each in files:
                await each.check()
    except (OSError, RuntimeError) as error:
        _log.error("changes of files are no longer noticed: %s", error)


def _read(path: Path) -> bytes | None:
    """The content; None for what cannot be read now, or would never end."""
    try:
        return path.read_bytes() if path.is_file() else None
    except OSError:
        return None
