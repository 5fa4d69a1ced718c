"""URL-1: where the operations live."""

from __future__ import annotations

from dataclasses import replace

import pytest

from billecta_verify.fixtures import assertions
from billecta_verify.fixtures.deployment import CONTROL_KIND, Deployment
from billecta_verify.fixtures.diagnosis import Fault, blame_for_create, blame_for_invoice
from billecta_verify.fixtures.outcomes import REFUSED_KEY, Inconclusive, Violation
from billecta_verify.fixtures.payments import Payments
from billecta_verify.transport.exchange import Exchange, Request, Text
from billecta_verify.transport.operations import fetch_invoice, read_status

_ELSEWHERE = frozenset({301, 302, 303, 307, 308, 404, 405})


@pytest.mark.first  # all that follows may cost more where it fails, up to the whole budget
@pytest.mark.clause("URL-1", effect="none", kind=CONTROL_KIND)
def test_the_invoice_path_ends_in_a_slash(deployment: Deployment) -> None:
    asked = fetch_invoice(deployment.invoice_id, deployment.valid)
    answer = deployment.observe(asked)
    if answer.status in _ELSEWHERE:
        without = deployment.observe(fetch_invoice(deployment.invoice_id, deployment.valid, slash=False))
        if without.status != 200:
            deployment.accepted_key()
        _expect_not_elsewhere(answer, without, "with a slash at the end of the invoice path")
    assertions.not_to_blame(blame_for_invoice(deployment), Fault.PATH_UNKNOWN, "the invoice on its documented path")
    if answer.status in REFUSED_KEY:
        raise Inconclusive(f"the invoice of --invoice-id is answered {answer.status} to the API key")


@pytest.mark.clause("URL-1", effect="read")
def test_the_payment_path_ends_without_a_slash(deployment: Deployment, payments: Payments) -> None:
    request_id = payments.request_id()
    answer = deployment.observe(read_status(request_id, deployment.valid))
    if answer.status in _ELSEWHERE:
        with_slash = deployment.observe(read_status(request_id, deployment.valid, slash=True))
        _expect_not_elsewhere(answer, with_slash, "without a slash at the end of the payment path")


@pytest.mark.clause("URL-1", effect="none", kind=CONTROL_KIND)
def test_create_lives_on_the_payment_path(deployment: Deployment) -> None:
    deployment.accepted_key()
    answer = deployment.incomplete_create()
    if answer.status in _ELSEWHERE:
        with_slash = deployment.observe(_with_slash(answer.request))
        if with_slash.status == 400 or answer.status != 404:
            raise Violation(
                expected="a create without a slash at the end of its path",
                observed=f"{answer.describe()}, and with a slash {with_slash.status}",
                exchange=answer,
            )
    assertions.not_to_blame(blame_for_create(deployment), Fault.PATH_UNKNOWN, "a create on its documented path")
    if answer.status == 404:
        raise Inconclusive("create was answered 404: the action of --action-id may not exist")
    assertions.status(answer, {400, 403}, "for a create on the documented path that lacks its message")


def _with_slash(request: Request) -> Request:
    path = Text(request.path.sent + "/", request.path.shown + "/")
    return replace(request, path=path, well_formed=False)


def _expect_not_elsewhere(documented: Exchange, other: Exchange, where: str) -> None:
    """The documented path is no worse than the same path with the other slash."""
    if documented.status in range(300, 400) or documented.status == 405 or other.status == 200:
        raise Violation(expected=f"an answer {where}", observed=documented.describe(), exchange=documented)
