"""Whether the deployment can be reached at all."""

from contract_tests.exchange import NO_KEY, Text
from contract_tests.operations import fetch_invoice
from contract_tests.target import origin_of
from contract_tests.transport import NoAnswerError, Transport

_REDIRECTS = range(300, 400)


class UnreachableError(Exception):
    """The deployment cannot be judged where it is said to be; one sentence says why."""


def preflight(transport: Transport) -> None:
    """Ask once, without a key, for an invoice that cannot exist. Any answer will do but a way to another origin."""
    try:
        exchange = transport.send(fetch_invoice(Text.plain("0"), NO_KEY))
    except NoAnswerError as error:
        raise UnreachableError(f"{transport.target.base_url} cannot be reached: {error}") from error
    location = exchange.header("location") or ""
    if exchange.status in _REDIRECTS and "://" in location and origin_of(location) != transport.target.origin:
        scheme, host, port = origin_of(location)
        raise UnreachableError(
            f"{transport.target.base_url} redirects to {scheme}://{host}:{port}: give that address as the base URL"
        )
