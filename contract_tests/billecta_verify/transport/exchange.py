"""One request as a check means it, and one exchange as it went over the wire."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final
from urllib.parse import quote, quote_plus

import requests

API_KEY_HEADER: Final = "x-api-key"

_MEMBERS: Final = ("error", "message", "requestid", "requeststatus")
_MEDIA_TYPE: Final = re.compile(r"[a-z]{1,12}/[a-z0-9][a-z0-9.+-]{0,49}")


class Effect(StrEnum):
    """What a request may do to the deployment."""

    NONE = "none"
    """It must be refused before anything happens."""
    READ = "read"
    CREATE = "create"
    """It makes a payment request, which rings a phone."""


@dataclass(frozen=True, slots=True, repr=False)
class Text:
    """A value on the wire, and what stands for it in reports: a secret is sent but never shown, not by `repr` either.

    As an id in a path it is percent-encoded, whatever it holds, unless `is_encoded` says that it is already.
    """

    sent: str
    shown: str
    is_encoded: bool = False

    def __repr__(self) -> str:
        return f"<Text {self.shown}>"

    @classmethod
    def plain(cls, value: str) -> Text:
        """A value that is no secret."""
        return cls(value, value)

    @classmethod
    def encoded(cls, value: str) -> Text:
        """An id of our own making that is sent to the letter, for ids that no encoding would give."""
        return cls(value, value, is_encoded=True)

    def followed_by(self, suffix: str) -> Text:
        """The same value with a suffix, shown so that a shell still expands the variable in it."""
        shown = f"${{{self.shown[1:]}}}" if self.shown.startswith("$") else self.shown
        return Text(self.sent + suffix, shown + suffix, self.is_encoded)

    def followed_by_encoded(self, suffix: str) -> Text:
        """The same value as an id, with a suffix that is sent to the letter."""
        return Text(self.in_path, self.shown, is_encoded=True).followed_by(suffix)

    @property
    def in_path(self) -> str:
        """The value as one segment of a path."""
        return self.sent if self.is_encoded else quote(self.sent, safe="")


@dataclass(frozen=True, slots=True)
class Credential:
    """What a request presents as its key, and under which names: in headers, in the query string, or nowhere."""

    name: str
    value: Text | None = None
    in_headers: tuple[str, ...] = (API_KEY_HEADER,)
    header_form: str = "{}"
    in_query: tuple[str, ...] = ()

    def headers(self, *, shown: bool = False) -> tuple[tuple[str, str], ...]:
        """The headers that carry the key."""
        if self.value is None:
            return ()
        value = self.header_form.format(self.value.shown if shown else self.value.sent)
        return tuple((name, value) for name in self.in_headers)

    def parameters(self) -> tuple[tuple[str, Text], ...]:
        """The query parameters that carry the key."""
        return () if self.value is None else tuple((name, self.value) for name in self.in_query)


NO_KEY: Final = Credential("no key")


@dataclass(frozen=True, slots=True, repr=False)
class Request:
    """One request to the deployment, relative to its base URL.

    `path` is percent-encoded already. `raw_query` is sent to the letter, after `query`. `well_formed` is false where
    HTTP or the URL itself is stretched, so that a server in front may answer in its own words.
    """

    operation: str
    method: str
    path: Text
    credential: Credential
    query: tuple[tuple[str, Text], ...] = ()
    raw_query: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    well_formed: bool = True

    def __repr__(self) -> str:
        return f"<Request {self.method} {self.shown_suffix} with {self.credential.name}>"

    @property
    def url_suffix(self) -> str:
        """Path and query as they are sent."""
        return self.path.sent + self._query(shown=False)

    @property
    def shown_suffix(self) -> str:
        """Path and query as a report shows them."""
        return self.path.shown + self._query(shown=True)

    def all_headers(self, *, shown: bool = False) -> tuple[tuple[str, str], ...]:
        """The key's headers, then the others."""
        return self.credential.headers(shown=shown) + self.headers

    def _query(self, *, shown: bool) -> str:
        pairs = [*self.query, *self.credential.parameters()]
        encoded = [f"{quote(name)}={_shown_value(text) if shown else quote_plus(text.sent)}" for name, text in pairs]
        if self.raw_query:
            encoded.append(self.raw_query)
        return "?" + "&".join(encoded) if encoded else ""


def _shown_value(text: Text) -> str:
    return quote_plus(text.sent) if text.sent == text.shown else text.shown


@dataclass(frozen=True, slots=True)
class Purpose:
    """For which check, and under which effect, a request is sent.

    `kind` groups requests that a broken deployment would wrongly turn into payments: the first one stops the rest.
    """

    check: str
    clause: str
    effect: Effect
    kind: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Exchange:
    """One request and its answer. `wire` is the body as sent, `body` with any declared content coding undone.

    `broken` says why the body could not be read whole; `elapsed` is in seconds, from the first byte sent to the last
    byte read, and `ended` is when that was, in seconds since 1970. `is_kept` is false where the run has no room for
    the body: who looks back finds it without one.
    """

    request: Request
    purpose: Purpose
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    wire: bytes
    elapsed: float
    broken: str | None = None
    ended: float = 0.0
    is_kept: bool = True
    response: requests.Response | None = field(default=None, compare=False)

    def __repr__(self) -> str:
        return f"<Exchange {self.request!r}: {self.describe()}>"

    def header(self, name: str) -> str | None:
        """The first value of a header, found without regard to case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def reason(self) -> str:
        """The reason phrase of the status line."""
        return "" if self.response is None else self.response.reason or ""

    @property
    def media_type(self) -> str:
        """The media type without parameters, lower case; empty without a Content-Type."""
        value = self.header("content-type")
        return value.split(";")[0].strip().lower() if value else ""

    @property
    def shown_media_type(self) -> str:
        """The media type as an output may show it: a server may write anything there."""
        if not self.media_type:
            return "no media type"
        return self.media_type if _MEDIA_TYPE.fullmatch(self.media_type) else "a malformed media type"

    @property
    def is_json(self) -> bool:
        """Whether the media type is JSON or built on it."""
        subtype = self.media_type.partition("/")[2]
        return subtype == "json" or subtype.endswith("+json")

    def json(self) -> Any:
        """The body as JSON, or None where it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    def describe(self) -> str:
        """The answer in one phrase that shows no content of it: status, media type, size, expected JSON members."""
        if self.request.method == "HEAD":
            return str(self.status)
        parts = [str(self.status), self.shown_media_type]
        document = self.json() if self.is_json else None
        if isinstance(document, dict):
            parts.append(_members(document))
        elif document is not None:
            parts.append(f"a JSON {_type_name(document)}")
        else:
            parts.append(f"{len(self.body)} bytes")
        return ", ".join([*parts, self.broken] if self.broken else parts)


def member_types(exchange: Exchange) -> list[str]:
    """The members that the page has, with their types, such as `requestid: string`."""
    document = exchange.json() if exchange.is_json else None
    return _known_members(document) if isinstance(document, dict) else []


def _known_members(document: dict[str, Any]) -> list[str]:
    return [f"{name}: {_type_name(document[name])}" for name in _MEMBERS if name in document]


def _members(document: dict[str, Any]) -> str:
    """The members that the page has, with their types; of others only how many, for their names are content."""
    known = _known_members(document)
    others = len(document) - len(known)
    if others:
        known.append(f"{others} {'other ' if known else ''}member{'s' if others > 1 else ''}")
    return f"an object with {', '.join(known)}" if known else "an empty object"


def _type_name(value: object) -> str:
    names = {dict: "object", list: "array", str: "string", bool: "boolean", type(None): "null"}
    return names.get(type(value), "number")
