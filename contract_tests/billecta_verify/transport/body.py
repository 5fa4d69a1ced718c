"""A response body as it comes in: read and decompressed within a bound, and kept to be read again.

A few megabytes of gzip may stand for gigabytes.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Final, Protocol

import requests
import urllib3

_GZIP: Final = 16 + zlib.MAX_WBITS
_RAW_DEFLATE: Final = -zlib.MAX_WBITS
_ZLIB_METHOD: Final = 8


LARGEST_BODY: Final = 8 * 1024 * 1024
_CHUNK: Final = 65536
_KEPT_OF_A_FLOOD: Final = 65536
"""What is remembered of a body that is beyond the bound: every exchange of a run is remembered."""


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


@dataclass(frozen=True, slots=True)
class Received:
    """A body as sent and with its content coding undone, why it is not whole, and the seconds that it took."""

    wire: bytes
    body: bytes
    broken: str | None
    elapsed: float


def read_whole(raw: urllib3.HTTPResponse) -> tuple[bytes, str | None]:
    """The body as sent, and why it is not whole if it is not."""
    body = bytearray()
    try:
        while chunk := raw.read(_CHUNK, decode_content=False):
            body += chunk
            if len(body) > LARGEST_BODY:
                return bytes(body[:_KEPT_OF_A_FLOOD]), f"longer than {LARGEST_BODY} bytes"
    except urllib3.exceptions.IncompleteRead as error:
        return bytes(body), f"cut: {error.expected} bytes are missing"
    except (urllib3.exceptions.HTTPError, OSError) as error:
        return bytes(body), f"cut: {type(error).__name__}"
    return bytes(body), None


def replay(response: requests.Response, wire: bytes, broken: str | None, elapsed: float) -> None:
    """Let the response be read again from memory, so that requests and schemathesis see a usual response."""
    try:
        body = decoded(wire, response.headers.get("content-encoding", ""), LARGEST_BODY)
    except CodingError as error:
        body, broken = b"", broken or f"its content coding cannot be undone ({error})"
    if len(body) > LARGEST_BODY:
        wire, body = wire[:_KEPT_OF_A_FLOOD], body[:_KEPT_OF_A_FLOOD]
        broken = broken or f"longer than {LARGEST_BODY} bytes once its content coding is undone"
    elif broken:
        wire, body = wire[:_KEPT_OF_A_FLOOD], body[:_KEPT_OF_A_FLOOD]
    response.raw = _in_memory(response.raw, wire)
    response._content = body  # noqa: SLF001 — what requests would make of it by itself, without a bound
    response.__dict__["received"] = Received(wire, body, broken, elapsed)


def _in_memory(original: urllib3.HTTPResponse, wire: bytes) -> urllib3.HTTPResponse:
    return urllib3.HTTPResponse(
        BytesIO(wire),
        headers=original.headers,
        status=original.status,
        version=original.version,
        reason=original.reason,
        preload_content=False,
        enforce_content_length=False,
    )
