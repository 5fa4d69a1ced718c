"""The one reason why so much could not be judged: a wrong key, or a deployment that fell silent."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection

    from contract_tests.deployment import Deployment
    from contract_tests.exchange import Request
    from contract_tests.guard import Guard

_SILENCE: Final = 2
"""So many requests in a row without an answer are no accident: a read that got none is sent once more."""


def cause(deployment: Deployment) -> str | None:
    """The reason in one sentence; None where each clause has its own."""
    ledger = deployment.transport.ledger
    if len(ledger.silence) >= _SILENCE:
        return f"the deployment stopped answering after {len(ledger.exchanges)} requests: {ledger.silence[-1]}"
    if deployment.is_key_accepted:
        return None
    statuses = sorted(
        {exchange.status for exchange in ledger.exchanges if _shows_the_key(deployment, exchange.request)}
    )
    if statuses:
        answered = " or ".join(map(str, statuses))
        return f"the deployment answered {answered} to every request with BILLECTA_API_KEY: {_meaning(statuses)}"
    return _without_a_question(deployment.transport.guard)


def _shows_the_key(deployment: Deployment, request: Request) -> bool:
    return request.credential == deployment.valid and request.well_formed


def _meaning(statuses: Collection[int]) -> str:
    if HTTPStatus.UNAUTHORIZED in statuses:
        return "the key is not valid"
    if max(statuses) >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return "it is out of order, or something in front of it is"
    if min(statuses) < HTTPStatus.BAD_REQUEST:
        return "wrong base URL"
    return "wrong key, wrong base URL, or masked"


def _without_a_question(guard: Guard) -> str:
    if guard.requests >= guard.target.max_requests:
        return f"the key was never tried: --max-requests {guard.target.max_requests} is too few"
    return "the key was never tried"
