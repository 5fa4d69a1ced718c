"""The three operations of the API as requests, and what may stand in for a valid key."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from billecta_verify.transport.exchange import NO_KEY, Credential, Request, Text

FETCH_INVOICE: Final = "fetchInvoicePdf"
CREATE_PAYMENT: Final = "createSwishPayment"
READ_STATUS: Final = "getSwishPayment"


def fetch_invoice(  # noqa: PLR0913 — one argument for each thing that a check may vary
    invoice_id: Text,
    credential: Credential,
    *,
    method: str = "GET",
    slash: bool = True,
    headers: tuple[tuple[str, str], ...] = (),
    well_formed: bool = True,
) -> Request:
    """`GET /fetch-invoice-pdf/{invoice_id}/`, or the same with another method, or without the slash."""
    path = _path("fetch-invoice-pdf", invoice_id, "/" if slash else "")
    return Request(FETCH_INVOICE, method, path, credential, headers=headers, well_formed=well_formed)


def with_bypass_headers(invoice_id: Text, credential: Credential) -> Request:
    """The invoice, asked for with headers and parameters at which a deployment may forget what it would hide."""
    asked = fetch_invoice(invoice_id, credential, headers=BYPASS_HEADERS)
    return replace(asked, raw_query="download=1&preview=true&format=pdf")


def without_slash(invoice_id: Text, credential: Credential) -> Request:
    """The invoice, asked for on a path that another part of a deployment may answer."""
    return fetch_invoice(invoice_id, credential, slash=False, well_formed=False)


def create_payment(  # noqa: PLR0913 — as above
    action_id: Text,
    credential: Credential,
    *,
    phone: Text | None,
    message: str | None,
    raw_query: str = "",
    form: tuple[str, bytes] | None = None,
    well_formed: bool = True,
) -> Request:
    """`POST /payments/swish/{actionpublicid}`; a parameter that is None is left out.

    `form` is a body with its media type.
    """
    query: list[tuple[str, Text]] = []
    if phone is not None:
        query.append(("phone", phone))
    if message is not None:
        query.append(("message", Text.plain(message)))
    return Request(
        CREATE_PAYMENT,
        "POST",
        _path("payments/swish", action_id),
        credential,
        query=tuple(query),
        raw_query=raw_query,
        headers=(("Content-Type", form[0]),) if form else (),
        body=form[1] if form else None,
        well_formed=well_formed,
    )


def read_status(
    request_id: Text, credential: Credential, *, method: str = "GET", slash: bool = False, well_formed: bool = True
) -> Request:
    """`GET /payments/swish/{requestid}`, or the same with another method, or with a slash too many."""
    path = _path("payments/swish", request_id, "/" if slash else "")
    return Request(READ_STATUS, method, path, credential, well_formed=well_formed)


def _path(prefix: str, resource_id: Text, suffix: str = "") -> Text:
    sent = resource_id.in_path
    shown = sent if resource_id.sent == resource_id.shown else resource_id.shown
    return Text(f"{prefix}/{sent}{suffix}", f"{prefix}/{shown}{suffix}")


def valid(key: Text) -> Credential:
    """The key where the page wants it."""
    return Credential("the valid key", key)


UNKNOWN_KEY_VALUE: Final = "b3c5f0a2d4e64f7b9a1c8d2e6f3b7a90"
UNKNOWN_KEY: Final = Credential("an unknown key", Text.plain(UNKNOWN_KEY_VALUE))

_PARAMETERS: Final = (
    "x-api-key",
    "x_api_key",
    "api_key",
    "apikey",
    "api-key",
    "apiKey",
    "key",
    "token",
    "access_token",
    "auth_token",
    "api-token",
    "apitoken",
    "auth",
    "API_KEY",
    "k",
    "sig",
    "x-apikey",
    "subscription-key",
    "code",
    "secret",
)
_COOKIES: Final = ("x-api-key", "api_key", "apikey", "apiKey", "key", "token", "session", "sessionid", "auth")
_OTHER_HEADERS: Final = (
    "api-key",
    "apikey",
    "api-token",
    "key",
    "token",
    "apitoken",
    "lime-api-key",
    "ocp-apim-subscription-key",
    "x-access-token",
    "x-api-secret",
    "x-api-token",
    "x-apikey",
    "x-auth-key",
    "x-auth-token",
    "x-authorization",
    "x-client-key",
    "x-forwarded-api-key",
    "x-functions-key",
    "x-key",
    "x-lime-api-key",
    "x-session-token",
    "x-token",
)

_Credentials = Mapping[str, Callable[[Text], Credential]]

MISPLACED_KEYS: Final[_Credentials] = {
    "no key": lambda _key: NO_KEY,
    "empty key": lambda _key: Credential("an empty key", Text.plain("")),
    "unknown key": lambda _key: UNKNOWN_KEY,
    "key in the query": lambda key: Credential("the key in the query", key, in_headers=(), in_query=_PARAMETERS),
    "key in a cookie": lambda key: Credential(
        "the key in a cookie", key, in_headers=("Cookie",), header_form="; ".join(f"{name}={{0}}" for name in _COOKIES)
    ),
    "key as Bearer token": lambda key: Credential(
        "the key as Bearer token", key, in_headers=("Authorization",), header_form="Bearer {}"
    ),
    "key as Authorization": lambda key: Credential("the key as Authorization", key, in_headers=("Authorization",)),
    "key as ApiKey": lambda key: Credential(
        "the key as Authorization: ApiKey", key, in_headers=("Authorization",), header_form="ApiKey {}"
    ),
    "key as Token": lambda key: Credential(
        "the key as Authorization: Token", key, in_headers=("Authorization",), header_form="Token {}"
    ),
    "key as Basic password": lambda key: _basic("the key as Basic password", key, ":{}"),
    "key as Basic user": lambda key: _basic("the key as Basic user", key, "{}:"),
    "key in headers of other names": lambda key: Credential(
        "the key in headers of other names", key, in_headers=_OTHER_HEADERS
    ),
}
"""AUTH-2: no valid key, or a valid key anywhere but in its header; several places in one request are cheaper."""

USUAL_MISTAKES: Final = (
    "no key",
    "empty key",
    "unknown key",
    "key in the query",
    "key in a cookie",
    "key as Bearer token",
    "key in headers of other names",
)
"""Those of the above that every operation is asked; the rest only the invoice."""

BYPASS_HEADERS: Final = (
    ("Accept", "text/html"),
    ("Client-IP", "127.0.0.1"),
    ("Forwarded", "for=127.0.0.1"),
    ("If-Modified-Since", "Mon, 01 Jan 2024 00:00:00 GMT"),
    ("If-None-Match", "*"),
    ("Range", "bytes=0-"),
    ("Remote-User", "admin"),
    ("True-Client-IP", "127.0.0.1"),
    ("X-Authenticated-User", "admin"),
    ("X-Client-IP", "127.0.0.1"),
    ("X-Cluster-Client-IP", "127.0.0.1"),
    ("X-Forwarded-For", "127.0.0.1"),
    ("X-Forwarded-User", "admin"),
    ("X-Debug", "true"),
    ("X-Internal", "true"),
    ("X-Originating-IP", "127.0.0.1"),
    ("X-Real-IP", "127.0.0.1"),
    ("X-Remote-IP", "127.0.0.1"),
    ("X-Remote-User", "admin"),
    ("X-Requested-With", "XMLHttpRequest"),
    ("X-User-Id", "1"),
)
"""Headers at which a deployment may take a way around the question of the key, or of what it opens."""

ASKED_OTHERWISE: Final[Mapping[str, Callable[[Text, Credential], Request]]] = {
    "with temptations": with_bypass_headers,
    "without its slash": without_slash,
}
"""Ways to ask for an invoice that is hidden."""

SIMILAR_KEYS: Final[_Credentials] = {
    "other case": lambda key: _resembling(key, "in other case", key.sent.swapcase()),
    "without its last character": lambda key: _resembling(key, "without its last character", key.sent[:-1]),
    "first half": lambda key: _resembling(key, "cut to its first half", key.sent[: max(1, len(key.sent) // 2)]),
    "without its first character": lambda key: _resembling(key, "without its first character", key.sent[1:]),
    "one character changed": lambda key: _resembling(key, "with its last character changed", _changed(key.sent, -1)),
    "first character changed": lambda key: _resembling(key, "with its first character changed", _changed(key.sent, 0)),
    "a character in its middle changed": lambda key: _resembling(
        key, "with a character in its middle changed", _changed(key.sent, len(key.sent) // 2)
    ),
    "a suffix": lambda key: Credential("the key with a suffix", key.followed_by("x")),
    "a prefix": lambda key: Credential("the key with a prefix", Text("x" + key.sent, "x" + key.shown)),
    "in quotes": lambda key: Credential("the key in quotes", key, header_form='"{}"'),
    "first of a list": lambda key: Credential("the key as the first of a list", key, header_form="{},x"),
    "last of a list": lambda key: Credential("the key as the last of a list", key, header_form="x, {}"),
    "after Bearer": lambda key: Credential("the key after Bearer in x-api-key", key, header_form="Bearer {}"),
    "backwards": lambda key: _resembling(key, "backwards", key.sent[::-1]),
    "percent-encoded": lambda key: _resembling(
        key, "percent-encoded", "".join(f"%{byte:02X}" for byte in key.sent.encode())
    ),
    "with signs in it": lambda key: _resembling(key, "with a hyphen in it", f"{key.sent[:2]}-{key.sent[2:]}"),
    "a pattern": lambda _key: Credential("a pattern that every key matches", Text.plain("%")),
    "a condition": lambda _key: Credential("a condition that is always true", Text.plain("'OR'1'='1")),
    "undefined": lambda _key: Credential("what a script sends instead of no key", Text.plain("undefined")),
}
"""AUTH-4: keys that resemble the valid one."""


def _basic(name: str, key: Text, form: str) -> Credential:
    encoded = base64.b64encode(form.format(key.sent).encode()).decode()
    value = Text(encoded, f"$(printf %s {form.format(key.shown)}|base64|tr -d '[:space:]')")
    return Credential(name, value, in_headers=("Authorization",), header_form="Basic {}")


def _resembling(key: Text, how: str, value: str) -> Credential:
    """A key made of the valid one; where the shell can make it of the variable, it is shown so that the shell does."""
    form = _BY_THE_SHELL.get(how)
    is_so_made = form is not None and not (how.endswith("character changed") and "x" in {key.sent[0], key.sent[-1]})
    shown = form.replace("KEY", key.shown[1:]) if form and is_so_made else f"<{key.shown} {how}>"
    return Credential(f"the key {how}", Text(value, shown))


_BY_THE_SHELL: Final = {
    "in other case": "$(printf %s $KEY|tr a-zA-Z A-Za-z)",
    "without its last character": "${KEY%?}",
    "without its first character": "${KEY#?}",
    "cut to its first half": "${KEY:0:${#KEY}/2}",
    "with its last character changed": "${KEY%?}x",
    "with its first character changed": "x${KEY#?}",
    "with a hyphen in it": "${KEY:0:2}-${KEY:2}",
    "backwards": "$(printf %s $KEY|rev)",
}
"""How bash makes such a key of the variable that holds the valid one."""


def _changed(key: str, index: int) -> str:
    characters = list(key)
    characters[index] = "y" if key[index] == "x" else "x"
    return "".join(characters)
