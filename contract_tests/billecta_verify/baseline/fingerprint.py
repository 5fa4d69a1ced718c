"""What kind of deviation a finding is, as a short word that stays the same from run to run.

Two runs give the same fingerprint where the same check sees the same thing, whatever the seed, the ids, the times, the
sizes and the host are. Another status, media type, header that matters, JSON member or type of one, request form or
flaw gives another. It is made of what a report may show, so nothing secret can be guessed from it.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Final

from billecta_verify.transport.exchange import Exchange, Request

_FORM: Final = "1"
"""The way in which fingerprints are made; another way begins with another number, so that old ones are known."""
_SIZE: Final = 20
PATTERN: Final = rf"^{_FORM}-[0-9a-f]{{{_SIZE}}}$"

_STEADY_HEADERS: Final = frozenset(
    {
        "accept-ranges",
        "access-control-allow-credentials",
        "access-control-allow-origin",
        "allow",
        "cache-control",
        "content-disposition",
        "content-encoding",
        "content-language",
        "content-security-policy",
        "content-type",
        "location",
        "retry-after",
        "www-authenticate",
        "x-content-type-options",
    }
)
"""Headers that say something of the answer itself. Others come and go with caches, balancers and tracing."""

_LONG_ID: Final = re.compile(r"\b(?=[\w-]*\d)[0-9A-Za-z][\w-]{14,}[0-9A-Za-z]\b")
_MEASURED: Final = re.compile(r"(?: (?:bytes?|ms|s|pairs|times|requests|members|characters|octets)\b|%|\.\d|e[+-])")
_STATUS_PLACE: Final = re.compile(
    r"(?:^|[:(/] ?|\b(?:against|and|answered|answers|of|or|status|than|then|was|with|without) )$"
)
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?(?:e[+-]?\d+)?")
_STATUS: Final = re.compile(r"[1-5]\d\d")
_OTHER_MEMBERS: Final = re.compile(r"# other members?|# members?")


def fingerprint(check: str, expected: str, observed: str, exchange: Exchange | None) -> str:
    """The fingerprint of a violation: `expected` and `observed` are as the report shows them."""
    kind = [check, steady(expected), steady(observed)]
    if exchange is not None:
        kind += [_form_of(exchange.request), steady(exchange.describe()), *_steady_headers(exchange)]
    digest = sha256("\0".join(kind).encode()).hexdigest()
    return f"{_FORM}-{digest[:_SIZE]}"


def steady(text: str) -> str:
    """The text without what differs from run to run: ids, sizes, times, counts; status codes stay."""
    without_ids = _LONG_ID.sub("#", text)
    return _OTHER_MEMBERS.sub("other members", _NUMBER.sub(_kept_or_not, without_ids))


def _kept_or_not(found: re.Match[str]) -> str:
    before, after = found.string[: found.start()], found.string[found.end() :]
    is_status = _STATUS.fullmatch(found[0]) and _STATUS_PLACE.search(before) and not _MEASURED.match(after)
    return found[0] if is_status else "#"


def _form_of(request: Request) -> str:
    """How was asked. What a generated request holds is left to chance, so its parameters say nothing."""
    names = sorted(name for name, _ in request.query) if request.well_formed else []
    return " ".join([request.operation, request.method, request.credential.name, *names])


def _steady_headers(exchange: Exchange) -> list[str]:
    return sorted({name.lower() for name, _ in exchange.headers} & _STEADY_HEADERS)
