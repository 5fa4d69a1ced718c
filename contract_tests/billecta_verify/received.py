"""A body as it comes in: read within a bound, its content coding undone, and kept to be read again."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Final

import urllib3

from billecta_verify.decoding import CodingError, decoded

if TYPE_CHECKING:
    import requests

LARGEST_BODY: Final = 8 * 1024 * 1024
_CHUNK: Final = 65536
_KEPT_OF_A_FLOOD: Final = 65536
"""What is remembered of a body that is beyond the bound: every exchange of a run is remembered."""


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
        while chunk := raw.read1(_CHUNK, decode_content=False):
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
