"""The deployment to verify: where it is, who may ask, what is known of it, and what may be done to it."""

from __future__ import annotations

import math
import ssl
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from ipaddress import ip_address
from itertools import combinations
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from billecta_verify.config.phones import canonical
from billecta_verify.config.profiles import SMOKE_REQUESTS, Profile

DEFAULT_SEED: Final = 20260101
DEFAULT_MAX_REQUESTS: Final = 500
DEFAULT_TIMEOUT: Final = 20.0
LONGEST_TIMEOUT: Final = 600.0
LOWEST_RATE: Final = 0.01
REMOTE_RATE: Final = 8.0
"""Requests per second to a host that is not this machine: below the 3,000 in 5 minutes that Lime Cloud documents."""

_DOTS: Final = frozenset({".", ".."})
_DECODINGS: Final = 4
_PATH_SAFE: Final = "/%:@!$&'()*+,;=~-._"
_LONGEST_PHONE: Final = 20
_DIGITS_OF_A_PHONE: Final = range(8, 16)

USUAL_PATH: Final = "limepkg-billecta-integration"
PORT_OF_HTTP: Final = 80
PORT_OF_HTTPS: Final = 443


class TargetError(ValueError):
    """A target that cannot be verified as it is described; the text says what, where and how to mend it.

    Fields of Target stand in it as `{field}`, so that a caller can name them as its user gave them.
    """

    def __init__(self, template: str, **values: object) -> None:
        super().__init__(template)
        self._template = template
        self._values = values

    def __str__(self) -> str:
        return self.naming({})

    def naming(self, names: Mapping[str, str]) -> str:
        """The sentence with these names for the fields."""
        own = {item.name: item.name for item in fields(Target)}
        return self._template.format_map({**own, **names, **self._values})


VALID_KEYS: Final = ("api_key", "limited_key", "read_only_key", "denied_key")
"""The fields of a target that hold keys of the deployment's own database."""

KEYS: Final = (*VALID_KEYS, "foreign_key")
"""The fields of a target that hold keys."""


@dataclass(frozen=True, slots=True)
class Target:
    """A deployment and the limits of its verification. Keys, ids and phone numbers stay out of `repr`.

    `limited_key` sees only some invoices, `read_only_key` may not create payments, `denied_key` may use no operation;
    `foreign_key` is valid for another database, and so not here. `hidden_invoice_id` is an invoice
    that `limited_key` (or, without one, `api_key`) may not see. `payments` and `max_requests` are counts, `rate` is
    in requests per second (None: no limit), `timeout` in seconds.
    """

    base_url: str
    api_key: str = field(repr=False)
    limited_key: str | None = field(default=None, repr=False)
    read_only_key: str | None = field(default=None, repr=False)
    denied_key: str | None = field(default=None, repr=False)
    foreign_key: str | None = field(default=None, repr=False)
    invoice_id: str | None = field(default=None, repr=False)
    hidden_invoice_id: str | None = field(default=None, repr=False)
    action_id: str | None = field(default=None, repr=False)
    payments: int = 0
    phones: tuple[str, ...] = field(default=(), repr=False)
    rate: float | None = None
    max_requests: int = DEFAULT_MAX_REQUESTS
    seed: int = DEFAULT_SEED
    timeout: float = DEFAULT_TIMEOUT
    ca_file: Path | None = None
    profile: Profile = Profile.STANDARD
    probe_methods: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "base_url", _checked_base_url(self.base_url))
        self._check_keys()
        self._check_ids()
        self._check_limits()
        self._check_payments()
        self._check_something_is_known()
        if self.profile is Profile.SMOKE:
            object.__setattr__(self, "max_requests", min(self.max_requests, SMOKE_REQUESTS))
            object.__setattr__(self, "payments", 0)

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port of the one origin that is contacted."""
        return origin_of(self.base_url)

    @property
    def is_loopback(self) -> bool:
        """Whether the deployment runs on this machine."""
        return is_loopback(self.origin[1])

    @property
    def takes_any_method(self) -> bool:
        """Whether methods may be sent that could change things: here, or where that is asked for."""
        return self.is_loopback or self.probe_methods

    @property
    def requests_per_second(self) -> float | None:
        """The rate in force: the given one, else none for this machine and a polite one for every other."""
        return self.rate if self.rate is not None or self.is_loopback else REMOTE_RATE

    @property
    def keys(self) -> frozenset[str]:
        """Every valid key that is known."""
        return self._given(VALID_KEYS)

    @property
    def denied_creators(self) -> frozenset[str]:
        """The valid keys that the user says may create nothing."""
        return self._given(("read_only_key", "denied_key"))

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no output may show."""
        return (*self._given(KEYS), *self.phones)

    @property
    def has_usual_path(self) -> bool:
        """Whether the base URL ends as the page has it. Another mount may exist, so anything else is but unusual."""
        return self.base_url.endswith(f"/{USUAL_PATH}")

    def _given(self, names: Iterable[str]) -> frozenset[str]:
        values: Iterator[str | None] = (getattr(self, name) for name in names)
        return frozenset(value for value in values if value)

    def _check_keys(self) -> None:
        if not self.api_key:
            raise TargetError("no API key is given: set BILLECTA_API_KEY to a valid key of the deployment")
        for name in KEYS:
            value = getattr(self, name)
            if value is not None and not _is_header_value(value):
                raise TargetError(f"{{{name}}} is no value that a header can carry: use printable ASCII without spaces")
        for one, other in combinations(KEYS, 2):
            if getattr(self, one) is not None and getattr(self, one) == getattr(self, other):
                raise TargetError(f"{{{one}}} and {{{other}}} are the same key: they must differ")

    def _check_ids(self) -> None:
        for name in ("invoice_id", "hidden_invoice_id", "action_id"):
            if has_dot_segment(getattr(self, name) or ""):
                raise TargetError(
                    f"{{{name}}} must not be . or .. or have that between slashes: no server takes it for an id"
                )
            if getattr(self, name) == "":
                raise TargetError(f"{{{name}}} is empty: give an id, or leave it out")
        if self.invoice_id is not None and self.invoice_id == self.hidden_invoice_id:
            raise TargetError("{invoice_id} and {hidden_invoice_id} are the same: give a readable and a hidden invoice")

    def _check_limits(self) -> None:
        for name in ("rate", "timeout"):
            value = getattr(self, name)
            if value is not None and not (value > 0 and math.isfinite(value)):
                raise TargetError(f"{{{name}}} must be more than 0, not {value}")
        if self.timeout > LONGEST_TIMEOUT:
            raise TargetError(f"{{timeout}} must be {LONGEST_TIMEOUT:g} seconds or less, not {self.timeout:g}")
        if self.rate is not None and self.rate < LOWEST_RATE:
            raise TargetError(f"{{rate}} must be {LOWEST_RATE:g} requests per second or more, not {self.rate:g}")
        if self.max_requests < 1:
            raise TargetError("{max_requests} must be 1 or more, not {given}", given=self.max_requests)
        self._check_ca_file()

    def _check_ca_file(self) -> None:
        if self.ca_file is None:
            return
        if not self.ca_file.is_file():
            raise TargetError(
                "{ca_file}: {path} is not a file; give a PEM file with the authority's certificate", path=self.ca_file
            )
        if not _holds_certificate(self.ca_file):
            raise TargetError(
                "{ca_file}: {path} holds no PEM certificate; give a file with the authority's, which begins with "
                "-----BEGIN CERTIFICATE-----",
                path=self.ca_file,
            )

    def _check_payments(self) -> None:
        if self.payments < 0:
            raise TargetError("{payments} must be 0 or more, not {given}", given=self.payments)
        if self.payments and not self.phones:
            raise TargetError("{payments} needs a phone: give --phone with a number that may be asked to pay")
        if self.payments and self.action_id is None:
            raise TargetError("{payments} needs an action: give --action-id with an invoice action that can be paid")
        for position, phone in enumerate(self.phones, start=1):
            if len(canonical(phone)) not in _DIGITS_OF_A_PHONE or len(phone) > _LONGEST_PHONE:
                raise TargetError(
                    "{phones}: number {position} is no phone number; give 8 to 15 digits with the country code, "
                    "such as 46701740605",
                    position=position,
                )

    def _check_something_is_known(self) -> None:
        """A masked deployment answers 404 to a wrong key and to an unknown id: a key alone never shows itself."""
        if self.profile is Profile.SMOKE and self.invoice_id is None:
            raise TargetError("the profile smoke only reads: give --invoice-id with an invoice that the key may read")
        if self.invoice_id is None and self.action_id is None:
            raise TargetError(
                "nothing can be verified with a key alone: give --invoice-id with an invoice that the key may read, or "
                "--action-id with an invoice action"
            )


def origin_of(url: str) -> tuple[str, str, int]:
    """Scheme, host (lower case) and port of a URL, the scheme's own port filled in."""
    parts = urlsplit(url)
    return (
        parts.scheme,
        (parts.hostname or "").lower(),
        parts.port or (PORT_OF_HTTPS if parts.scheme == "https" else PORT_OF_HTTP),
    )


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine's own."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def public_fields(target: Target) -> dict[str, object]:
    """What a report may say of a target: where it is and the limits in force; neither keys, phones nor ids."""
    hidden = {*KEYS, "phones", "invoice_id", "hidden_invoice_id", "action_id"}
    shown = {item.name: getattr(target, item.name) for item in fields(target) if item.name not in hidden}
    supplied = sorted(name for name in hidden if getattr(target, name))
    return {**shown, "ca_file": None if target.ca_file is None else str(target.ca_file), "supplied": supplied}


def decoded_paths(path: str) -> list[str]:
    """The path as sent and as it reads once it is decoded, and decoded again: servers in a row may each do it once."""
    found = [path]
    while len(found) < _DECODINGS and unquote(found[-1]) != found[-1]:
        found.append(unquote(found[-1]))
    return found


def has_dot_segment(path: str) -> bool:
    """Whether a segment of the path, decoded once or more, is `.` or `..`: servers resolve those to another path."""
    return any(
        segment.partition(";")[0].strip() in _DOTS
        for form in decoded_paths(path)
        for segment in form.replace("\\", "/").split("/")
    )


def _checked_base_url(url: str) -> str:
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError as error:
        raise TargetError("{base_url} cannot be read ({error}): give one such as " + _EXAMPLE, error=error) from error
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
        raise TargetError("{base_url} must begin with http:// or https:// and a host: give one such as " + _EXAMPLE)
    if not _is_host(parts.hostname):
        raise TargetError("{base_url} names no host that can exist: give one such as " + _EXAMPLE)
    if has_dot_segment(parts.path):
        raise TargetError("{base_url} must not hold . or .. as a part of its path: give the path that they lead to")
    if parts.username is not None or parts.password is not None:
        raise TargetError("{base_url} must not carry a user name or password: the key goes into BILLECTA_API_KEY")
    if parts.query or parts.fragment or url.strip().endswith(("?", "#")):
        raise TargetError("{base_url} must end before any ? or #: give the address up to " + USUAL_PATH)
    return f"{parts.scheme}://{parts.netloc.lower()}{quote(parts.path, safe=_PATH_SAFE).rstrip('/')}"


def _is_host(name: str) -> bool:
    """Whether this is an address, or a name whose labels are neither empty nor too long."""
    if ":" in name:
        return True  # urlsplit has checked the brackets and the address in them
    labels = name.removesuffix(".").split(".")
    return all(0 < len(label) <= _LONGEST_LABEL and not set(label) & _NOT_IN_A_LABEL for label in labels)


def _holds_certificate(file: Path) -> bool:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(file)
    except (ssl.SSLError, OSError):
        return False
    return context.cert_store_stats()["x509"] > 0


def _is_header_value(value: str) -> bool:
    return value.isascii() and value.isprintable() and " " not in value


_LONGEST_LABEL: Final = 63
_NOT_IN_A_LABEL: Final = frozenset(' *%\\"<>^`{|}')
_EXAMPLE: Final = f"https://customer.lime-crm.com/database/{USUAL_PATH}"
