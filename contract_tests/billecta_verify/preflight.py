"""Whether the deployment can be reached at all."""

from urllib.parse import urljoin

from billecta_verify.config.errors import FailureError
from billecta_verify.config.target import Target, origin_of
from billecta_verify.transport.client import WHETHER_ANYTHING_IS_THERE, Transport
from billecta_verify.transport.errors import NoAnswerError
from billecta_verify.transport.safety import SafetyError

_REDIRECTS = range(300, 400)


class UnreachableError(FailureError):
    """The deployment cannot be judged where it is said to be; one sentence says why."""


def preflight(transport: Transport) -> None:
    """Ask once, without a key, for an invoice that cannot exist. Any answer will do but a way to another origin."""
    try:
        exchange = transport.send(WHETHER_ANYTHING_IS_THERE)
    except NoAnswerError as error:
        hint = "; does it want https?" if error.sent and _is_plain(transport.target) else ""
        raise UnreachableError(f"{transport.target.base_url} cannot be reached: {error}{hint}") from error
    except SafetyError as error:
        raise UnreachableError(f"{transport.target.base_url} was not asked: {error}") from error
    if exchange.status in _REDIRECTS:
        _expect_same_origin(transport.target, exchange.header("location") or "")


def _is_plain(target: Target) -> bool:
    return target.origin[0] == "http"


def _expect_same_origin(target: Target, location: str) -> None:
    try:
        origin = origin_of(urljoin(target.base_url + "/", location))
    except ValueError as error:
        raise UnreachableError(f"{target.base_url} redirects to an address that cannot be read") from error
    if origin != target.origin:
        scheme, host, port = origin
        raise UnreachableError(
            f"{target.base_url} redirects to {scheme}://{host}:{port}: give that address as the base URL"
        )
