"""report.har: what was sent, as an HTTP archive (HAR 1.2) without secrets and without any content of an answer."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any, Final

from billecta_verify.reporting.model import Result
from billecta_verify.reporting.requests import SentRequest

_UNKNOWN: Final = -1
"""HAR's word for a size that is not known."""
_HTTP: Final = "HTTP/1.1"


def render(result: Result) -> str:
    """The text of report.har."""
    return json.dumps(document(result), indent=1, ensure_ascii=False) + "\n"


def document(result: Result) -> dict[str, Any]:
    """The requests of a result as a HAR log."""
    version = result.tools.get("lime-billecta-contract", "unknown")
    waited = result.counts.rate_limited
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "billecta-verify", "version": version},
            "pages": [],
            "entries": [_entry(sent) for sent in result.sent],
            "comment": "Bodies are left out, and what may hold a secret is a variable, a mask or missing."
            + (f" Answers 429 that were waited out are not listed: {waited}." if waited else ""),
        }
    }


def _entry(sent: SentRequest) -> dict[str, Any]:
    milliseconds = round(sent.seconds * 1000, 3)
    return {
        "startedDateTime": sent.started,
        "time": milliseconds,
        "request": _request(sent),
        "response": _response(sent),
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
        "comment": "; ".join(word for word in (sent.clause, sent.check, sent.comment) if word),
    }


def _request(sent: SentRequest) -> dict[str, Any]:
    return {
        "method": sent.method,
        "url": sent.url,
        "httpVersion": _HTTP,
        "cookies": [],
        "headers": _pairs(sent.request_headers),
        "queryString": _pairs(sent.query),
        "headersSize": _UNKNOWN,
        "bodySize": sent.request_size,
    }


def _response(sent: SentRequest) -> dict[str, Any]:
    """An answer; one that never came has status 0, as in the archives of browsers."""
    return {
        "status": sent.status,
        "statusText": _phrase(sent.status),
        "httpVersion": _HTTP,
        "cookies": [],
        "headers": _pairs(sent.response_headers),
        "content": {"size": sent.size, "mimeType": sent.media_type, "comment": "left out"},
        "redirectURL": "",
        "headersSize": _UNKNOWN,
        "bodySize": sent.wire_size if sent.status else _UNKNOWN,
    }


def _phrase(status: int) -> str:
    """The usual words for a status: a server may put anything into its own."""
    return HTTPStatus(status).phrase if status in set(HTTPStatus) else ""


def _pairs(pairs: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]
