"""What a prepared request says, in every way in which a careless server might read it."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from requests import PreparedRequest

from billecta_verify.config.target import decoded_paths

READING_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})

_OVERRIDES: Final = frozenset({"x-http-method-override", "x-http-method", "x-method-override"})


def path_of(request: PreparedRequest) -> str:
    """The path as it is sent."""
    return urlsplit(request.url or "").path


def changes_something(request: PreparedRequest) -> bool:
    """Whether the method, or one that a header puts in its place, does more than read."""
    overrides = [str(value).upper() for name, value in request.headers.items() if name.lower() in _OVERRIDES]
    return any(method not in READING_METHODS for method in (request.method, *overrides))


def is_payment_call(request: PreparedRequest) -> bool:
    """Whether a request could make a payment: anything but a read on the payment path."""
    on_payment_path = any("/payments/" in form.lower() for form in decoded_paths(path_of(request)))
    return on_payment_path and changes_something(request)


def could_pay(request: PreparedRequest) -> bool:
    """Whether a payment may exist once the request is accepted: a read that names a phone is a create in disguise."""
    return is_payment_call(request) or any(name == "phone" for name, _ in query_parameters(request))


def carries_key(request: PreparedRequest, keys: Collection[str]) -> bool:
    """Whether one of the keys is anywhere in the URL or the headers."""
    places = [request.url or "", unquote(request.url or ""), *map(str, request.headers.values())]
    return any(key in place for key in keys for place in places)


def last_segment(request: PreparedRequest) -> str:
    """The id that a payment call names."""
    return unquote(path_of(request).rstrip("/").rpartition("/")[2])


def query_parameters(request: PreparedRequest) -> list[tuple[str, str]]:
    """Every parameter of the query string, repeated ones too, read with either separator; names in lower case."""
    query = urlsplit(request.url or "").query
    readings = dict.fromkeys((query, query.replace(";", "&")))
    return [(name.lower(), value) for text in readings for name, value in parse_qsl(text, keep_blank_values=True)]


def all_parameters(request: PreparedRequest) -> list[tuple[str, str]]:
    """Every parameter of the request, wherever a server might read it from."""
    body = request.body or b""
    text = body if isinstance(body, str) else bytes(body).decode("utf-8", "replace")
    return query_parameters(request) + parse_qsl(text, keep_blank_values=True) + _members(text)


def fingerprint(request: PreparedRequest, keys: Collection[str]) -> tuple[object, ...]:
    """What makes two requests the very same: method, URL, body, and where they carry a key."""
    headers = ((name.lower(), str(value)) for name, value in request.headers.items())
    carrying = sorted((name, value) for name, value in headers if any(key in value for key in keys))
    return request.method, request.url, *carrying, request.body


def _members(text: str) -> list[tuple[str, str]]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return []
    return [(name, str(value)) for name, value in document.items()] if isinstance(document, dict) else []
