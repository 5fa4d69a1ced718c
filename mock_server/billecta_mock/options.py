"""The options of `billecta-mock`: for each its name, what it is for, and how its text is read."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final

from billecta_mock.domain.payments import Progression
from billecta_mock.domain.world import Masking

_HIGHEST_PORT: Final = 65535
_TOKEN: Final = re.compile(r"[A-Za-z0-9._~+/-]{8,200}={0,2}")
_LABEL: Final = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST: Final = re.compile(rf"{_LABEL}(\.{_LABEL})*")
_LONGEST_HOST: Final = 253
_SWITCH: Final = {"true": True, "false": False}


class LogFormat(StrEnum):
    """How a log line is written."""

    TEXT = "text"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Option:
    """One option: `--name` as a flag, `BILLECTA_MOCK_NAME` in the environment, `name` in the configuration file.

    `read` turns text into the value and raises ValueError with the rest of the sentence "… is not". An option without
    a `metavar` is a switch: as a flag it takes no value. What is secret is never repeated in a complaint. A list is
    given by a flag for each value, in the environment with commas between them, in the file as an array.
    """

    name: str
    read: Callable[[str], Any]
    metavar: str | None
    help: str
    is_secret: bool = False
    is_list: bool = False

    @property
    def flag(self) -> str:
        """How it is spelled on the command line."""
        return f"--{self.name.replace('_', '-')}"

    @property
    def variable(self) -> str:
        """How it is spelled in the environment."""
        return f"BILLECTA_MOCK_{self.name.upper()}"


def _whole(lowest: int, highest: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isascii() or not text.isdecimal() or not lowest <= int(text) <= highest:
            raise ValueError(f"a whole number from {lowest} to {highest}")
        return int(text)

    return read


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 86_400:  # noqa: PLR2004 — a day, said in the sentence
        raise ValueError("a number of seconds from 0 to 86400")
    return value


def _names(text: str) -> tuple[str, ...]:
    return tuple(name for each in text.split(",") if (name := each.strip()))


def _hosts(text: str) -> tuple[str, ...]:
    names = _names(text)
    if not names or not all(_is_host(name) for name in names):
        raise ValueError("a host name such as mock.example, or an IP address")
    return names


def _is_host(text: str) -> bool:
    try:
        return bool(ip_address(text))
    except ValueError:
        return len(text) <= _LONGEST_HOST and bool(_HOST.fullmatch(text))


def _switch(text: str) -> bool:
    try:
        return _SWITCH[text.lower()]
    except KeyError:
        raise ValueError("true or false") from None


def _token(text: str) -> str:
    if not _TOKEN.fullmatch(text):
        raise ValueError("8 to 200 letters, digits and - . _ ~ + /, as a bearer token has them (RFC 6750)")
    return text


def _word(words: type[StrEnum]) -> Callable[[str], StrEnum]:
    def read(text: str) -> StrEnum:
        try:
            return words(text)
        except ValueError:
            raise ValueError(f"one of {', '.join(words)}") from None

    return read


def _path(text: str) -> Path:
    if not text:
        raise ValueError("the name of a file or folder")
    return Path(text)


OPTIONS: Final = (
    Option("host", str, "ADDRESS", "address to listen on (127.0.0.1: this machine only)"),
    Option("port", _whole(0, _HIGHEST_PORT), "PORT", "port to listen on; 0 takes a free one (8080)"),
    Option("masking", _word(Masking), "404|401|mixed", "answer to a missing or wrong key (404); mixed: 401 if missing"),
    Option("seed_file", _path, "FILE", "YAML or JSON with the keys and invoices of the world 'database'"),
    Option("progression", _word(Progression), "time|polls|manual", "what moves a payment on (time)"),
    Option("pay_after_seconds", _seconds, "SECONDS", "when a payment becomes Paid, under progression time (4)"),
    Option("pay_after_polls", _whole(0, 1_000_000), "N", "status reads before Paid, under progression polls (2)"),
    Option("defect", _names, "NAME", "deviate from the contract; 'billecta-mock defects' lists how", is_list=True),
    Option("random_seed", _whole(0, 2**63 - 1), "N", "make request ids the same in every run (they can be guessed)"),
    Option("max_worlds", _whole(1, 1_000_000), "N", "worlds that there can be at once (1000)"),
    Option("payments_size", _whole(1, 10_000_000), "N", "payments that each world keeps (20000)"),
    Option("journal_size", _whole(1, 100_000), "N", "exchanges that each world keeps in its journal (1000)"),
    Option("max_rules", _whole(1, 100_000), "N", "rules, and faults, that each world can have (1000)"),
    Option("workers", _whole(1, 1000), "N", "processes that serve; the store is in memory, so there can be 1 only (1)"),
    Option("document_cache_mb", _whole(1, 10_000), "MB", "memory for invoice PDFs that were drawn (32)"),
    Option("ready_file", _path, "FILE", "write the base URL to this file once the server accepts connections"),
    Option("spec_file", _path, "FILE", "OpenAPI document to serve in the place of the contract that ships"),
    Option("quiet", _switch, None, "print no banner; warnings go to standard error all the same"),
    Option("watch", _switch, None, "read the seed file and the spec file again when they change"),
    Option("log_format", _word(LogFormat), "text|json", "how log lines are written, to standard error (text)"),
    Option("access_log", _switch, None, "log each request to the API, with key and phone masked"),
    Option("expose", _switch, None, "number each answer with its exchange in the journal, as x-mock-exchange"),
    Option("admin_token", _token, "TOKEN", "bearer token of the control plane; made up where needed", is_secret=True),
    Option("tls_cert", _path, "FILE", "serve https with this certificate chain (PEM)"),
    Option("tls_key", _path, "FILE", "the private key of --tls-cert (PEM, not encrypted)"),
    Option("tls_self_signed", _path, "DIR", "serve https with a certificate made by an authority that is kept in DIR"),
    Option(
        "tls_name", _hosts, "NAME", "name or address to put into the certificate of --tls-self-signed", is_list=True
    ),
    Option("tls_client_ca", _path, "FILE", "let in only clients with a certificate of these authorities (PEM)"),
)
"""Every option, in the order of the help page."""
