"""Who may use the admin API: whoever has its token; and no web page of another origin."""

import hmac
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from starlette.types import Scope

from billecta_mock.domain.problems import Problem, ProblemKind, Reason

OPEN_OPERATIONS: Final = frozenset({"getHealth", "getReady"})
"""What a supervisor asks, who has no token and names the server as it likes."""

_OWN_SITE: Final = frozenset({b"same-origin", b"none"})
_SCHEME: Final = b"bearer "


def is_loopback(host: str) -> bool:
    """Whether an address, or one of the names of this machine itself, is reached from this machine alone."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        name = host.lower().rstrip(".")
        return name == "localhost" or name.endswith(".localhost")


class Guard:
    """Judges each request to the admin API before anything is done.

    Without a token everyone on this machine may use it, also the pages that a browser shows there. These are kept out
    by what browsers say of them: the site that a request comes from, and the name under which it found this server.
    """

    def __init__(self, token: str | None) -> None:
        self._token = None if token is None else token.encode()

    def admit(self, scope: Scope, operation_id: str) -> Problem | None:
        """Why this request is not let in, if it is not."""
        if operation_id in OPEN_OPERATIONS:
            return None
        headers: list[tuple[bytes, bytes]] = scope["headers"]
        if _is_of_another_site(headers, scope["scheme"]):
            return _forbid("cross_site", _CROSS_SITE)
        if self._token is not None:
            return self._check_token([value for name, value in headers if name == b"authorization"])
        hosts = [value.decode("latin-1") for name, value in headers if name == b"host"]
        return None if all(map(_names_this_machine, hosts)) else _forbid("host_foreign", _FOREIGN_HOST)

    def _check_token(self, presented: list[bytes]) -> Problem | None:
        if len(presented) != 1:
            return _unauthenticated("token_missing", _UNAUTHORISED)
        scheme, token = presented[0][: len(_SCHEME)], presented[0][len(_SCHEME) :]
        if scheme.lower() != _SCHEME:
            return _unauthenticated("token_missing", _UNAUTHORISED)
        if self._token is not None and hmac.compare_digest(token.strip(), self._token):
            return None
        return _unauthenticated("token_wrong", "this is not the token of the admin API")


_UNAUTHORISED: Final = "the admin API needs its token: send 'Authorization: Bearer TOKEN'; see --admin-token"
_CROSS_SITE: Final = "the admin API takes no requests from web pages of other origins"
_FOREIGN_HOST: Final = (
    "the Host header names another machine; reach this server by 127.0.0.1 or localhost, or start it with --admin-token"
)


def _is_of_another_site(headers: list[tuple[bytes, bytes]], scheme: str) -> bool:
    """Whether a browser says so. It sends `Sec-Fetch-Site` if it is of this decade, else at least `Origin`."""
    sites = [value for name, value in headers if name == b"sec-fetch-site"]
    if sites:
        return any(site not in _OWN_SITE for site in sites)
    own = {f"{scheme}://".encode() + value for name, value in headers if name == b"host"}
    return any(value not in own for name, value in headers if name == b"origin")


def _names_this_machine(host: str) -> bool:
    try:
        return is_loopback(urlsplit(f"//{host}").hostname or "")
    except ValueError:
        return False


def _forbid(code: str, sentence: str) -> Problem:
    return Problem(ProblemKind.FORBIDDEN, Reason(code, sentence), "Forbidden", sentence)


def _unauthenticated(code: str, sentence: str) -> Problem:
    return Problem(ProblemKind.UNAUTHENTICATED, Reason(code, sentence), "Unauthorized", sentence)
