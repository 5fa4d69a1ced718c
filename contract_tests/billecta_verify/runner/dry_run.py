"""A run against an ideal deployment in memory: what `--plan` shows. Nothing leaves the process.

The same checks run through the same guard, so the plan cannot say less than a run would send.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pikepdf
import requests
import urllib3
from requests.adapters import BaseAdapter, HTTPAdapter

from billecta_verify.config.target import Target
from billecta_verify.fixtures.deployment import preflight
from billecta_verify.reporting.terminal import Plan
from billecta_verify.runner.collector import RunCollector
from billecta_verify.runner.run import run_checks
from billecta_verify.transport.client import Transport
from billecta_verify.transport.exchange import API_KEY_HEADER
from billecta_verify.transport.rate_limit import RateLimiter

_LIMITS = {"phone": 20, "message": 50}
_FIRST_ID = 0xA1B2C3D4E5F60718
"""Ids with letters in them, as Billecta's are: of numbers, some checks have nothing to ask."""


def dry_run(target: Target) -> Plan:
    """What a verification of this target would send if the target were ideal."""
    ideal = ReferenceDeployment(target)
    rate_limiter = RateLimiter(None, pause=lambda _seconds: None)
    run_collector = RunCollector(Transport(target, connect=lambda: ReferenceAdapter(ideal), rate_limiter=rate_limiter))
    preflight(run_collector.transport)
    asked = run_collector.transport.policy.requests
    return Plan(run_checks(run_collector), asked)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer before it is dressed as HTTP."""

    status: HTTPStatus
    body: bytes = b""
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class ReferenceDeployment:
    """The contract kept to the letter, knowing only what the target says that it knows."""

    target: Target
    payments: list[str] = field(default_factory=list)

    def answer(self, method: str, path: str, query: str, key: str | None) -> Reply:
        """The answer to a request on a path below the base URL."""
        kind, _, resource = path.rpartition("/")
        if path.startswith("fetch-invoice-pdf/") and path.endswith("/"):
            kind, resource = "fetch-invoice-pdf", path.removeprefix("fetch-invoice-pdf/").removesuffix("/")
        if key not in self.target.keys or kind not in {"fetch-invoice-pdf", "payments/swish"}:
            return _NOT_FOUND
        if key == self.target.denied_key:
            return Reply(HTTPStatus.FORBIDDEN)
        if kind == "payments/swish" and method == "POST":
            return self._create(unquote(resource), query, key)
        if method not in {"GET", "HEAD"}:
            return Reply(HTTPStatus.METHOD_NOT_ALLOWED, headers={"Allow": "GET, HEAD"})
        return self._status(resource) if kind == "payments/swish" else self._invoice(unquote(resource), key)

    def _invoice(self, invoice_id: str, key: str | None) -> Reply:
        hidden_from = self.target.limited_key or self.target.api_key
        visible = {self.target.invoice_id} | ({self.target.hidden_invoice_id} if key != hidden_from else set())
        return Reply(HTTPStatus.OK, _document(), "application/pdf") if invoice_id in visible else _NOT_FOUND

    def _create(self, action_id: str, query: str, key: str | None) -> Reply:
        if key == self.target.read_only_key:
            return Reply(HTTPStatus.FORBIDDEN)
        given = dict(parse_qsl(query, keep_blank_values=True, errors="replace"))
        for name, limit in _LIMITS.items():
            if not given.get(name, "").strip() or len(given[name]) > limit:
                return _error(name)
        if action_id != self.target.action_id:
            return _NOT_FOUND
        self.payments.append(f"{_FIRST_ID + len(self.payments):032X}")
        return Reply(HTTPStatus.CREATED, json.dumps({"requestid": self.payments[-1]}).encode())

    def _status(self, request_id: str) -> Reply:
        if request_id not in self.payments:
            return _NOT_FOUND
        return Reply(HTTPStatus.OK, b'{"requeststatus": "Created"}')


class ReferenceAdapter(BaseAdapter):
    """Answers from an ideal deployment in place of the network."""

    def __init__(self, ideal: ReferenceDeployment) -> None:
        super().__init__()
        self._ideal = ideal
        self._builder = HTTPAdapter()

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """The ideal answer."""
        url = urlsplit(request.url or "")
        if url.scheme != self._ideal.target.origin[0]:
            raise requests.ConnectionError("an ideal deployment does not answer without TLS")
        path = url.path.removeprefix(urlsplit(self._ideal.target.base_url).path + "/")
        reply = self._ideal.answer(request.method or "", path, url.query, request.headers.get(API_KEY_HEADER))
        body = b"" if request.method == "HEAD" else reply.body
        headers = {"Content-Type": reply.media_type, "Content-Length": str(len(reply.body)), **reply.headers}
        raw = urllib3.HTTPResponse(
            BytesIO(body), headers=headers, status=reply.status, version=11, preload_content=False
        )
        return self._builder.build_response(request, raw)

    def close(self) -> None:
        """Nothing is open."""


def _error(name: str) -> Reply:
    return Reply(
        HTTPStatus.BAD_REQUEST, json.dumps({"error": "Bad Request", "message": f"{name} is not acceptable"}).encode()
    )


def _document() -> bytes:
    buffer = BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.save(buffer)
    return buffer.getvalue()


_NOT_FOUND = Reply(HTTPStatus.NOT_FOUND, b'{"message": "Not Found"}')
