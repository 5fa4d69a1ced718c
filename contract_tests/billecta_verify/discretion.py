"""Keeps what the HTTP library logs of our requests to itself: URLs are in it, and with them ids and keys.

pytest shows log lines beside each test that fails, and a project may log wherever it likes.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

_TALKING: Final = ("urllib3.connection", "urllib3.connectionpool", "urllib3.response", "urllib3.util.retry")
_is_ours: Final = ContextVar("is_ours", default=False)


@contextmanager
def unlogged() -> Iterator[None]:
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
