"""Whether an error answer shows the inside of the server (SEC-2)."""

import re
from collections.abc import Iterable
from typing import Final

from contract_tests.exchange import Exchange

_SHORTEST_SECRET: Final = 4
"""Shorter texts occur by chance."""

_TELLTALES: Final = {
    "a Python stack trace": re.compile(r"Traceback \(most recent call last\)|File \"[^\"]+\", line \d+"),
    "a Java stack trace": re.compile(r"^\s*at [\w$.]+\([\w$]+\.java:\d+\)", re.MULTILINE),
    "a .NET stack trace": re.compile(r"^\s*at [\w.<>]+\(.*\) in .*:line \d+", re.MULTILINE),
    "a JavaScript stack trace": re.compile(r"^\s*at .*\(?[\w/.-]+\.[cm]?js:\d+:\d+\)?", re.MULTILINE),
    "a PHP error": re.compile(r"(Fatal error|Warning|Notice): .* in \S+\.php"),
    "a path of the server": re.compile(
        r"(?<![\w.:/])/(usr|home|opt|var|srv|app|root|etc)/[\w.-]+/[\w./-]+|[A-Z]:\\\w+\\|site-packages"
    ),
    "a database error": re.compile(r"(sqlalchemy|psycopg2?|pyodbc|sqlite3)\.\w+|ORA-\d{5}|SQLSTATE", re.IGNORECASE),
    "the text of a schema": re.compile(r"Failed validating|On instance\b|is not valid under any of the given schemas"),
}


def leak(exchange: Exchange, secrets: Iterable[str]) -> str | None:
    """What an error answer gives away, by name and never by content; None when nothing is seen."""
    text = exchange.body.decode("utf-8", "replace")
    headers = "\n".join(value for _, value in exchange.headers)
    if any(secret in text or secret in headers for secret in secrets if len(secret) >= _SHORTEST_SECRET):
        return "the key"
    return next((name for name, pattern in _TELLTALES.items() if pattern.search(text)), None)
