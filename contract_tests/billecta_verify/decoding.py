"""Content codings undone within a bound: a few megabytes of gzip may stand for gigabytes."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from typing import Final, Protocol

_GZIP: Final = 16 + zlib.MAX_WBITS
_RAW_DEFLATE: Final = -zlib.MAX_WBITS
_ZLIB_METHOD: Final = 8


class CodingError(ValueError):
    """A content coding that cannot be undone; the text names it."""


class _Decompressor(Protocol):
    @property
    def unused_data(self) -> bytes: ...

    @property
    def eof(self) -> bool: ...

    def decompress(self, data: bytes, max_length: int = 0, /) -> bytes: ...


def decoded(wire: bytes, codings: str, limit: int) -> bytes:
    """The body with the codings of its Content-Encoding undone, but no more than `limit` bytes of it and one.

    Raises CodingError.
    """
    body = wire
    for coding in reversed([name.strip().lower() for name in codings.split(",") if name.strip()]):
        if coding == "identity":
            continue
        if coding not in _STARTS:
            raise CodingError(f"{coding}, which was not asked for")
        try:
            body = _inflated(body, _STARTS[coding], limit + 1)
        except zlib.error as error:
            raise CodingError(coding) from error
    return body


def _inflated(data: bytes, start: Callable[[bytes], _Decompressor], limit: int) -> bytes:
    """What the data stand for, up to the limit. A gzip file may have several members, one behind the other.

    Raises zlib.error, for data without an end of their own too: what they lack may be the end of the body.
    """
    found = bytearray()
    while data and len(found) < limit:
        decompressor = start(data)
        found += decompressor.decompress(data, limit - len(found))
        data = decompressor.unused_data
        if not decompressor.eof and len(found) < limit:
            raise zlib.error("no end")
    return bytes(found)


def _start_deflate(data: bytes) -> _Decompressor:
    """`deflate` means zlib, but some servers send it without zlib's header."""
    return zlib.decompressobj(zlib.MAX_WBITS if data[0] & 0x0F == _ZLIB_METHOD else _RAW_DEFLATE)


def _start_gzip(_data: bytes) -> _Decompressor:
    return zlib.decompressobj(_GZIP)


_STARTS: Final[Mapping[str, Callable[[bytes], _Decompressor]]] = {
    "gzip": _start_gzip,
    "x-gzip": _start_gzip,
    "deflate": _start_deflate,
}

ACCEPTED_CODINGS: Final = "gzip, deflate"
