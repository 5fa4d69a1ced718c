"""What the checks say of an answer; each raises a Violation with what was expected and what was observed."""

from __future__ import annotations

from collections.abc import Collection
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from billecta_verify.outcomes import REFUSED_KEY, Inconclusive, Violation
from billecta_verify.transport.exchange import Exchange

if TYPE_CHECKING:
    from billecta_verify.blame import Blame, Fault

_MEMBERS_OF_SUCCESS: Final = frozenset({"requestid", "requeststatus"})


def status(exchange: Exchange, allowed: Collection[int], when: str) -> None:
    """The answer has one of these status codes."""
    if exchange.status not in allowed:
        wanted = " or ".join(str(code) for code in sorted(allowed))
        raise Violation(expected=f"{wanted} {when}", observed=exchange.describe(), exchange=exchange)


def no_flaw(exchange: Exchange, flaw: str | None, expected: str) -> None:
    """An oracle found nothing wrong with the answer."""
    if flaw is not None:
        raise Violation(expected=expected, observed=f"{exchange.describe()}: {flaw}", exchange=exchange)


def no_server_error(exchange: Exchange) -> None:
    """No 5xx; a deployment without HEAD, OPTIONS or TRACE is free to say so by 501."""
    if exchange.status == HTTPStatus.NOT_IMPLEMENTED and exchange.request.method in {"HEAD", "OPTIONS", "TRACE"}:
        return
    if exchange.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise Violation(expected="no 5xx, whatever is asked", observed=exchange.describe(), exchange=exchange)


def not_to_blame(blame: Blame | None, fault: Fault, expected: str) -> None:
    """The deployment has not this fault. Raises Inconclusive where it has another, which is found elsewhere."""
    if blame is None:
        return
    if blame.fault is not fault:
        raise Inconclusive(f"it cannot be told here: {blame.why}")
    raise Violation(expected=expected, observed=blame.why, exchange=blame.shown_by)


def refused_key(exchange: Exchange) -> None:
    """The answer is one that a request without a valid key may get."""
    status(exchange, REFUSED_KEY, f"with {exchange.request.credential.name}")
    if exchange.body.startswith(b"%PDF-") or _MEMBERS_OF_SUCCESS & _members(exchange):
        raise Violation(expected="no data in a refusal of the key", observed=exchange.describe(), exchange=exchange)


def _members(exchange: Exchange) -> frozenset[str]:
    document = exchange.json()
    return frozenset(document) if isinstance(document, dict) else frozenset()
