"""The one reason why so much could not be judged: a wrong key, one that may read nothing, or a silent deployment."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from billecta_verify.config.target import USUAL_PATH
from billecta_verify.report.layout import plural
from billecta_verify.transport.operations import fetch_invoice

if TYPE_CHECKING:
    from collections.abc import Collection

    from billecta_verify.deployment import Deployment
    from billecta_verify.transport.exchange import Request
    from billecta_verify.transport.safety import Guard

_SILENCE: Final = 2
"""So many requests in a row without an answer are no accident: a read that got none is sent once more."""
_RUN_AGAIN: Final = "Run again when the deployment answers: what is inconclusive was not asked, or got no answer."
_GIVE_PERMISSION: Final = (
    "Give the key permission to read the invoice of --invoice-id, or name an invoice that it may read, or use another "
    "key."
)


@dataclass(frozen=True, slots=True)
class Cause:
    """A reason in one sentence, and what its reader may do about it, in another, where that is known."""

    reason: str
    remedy: str | None = None


def cause(deployment: Deployment) -> Cause | None:
    """The reason; None where each clause has its own."""
    ledger = deployment.transport.ledger
    if len(ledger.silence) >= _SILENCE:
        return _of_silence(len(ledger.exchanges), ledger.silence[-1], is_final=deployment.transport.is_given_up)
    if deployment.is_key_accepted:
        return _of_denial(deployment)
    statuses = sorted(_statuses(deployment))
    if statuses:
        answered = " or ".join(map(str, statuses))
        return Cause(
            f"the deployment answered {answered} to every request with the API key: {_meaning(statuses)}"
            f"{_note_on_path(deployment)}"
        )
    return Cause(_without_a_question(deployment.transport.guard))


def _of_silence(answers: int, reason: str, *, is_final: bool) -> Cause:
    rest = "; the rest was not asked" if is_final else ""
    return Cause(f"the deployment stopped answering after {plural(answers, 'answer')}: {reason}{rest}", _RUN_AGAIN)


def _of_denial(deployment: Deployment) -> Cause | None:
    """The named invoice is 403 to the key each time: it is a valid one, for no other gets that."""
    if deployment.target.invoice_id is None:
        return None
    asked = fetch_invoice(deployment.invoice_id, deployment.valid)
    statuses = {one.status for one in deployment.transport.ledger.exchanges if one.request == asked}
    if statuses != {HTTPStatus.FORBIDDEN}:
        return None
    return Cause("the key is accepted but may not read the invoice (403)", _GIVE_PERMISSION)


def _statuses(deployment: Deployment) -> set[int]:
    exchanges = deployment.transport.ledger.exchanges
    return {exchange.status for exchange in exchanges if _shows_the_key(deployment, exchange.request)}


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


def _note_on_path(deployment: Deployment) -> str:
    return "" if deployment.target.has_usual_path else f" (a base URL usually ends in /{USUAL_PATH}, and this does not)"


def _without_a_question(guard: Guard) -> str:
    if guard.requests >= guard.target.max_requests:
        return f"the key was never tried: --max-requests {guard.target.max_requests} is too few"
    return "the key was never tried"
