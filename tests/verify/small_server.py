"""The smallest deployment that keeps the contract, on a real socket, for the verifier to be tried on.

`Contract` keeps it to the letter and decides step by step; a subclass that changes one step is a defect, or a freedom.
Nothing here is shared with the mock or the verifier.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from typing import Any, ClassVar
from urllib.parse import parse_qs, unquote, urlsplit

import pikepdf

BASE_PATH = "/database/limepkg-billecta-integration"
KEY = "Zx81-Valid-Key"
LIMITED_KEY = "Limited-Key-7"
READ_ONLY_KEY = "Reader-Key-9"


def make_document() -> bytes:
    buffer = BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.save(buffer)
    return buffer.getvalue()


DOCUMENT = make_document()


@dataclass(frozen=True)
class Asked:
    """One request. Header names are lower case; the last of a repeated header counts."""

    method: str
    raw_path: str
    query: str
    headers: dict[str, str]
    body: bytes
    header_names: frozenset[str] = frozenset()

    @property
    def key(self) -> str | None:
        return self.headers.get("x-api-key")

    @property
    def parameters(self) -> dict[str, list[str]]:
        return parse_qs(self.query, keep_blank_values=True, errors="replace")


@dataclass(frozen=True)
class Answer:
    """One answer; `headers` beside those that every answer has."""

    status: int
    body: bytes = b""
    media_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    content_length: int | None = None
    drop: bool = False
    reason: str | None = None
    chunked: bool = False


def as_json(code: int, /, **members: Any) -> Answer:
    return Answer(code, json.dumps(members).encode())


@dataclass
class Contract:
    """The contract, kept."""

    clause: ClassVar[str] = ""
    seen: list[Asked] = field(default_factory=list)
    payments: dict[str, str] = field(default_factory=dict)
    reads: int = 0

    def answer(self, asked: Asked) -> Answer:
        self.seen.append(asked)
        operation, _, resource = asked.raw_path.removeprefix(BASE_PATH + "/").partition("/")
        if not self.is_key(asked):
            return self.refuse_key(asked, unquote(resource))
        if operation == "fetch-invoice-pdf" and resource.endswith("/"):
            return self.on_invoice(asked, unquote(resource[:-1]))
        if operation == "payments" and resource.startswith("swish/"):
            return self.on_payment(asked, unquote(resource.removeprefix("swish/")))
        return self.not_found(asked)

    def is_key(self, asked: Asked) -> bool:
        return asked.key in {KEY, LIMITED_KEY, READ_ONLY_KEY}

    def refuse_key(self, asked: Asked, resource: str) -> Answer:
        return self.not_found(asked)

    def not_found(self, asked: Asked) -> Answer:
        return as_json(404, message="Not Found")

    def on_invoice(self, asked: Asked, invoice_id: str) -> Answer:
        if asked.method not in {"GET", "HEAD"}:
            return self.other_method(asked)
        if self.sees(asked, invoice_id):
            return self.document(asked)
        return self.hidden(asked) if invoice_id == "2002" else self.absent(asked, invoice_id)

    def sees(self, asked: Asked, invoice_id: str) -> bool:
        return invoice_id == "1001" or (invoice_id == "2002" and asked.key != LIMITED_KEY)

    def absent(self, asked: Asked, invoice_id: str) -> Answer:
        return self.not_found(asked)

    def hidden(self, asked: Asked) -> Answer:
        return self.not_found(asked)

    def document(self, asked: Asked) -> Answer:
        return Answer(200, DOCUMENT, "application/pdf", (("Cache-Control", "private, no-store"),))

    def other_method(self, asked: Asked) -> Answer:
        return replace(as_json(405, message="Method Not Allowed"), headers=(("Allow", "GET, HEAD"),))

    def on_payment(self, asked: Asked, resource: str) -> Answer:
        if asked.method == "POST":
            return self.create(asked, resource)
        if asked.method not in {"GET", "HEAD"}:
            return self.other_method(asked)
        self.reads += 1
        return self.status(asked, resource)

    def create(self, asked: Asked, action_id: str) -> Answer:
        if asked.key == READ_ONLY_KEY:
            return self.denied(asked)
        refusal = self.judge_parameters(asked)
        if refusal is not None:
            return refusal
        return self.created(asked) if self.is_action(action_id) else self.not_found(asked)

    def is_action(self, action_id: str) -> bool:
        return action_id == "action123"

    def denied(self, asked: Asked) -> Answer:
        return as_json(403, message="Forbidden")

    def judge_parameters(self, asked: Asked) -> Answer | None:
        for name, limit in (("phone", 20), ("message", 50)):
            given = self.parameter(asked, name)
            if given is None or not given.strip() or self.length(given) > limit:
                return self.bad_request(name)
        return None

    def parameter(self, asked: Asked, name: str) -> str | None:
        return asked.parameters.get(name, [None])[0]

    def length(self, text: str) -> int:
        return len(text)

    def bad_request(self, name: str) -> Answer:
        return as_json(400, error="Bad Request", message=f"{name} is not acceptable")

    def created(self, asked: Asked) -> Answer:
        request_id = self.new_id()
        self.payments[request_id] = self.parameter(asked, "phone") or ""
        return as_json(201, requestid=request_id)

    def new_id(self) -> str:
        return secrets.token_hex(16).upper()

    def status(self, asked: Asked, request_id: str) -> Answer:
        return as_json(200, requeststatus="Created") if request_id in self.payments else self.not_found(asked)

    def finish(self, asked: Asked, answer: Answer) -> Answer:
        """The last word on every answer."""
        return answer


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Server

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    def _respond(self) -> None:
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", 0)))
        asked = Asked(self.command, parts.path, parts.query, headers, body, frozenset(self.headers))
        contract = self.server.contract
        answer = contract.finish(asked, contract.answer(asked))
        if answer.drop:
            self.close_connection = True
            return
        self.send_response_only(answer.status, answer.reason)
        self.send_header("Date", formatdate(time.time(), usegmt=True))
        if answer.media_type:
            self.send_header("Content-Type", answer.media_type)
        for name, value in answer.headers:
            self.send_header(name, value)
        if answer.chunked:
            self._send_in_chunks(answer.body)
            return
        size = len(answer.body) if answer.content_length is None else answer.content_length
        self.send_header("Content-Length", str(size))
        if size != len(answer.body):
            self.close_connection = True
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def _send_in_chunks(self, body: bytes) -> None:
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        if self.command != "HEAD":
            parts = [body[start : start + 100] for start in range(0, len(body), 100)]
            self.wfile.write(b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in [*parts, b""]))

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_TRACE = _respond  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, contract: Contract) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.contract = contract


@contextmanager
def serving(contract: Contract) -> Iterator[str]:
    """Serve on a free port; yields the base URL."""
    server = _Server(contract)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}{BASE_PATH}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
