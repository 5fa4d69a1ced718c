"""Log lines, as text or as JSON, to standard error, limited in rate; one for each request, without secrets."""

import logging
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from billecta_mock.config import LogFormat
from billecta_mock.domain.journal import Entry, Exchange, mask
from billecta_mock.domain.world import World
from billecta_mock.http import Response

if TYPE_CHECKING:
    from starlette.types import Scope


_MOST: Final = 60
_SECONDS: Final = 60


ACCESS: Final = "billecta_mock.access"
CONTROL: Final = "billecta_mock.control"
LIFE: Final = "billecta_mock.life"
"""The logger of what the server itself does: it listens, it stops."""
_WORDS: Final = frozenset({"", "limepkg-billecta-integration", "fetch-invoice-pdf", "payments", "swish"})
_READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_REFUSED: Final = frozenset({401, 403})
_LONGEST_PATH: Final = 200
_access = logging.getLogger(ACCESS)
_control = logging.getLogger(CONTROL)


class LogRateLimit:
    """Lets sixty lines of a kind through in each minute."""

    def __init__(self) -> None:
        self._until = 0.0
        self._count = 0

    def allows(self, now: float) -> bool:
        """Whether one more may be written at this time, in seconds of a clock that never goes back."""
        if now >= self._until:
            self._until, self._count = now + _SECONDS, 0
        self._count += 1
        return self._count <= _MOST


def configure_logging(log_format: LogFormat, *, with_life: bool = False) -> None:
    """Send the log lines of this process to standard error: those of the mock from info up, of others from warning.

    `with_life` says whether the server tells that it listens, and that it stops.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_json_formatter() if log_format is LogFormat.JSON else _text_formatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("billecta_mock").setLevel(logging.INFO)
    logging.getLogger(LIFE).setLevel(logging.INFO if with_life else logging.WARNING)
    # What is no HTTP is answered 400; a line for each would let anybody fill the terminal.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    # What it finds wrong with a document it raises as well, and then it is said in our words.
    logging.getLogger("connexion").setLevel(logging.CRITICAL)


def _text_formatter() -> logging.Formatter:
    formatter = logging.Formatter("%(asctime)s.%(msecs)03dZ %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    return formatter


def _json_formatter() -> logging.Formatter:
    from pythonjsonlogger.json import JsonFormatter  # noqa: PLC0415 — slow to import, and needed here only

    class Formatter(JsonFormatter):
        """One object per line, its time in RFC 3339."""

        def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802 — logging's
            del datefmt
            return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    names = {"asctime": "time", "levelname": "level", "name": "logger", "exc_info": "exception"}
    return Formatter("{asctime}{levelname}{name}{message}", style="{", rename_fields=names)


class AccessLog:
    """Observes every exchange and writes one line for it.

    A path may hold anything that its sender put there, a key instead of an id, say. So only what cannot be a
    secret is shown whole: the words of the contract, and names and ids that the world has. All else is masked.
    """

    def __init__(self, find_world: Callable[[str], World | None], has_payment: Callable[[str, str], bool]) -> None:
        self._find_world = find_world
        self._has_payment = has_payment

    def observe(self, entry: Entry) -> None:
        """Write the line of this exchange."""
        fields = self._describe(entry)
        _access.info("%s", " ".join(_words(fields)), extra=fields)

    def _describe(self, entry: Entry) -> dict[str, Any]:
        exchange, world = entry.exchange, self._find_world(entry.database)
        return {
            "world": entry.database if world else None,
            "exchange": entry.number or None,
            "client": entry.client,
            "method": exchange.method,
            "path": self._show_path(world, exchange),
            "operation": exchange.operation,
            "status": exchange.status,
            "milliseconds": round(exchange.seconds * 1000, 3),
            "size": exchange.size,
            "key": None if exchange.key is None else _printable(exchange.key),
            "phone": exchange.parameters.get("phone"),
            "why": exchange.why.code,
            "marks": list(exchange.marks),
        }

    def _show_path(self, world: World | None, exchange: Exchange) -> str:
        segments = exchange.path.split("/")
        return "/".join(segment if self._is_known(world, unquote(segment)) else _hide(segment) for segment in segments)

    def _is_known(self, world: World | None, segment: str) -> bool:
        """Whether this is a word of the contract, or names the world or an invoice, action or payment in it."""
        if segment in _WORDS or world is None:
            return segment in _WORDS
        return (
            segment == world.database
            or world.dataset.invoice(segment) is not None
            or world.dataset.invoice_of_action(segment) is not None
            or self._has_payment(world.database, segment)
        )


class ControlLog:
    """Observes the admin API: whoever is refused there is worth a warning, whoever changes something a line.

    So many warnings a minute are enough; the rest are left out, or anybody could fill the disk.
    """

    def __init__(self, *, with_changes: bool) -> None:
        self._with_changes = with_changes
        self._refusals = LogRateLimit()

    def observe(self, scope: "Scope", answer: Response) -> None:
        """Write the line of this request, if it gets one."""
        if answer.status in _REFUSED:
            if self._refusals.allows(time.monotonic()):
                self._write(logging.WARNING, scope, answer)
        elif self._with_changes and scope["method"] not in _READING:
            self._write(logging.INFO, scope, answer)

    def _write(self, level: int, scope: "Scope", answer: Response) -> None:
        address = scope.get("client")
        fields = {
            "method": _printable(scope["method"]),
            "path": _printable(scope["raw_path"][:_LONGEST_PATH].decode("latin-1")),
            "status": answer.status,
            "client": address[0] if address else None,
            "why": answer.why.code,
        }
        line = '"{method} {path}" {status} client={client} why={why}'.format(**fields)
        _control.log(level, "admin API: %s", line, extra=fields)


def _words(fields: dict[str, Any]) -> list[str]:
    """The line as text: what everybody looks for first, then names and values; what there is none of is left out."""
    status = fields["status"] or "no answer"
    first = [f'"{fields["method"]} {fields["path"]}"', str(status), f"{fields['milliseconds']}ms"]
    named = [f"{name}={fields[name]}" for name in ("exchange", "client", "key", "phone", "why") if fields[name]]
    return [*first, *named, *fields["marks"]]


def _hide(secret: str) -> str:
    return _printable(mask(secret))


def _printable(text: str) -> str:
    """Text without what could steer a terminal: the bytes of a header may hold that."""
    return "".join(character if character.isprintable() else "?" for character in text)
