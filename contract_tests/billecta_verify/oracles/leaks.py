"""Whether an error answer shows the inside of the server (SEC-2)."""

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final
from urllib.parse import quote, unquote

from billecta_verify.transport.exchange import Exchange

_SHORTEST_SECRET: Final = 4
"""Shorter texts occur by chance."""
_LONG_SECRET: Final = 10
"""Shorter ones may be words, which occur by chance in other case."""
_DEEPEST: Final = 50
_WORD_OF_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]{6,}={0,2}")

# Each is bounded in what it tries: an answer is what a stranger sent, and may be long, without a space or a line end.
_TELLTALES: Final = {
    "a Python stack trace": re.compile(
        r"Traceback \(most recent call last\)|File \"[^\"]+\", line \d+|because you have <code>DEBUG = True"
        r"|debugger caught an exception"
    ),
    "a Java stack trace": re.compile(
        r"^[ \t]*at [\w$.]{1,300}\([\w$]+\.(java|kt|scala):\d+\)|\bjava\.lang\.\w+"
        r"|\b[a-z]\w{0,30}(?:\.[a-z]\w{0,30}){0,8}\.[A-Z]\w{0,80}Exception\b",
        re.MULTILINE,
    ),
    "a .NET stack trace": re.compile(
        r"^[ \t]*at [\w.<>`]{1,300}\(.{0,500}\) in .{0,500}:line \d+|\bSystem\.\w+Exception\b"
        r"|^[ \t]*at (?:[\w<>`]{1,80}\.){2,8}[\w<>`]{1,80}\(.{0,500}\)"
        r"|Server Error in '.{0,80}' Application|Object reference not set to an instance",
        re.MULTILINE,
    ),
    "a JavaScript stack trace": re.compile(r"^[ \t]*at .{0,500}(\.[cm]?[jt]sx?:\d+:\d+|\(node:\w+)", re.MULTILINE),
    "a Ruby stack trace": re.compile(r"\w\.rb:\d+:in [`']"),
    "a Go stack trace": re.compile(
        r"goroutine \d+ \[\w+\]|\w\.go:\d+ \+0x|\bruntime error: (index|slice|integer|invalid)"
    ),
    "a Rust panic": re.compile(r"thread '.{0,80}' panicked at"),
    "an Elixir error": re.compile(r"\*\* \(\w{1,80}Error\)"),
    "a Perl error": re.compile(r"\bat \S{1,300}\.p[lm] line \d+"),
    "a PHP error": re.compile(
        r"(Fatal error|Warning|Notice): .{0,500} in \S{1,300}\.php|^#\d+ .{0,300}\.php\(\d+\)|PHP \w+ error:"
        r"|\b\w{1,80}(?:\\\w{1,80}){1,8}Exception\b",
        re.MULTILINE,
    ),
    "a path of the server": re.compile(
        r"(?<![\w.:/])/(usr|home|opt|var|srv|app|root|etc|mnt|tmp|lib|workspace|Users)/[\w.-]+/[\w./-]+"
        r"|\b[A-Za-z]:[\\/]\w+[\\/]|site-packages|\bfile://|(?<!\\)\\\\[\w.-]{1,80}\\\w"
    ),
    "a database error": re.compile(
        r"(sqlalchemy|psycopg2?|pyodbc|sqlite3)\.\w+|ORA-\d{5}|SQLSTATE"
        r"|error in your SQL syntax|no such (table|column):"
        r"|Unclosed quotation mark|Conversion failed when converting|syntax error at or near|invalid input syntax for"
        r"|violates (unique|foreign|not-null|check)|Mongo(Server)?Error|\bE11000\b",
        re.IGNORECASE,
    ),
    "a piece of SQL": re.compile(
        r"\b(SELECT\s.{1,500}\sFROM|INSERT\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM)\s"
        r"|\b[Ss]elect\s[\w*,. ]{1,300}\sfrom\s\w{1,80}\swhere\s\w{1,80}\s?=",
        re.DOTALL,
    ),
    "a connection string": re.compile(
        r"\b(Password|Pwd)\s?=[^;\s]{1,200};|\b[a-z][\w+]{1,20}://[^\s:/@]{1,80}:[^\s:/@]{1,80}@", re.IGNORECASE
    ),
    "a private key": re.compile(r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY"),
    "the text of a schema": re.compile(r"Failed validating|On instance\b|is not valid under any of the given schemas"),
}


def inside_shown(exchanges: Iterable[Exchange]) -> tuple[Exchange, str] | None:
    """The first answer that shows the inside of the server, and what it shows, by name and never by content."""
    for exchange, texts in _texts(exchanges):
        if found := next((name for name, pattern in _TELLTALES.items() if any(map(pattern.search, texts))), None):
            return exchange, found
    return None


def secret_shown(exchanges: Iterable[Exchange], secrets: Iterable[str]) -> Exchange | None:
    """The first answer that shows one of the secrets, in whatever form."""
    wanted = {
        form for secret in secrets if len(secret) >= _SHORTEST_SECRET for form in (secret, quote(secret, safe=""))
    }
    for exchange, texts in _texts(exchanges):
        if _holds_spelled(texts, wanted) or _holds_encoded(texts, wanted):
            return exchange
    return None


def _texts(exchanges: Iterable[Exchange]) -> Iterator[tuple[Exchange, list[str]]]:
    """Each answer with what it says, as sent and as a reader of JSON or HTML sees it.

    A body that an earlier answer had is left out: it may be long, and a deployment may send the same one every time.
    """
    read: set[bytes] = set()
    for exchange in exchanges:
        texts = ["\n".join(value for _, value in exchange.headers)]
        if exchange.body not in read:
            read.add(exchange.body)
            texts.extend(_readings(exchange.body.decode("utf-8", "replace")))
        yield exchange, texts


def _readings(body: str) -> tuple[str, ...]:
    return body, html.unescape(body), "\n".join(_strings(_document(body), _DEEPEST))


def _document(body: str) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _strings(document: Any, depth: int) -> Iterator[str]:
    """Every string in a JSON document, as far down as anybody would look."""
    if isinstance(document, str):
        yield document
    elif depth and isinstance(document, dict | list):
        for value in document.values() if isinstance(document, dict) else document:
            yield from _strings(value, depth - 1)


def _holds_spelled(texts: Iterable[str], secrets: Iterable[str]) -> bool:
    """Whether a text says a secret as it is, percent-encoded, in hexadecimal digits or, if long, in other case."""
    readings = {reading for text in texts for reading in (text, unquote(text))}
    forms = {form for secret in secrets for form in (secret, secret.encode().hex())}
    long = {secret.lower() for secret in secrets if len(secret) >= _LONG_SECRET}
    return any(form in reading for form in forms for reading in readings) or any(
        secret in reading.lower() for secret in long for reading in readings
    )


def _holds_encoded(texts: Iterable[str], secrets: Iterable[str]) -> bool:
    """Whether a word of base64 says a secret."""
    spoken = [_decoded(word) for text in texts for word in _WORD_OF_BASE64.findall(text)]
    return any(secret.encode() in said for secret in secrets for said in spoken)


def _decoded(word: str) -> bytes:
    plain = word.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4))
    except ValueError:
        return b""
