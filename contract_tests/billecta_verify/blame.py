"""Who is to blame where a positive control fails: the deployment, or what its user has said of it.

A wrong id and a broken deployment may look alike: both give 404. What tells them apart is said in docs/judge.md; where
nothing does, nobody is blamed.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace
from enum import Enum, auto
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from billecta_verify.likeness import told_apart
from billecta_verify.oracles.comparison import tell
from billecta_verify.outcomes import REFUSED_KEY, NotExercised
from billecta_verify.payments import PAGE_MESSAGE
from billecta_verify.transport.exchange import NO_KEY, Credential, Effect, Exchange, Purpose, Request, Text
from billecta_verify.transport.operations import create_payment, fetch_invoice

if TYPE_CHECKING:
    from billecta_verify.deployment import Deployment

_OTHER_PATHS: Final = ("invoices", "invoice", "fetch-invoice", "invoice-pdf", "fetch_invoice_pdf", "pdf")
DENIED_KIND: Final = "create that the permission model denies"
NO_KEY_KIND: Final = "create without a valid key"
METHOD_KIND: Final = "another method on the payment path"


class Fault(Enum):
    """What a deployment has done to a request that had to work."""

    KEY_REFUSED = auto()
    """It takes the valid key for none on this operation, and accepts it on another."""
    PATH_UNKNOWN = auto()
    """It has nothing on the documented path."""
    RESOURCE_DENIED = auto()
    """It knows the resource, for it answers otherwise than for one that does not exist, and says that there is none."""


@dataclass(frozen=True, slots=True)
class Blame:
    """A fault of the deployment, how it is known, and the answer that shows it."""

    fault: Fault
    why: str
    shown_by: Exchange


def blame_for_invoice(deployment: Deployment) -> Blame | None:
    """Why the readable invoice is 401 or 404 to the valid key, if the deployment is to blame; None otherwise.

    Raises Inconclusive when the key is accepted on nothing else: it may be a wrong one.
    """
    answer = deployment.observe(fetch_invoice(deployment.invoice_id, deployment.valid))
    if answer.status not in REFUSED_KEY:
        return None
    deployment.accepted_key()
    if answer.status == HTTPStatus.UNAUTHORIZED:
        return Blame(Fault.KEY_REFUSED, "401, and the same key is accepted for a create", answer)
    difference = _told_from_absent(deployment)
    if difference is not None:
        return Blame(Fault.RESOURCE_DENIED, f"404, but told from an absent invoice by {difference}", answer)
    return _blame_for_silent_path(deployment, answer)


def blame_for_create(deployment: Deployment) -> Blame | None:
    """Why a create with the valid key is 401 or 404 whatever it says, if the deployment is to blame; None otherwise.

    That the action may not exist is ruled out by a key that the permission model denies every create: it must get 403.
    Some deployments look for the action first; those that tell a missing key from a missing action are not blamed.
    """
    answer = deployment.incomplete_create()
    if answer.status not in REFUSED_KEY or not _reads_invoice(deployment, deployment.valid):
        return None
    if answer.status == HTTPStatus.UNAUTHORIZED:
        return Blame(Fault.KEY_REFUSED, "401, and the same key reads the invoice", answer)
    with suppress(NotExercised):
        if (
            not _reads_invoice(deployment, deployment.read_only)
            or denied_create(deployment, deployment.read_only).status != HTTPStatus.NOT_FOUND
        ):
            return None
        why = "404 where two valid keys, which both read the invoice, had to get 400 and 403"
        if not _knows_payments(deployment):
            return Blame(Fault.PATH_UNKNOWN, why, answer)
        if not _is_key_seen(deployment, answer):
            return Blame(Fault.KEY_REFUSED, f"{why}, and no key at all gets the same", answer)
    return None


def _is_key_seen(deployment: Deployment, answer: Exchange) -> bool:
    """Whether a create without a key is answered otherwise: then it is the action that is not found, not the key."""
    with _purpose(deployment, DENIED_KIND):
        unkeyed = [deployment.send(replace(answer.request, credential=NO_KEY)) for _ in range(2)]
    return tell([answer], unkeyed) is not None


def denied_create(deployment: Deployment, credential: Credential) -> Exchange:
    """What a whole create gets with a key that may create nothing."""
    request = create_payment(deployment.action_id, credential, phone=deployment.harmless_phone, message=PAGE_MESSAGE)
    with _purpose(deployment, DENIED_KIND):
        return deployment.observe(request)


def payment_by_other_method(deployment: Deployment, method: str) -> Request:
    """A request on the path of the action with a method that the page does not give."""
    documented = create_payment(deployment.action_id, deployment.valid, phone=deployment.harmless_phone, message=None)
    return replace(documented, method=method)


def _told_from_absent(deployment: Deployment) -> str | None:
    absent = deployment.absent_invoices(2)
    found = told_apart(
        deployment, deployment.invoice_id, absent, lambda invoice_id: fetch_invoice(invoice_id, deployment.valid)
    )
    return None if found is None else found.what


def _blame_for_silent_path(deployment: Deployment, answer: Exchange) -> Blame | None:
    """The invoice path answers 404 to every method, and the payment path, with the same key, does not."""
    if not _knows_payments(deployment):
        return None
    with _purpose(deployment, METHOD_KIND):
        other = deployment.observe(fetch_invoice(deployment.invoice_id, deployment.valid, method=_probe(deployment)))
    if other.status not in REFUSED_KEY:
        return None
    elsewhere = next((name for name in _OTHER_PATHS if _is_served(deployment, name)), None)
    if elsewhere:
        return Blame(Fault.PATH_UNKNOWN, f"404, and the invoice is under /{elsewhere}/", answer)
    why = f"404, and 404 to {other.request.method}, which the payment path refuses by its own name with the same key"
    return Blame(Fault.KEY_REFUSED, why, answer)


def _knows_payments(deployment: Deployment) -> bool:
    """Whether the payment path answers the valid key by anything else than 401 or 404, for some other method."""
    with _purpose(deployment, METHOD_KIND):
        return deployment.observe(payment_by_other_method(deployment, _probe(deployment))).status not in REFUSED_KEY


def _probe(deployment: Deployment) -> str:
    return "PUT" if deployment.target.takes_any_method else "OPTIONS"


def _is_served(deployment: Deployment, name: str) -> bool:
    request = fetch_invoice(deployment.invoice_id, deployment.valid, well_formed=False)
    sent, shown = (text.replace("fetch-invoice-pdf", name) for text in (request.path.sent, request.path.shown))
    return deployment.observe(replace(request, path=Text(sent, shown))).status == HTTPStatus.OK


def _reads_invoice(deployment: Deployment, credential: Credential) -> bool:
    return deployment.observe(fetch_invoice(deployment.invoice_id, credential)).status == HTTPStatus.OK


def _purpose(deployment: Deployment, kind: str) -> AbstractContextManager[None]:
    current = deployment.transport.purpose
    return deployment.transport.under(Purpose(current.check, current.clause, Effect.NONE, kind))
