"""HTTP as uvicorn speaks it, with bounds on what comes before a request's body, and errors in the one envelope."""

from http import HTTPStatus
from typing import Final

import orjson
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from mock_server.http import JSON

MAX_TARGET: Final = 8 * 1024
MAX_HEADERS: Final = 32 * 1024


class BoundedProtocol(HttpToolsProtocol):
    """Refuses a request line or headers beyond the bounds while they arrive, before they fill any memory."""

    def on_message_begin(self) -> None:
        """A new request: nothing of it has arrived."""
        super().on_message_begin()
        self._header_bytes = 0
        self._refused = HTTPStatus.BAD_REQUEST

    def on_url(self, url: bytes) -> None:
        """Another piece of the request target."""
        super().on_url(url)
        if len(self.url) > MAX_TARGET:
            self._refuse(HTTPStatus.REQUEST_URI_TOO_LONG)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Another header."""
        self._header_bytes += len(name) + len(value)
        if self._header_bytes > MAX_HEADERS:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        super().on_header(name, value)

    def send_400_response(self, msg: str) -> None:
        """The answer to what is not HTTP, or beyond the bounds; the connection ends with it."""
        status = getattr(self, "_refused", HTTPStatus.BAD_REQUEST)
        message = msg if status is HTTPStatus.BAD_REQUEST else _EXPLANATIONS[status]
        body = orjson.dumps({"error": status.phrase, "message": message})
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: {JSON}\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()

    def _refuse(self, status: HTTPStatus) -> None:
        """Make the parser stop; uvicorn then calls `send_400_response`."""
        self._refused = status
        raise ValueError(status.phrase)


_EXPLANATIONS: Final = {
    HTTPStatus.REQUEST_URI_TOO_LONG: f"The request target is longer than {MAX_TARGET} bytes",
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: f"The request headers are larger than {MAX_HEADERS} bytes",
}
