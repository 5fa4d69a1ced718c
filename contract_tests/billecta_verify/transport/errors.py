"""Why no answer came, in one sentence, and whether the request can have arrived; and no URL in the logs.

pytest shows log lines beside each test that fails, and a project may log wherever it likes: URLs hold ids and keys.
"""

from __future__ import annotations

import logging
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

import urllib3

_FAILURES: Final = (
    ((socket.gaierror,), "its host name is not known (DNS)", False),
    (
        (ssl.SSLCertVerificationError,),
        "its TLS certificate is not trusted; for a private authority give --ca-file",
        False,
    ),
    ((ssl.SSLError, urllib3.exceptions.SSLError), "the TLS handshake failed; does it speak https on this port?", False),
    ((ConnectionRefusedError,), "it refused the connection; is it running, and is the port right?", False),
    ((urllib3.exceptions.ConnectTimeoutError,), "no connection was made within the time limit (--timeout)", False),
    ((urllib3.exceptions.ReadTimeoutError, TimeoutError), "it did not answer within the time limit (--timeout)", True),
)
"""What may fail before an answer: by which exceptions it is known, in words, and whether the request was sent."""


SILENT_IN_A_ROW: Final = 5
"""After so many requests without an answer, one more asks whether anything is there at all."""


_TALKING: Final = ("urllib3.connection", "urllib3.connectionpool", "urllib3.response", "urllib3.util.retry")
_is_ours: Final = ContextVar("is_ours", default=False)


class CircuitBreaker:
    """Counts the requests in a row that got no answer, until it is known that there will be none."""

    def __init__(self) -> None:
        self._unanswered = 0

    def note(self, *, answered: bool) -> None:
        """A request was sent, and got an answer or none."""
        self._unanswered = 0 if answered else self._unanswered + 1

    @property
    def should_probe(self) -> bool:
        """Whether it is time to ask if anything is there: what was asked may have been too much for the deployment."""
        return self._unanswered == SILENT_IN_A_ROW

    @property
    def is_open(self) -> bool:
        """Whether that question got no answer either."""
        return self._unanswered > SILENT_IN_A_ROW


class NoResponseError(Exception):
    """The request was sent, or could not be sent, and no answer came. `sent` is false where it cannot have arrived."""

    def __init__(self, reason: str, *, sent: bool) -> None:
        super().__init__(reason)
        self.sent = sent


def too_slow() -> NoResponseError:
    """No answer, or no end of one, within its time."""
    return NoResponseError("it did not answer within the time limit (--timeout)", sent=True)


def explain_failure(error: Exception) -> NoResponseError:
    """The failure in one sentence that shows neither address internals nor a key."""
    causes = _chain(error)
    for kinds, reason, sent in _FAILURES:
        if any(isinstance(cause, kinds) for cause in causes):
            return NoResponseError(reason, sent=sent)
    return NoResponseError("the connection was closed without an answer", sent=True)


def _chain(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    pending: list[object] = [error]
    while pending:
        item = pending.pop()
        if isinstance(item, BaseException) and item not in found:
            found.append(item)
            pending += [item.__cause__, item.__context__, getattr(item, "reason", None), *item.args]
    return found


@contextmanager
def suppress_http_logs() -> Iterator[None]:
    """Nothing that the library says of what this thread sends in the block is logged; others are not concerned."""
    before = _is_ours.set(True)
    try:
        yield
    finally:
        _is_ours.reset(before)


def _may_be_logged(_record: logging.LogRecord) -> bool:
    return not _is_ours.get()


for _name in _TALKING:
    logging.getLogger(_name).addFilter(_may_be_logged)
