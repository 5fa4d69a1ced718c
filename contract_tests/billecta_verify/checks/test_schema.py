"""Requests that schemathesis generates at length, for the deep profile alone: the same for the same seed."""

from __future__ import annotations

from typing import Final

import pytest

from billecta_verify.config.profiles import STANDARD_REQUESTS
from billecta_verify.fixtures import assertions
from billecta_verify.fixtures.deployment import Deployment
from billecta_verify.fixtures.generation import generated_requests
from billecta_verify.fixtures.outcomes import NotExercised
from billecta_verify.oracles.schema import schema_flaw
from billecta_verify.transport.exchange import NO_KEY, Credential, Request
from billecta_verify.transport.operations import CREATE_PAYMENT, FETCH_INVOICE, READ_STATUS, UNKNOWN_KEY

pytestmark = pytest.mark.deep

MOST_CASES: Final = 400
"""Cases of one kind: what is generated after so many is much like what was."""
_KINDS: Final = 7
_READS: Final = (FETCH_INVOICE, READ_STATUS)
_PROMISED: Final = frozenset({200, 201, 400})
_WITHOUT_A_KEY: Final = frozenset({400, 401, 404, 414, 431})
"""400, 414 and 431 are the words of a server in front, for what is no request to it at all."""


@pytest.mark.last
@pytest.mark.parametrize("operation_id", _READS)
@pytest.mark.clause("CODES-2", effect="read")
def test_no_read_of_many_is_a_server_error(deployment: Deployment, operation_id: str) -> None:
    deployment.require_accepted_key()
    for request in _generated(deployment, operation_id, deployment.valid):
        answer = deployment.observe(request)
        assertions.no_server_error(answer)
        if answer.status in _PROMISED:
            assertions.no_flaw(answer, schema_flaw(answer), "an answer as the contract describes it")


@pytest.mark.last
@pytest.mark.parametrize("credential", [NO_KEY, UNKNOWN_KEY], ids=lambda credential: credential.name)
@pytest.mark.parametrize("operation_id", _READS)
@pytest.mark.clause("MASK-1", effect="read")
def test_no_read_of_many_is_answered_without_the_key(
    deployment: Deployment, operation_id: str, credential: Credential
) -> None:
    deployment.require_accepted_key()
    for request in _generated(deployment, operation_id, credential):
        assertions.status(deployment.observe(request), _WITHOUT_A_KEY, f"for a generated read with {credential.name}")


@pytest.mark.last
@pytest.mark.clause("CODES-2", effect="none", kind="malformed create for an unknown action")
def test_no_create_of_many_is_a_server_error(deployment: Deployment) -> None:
    deployment.require_accepted_key()
    for request in _generated(deployment, CREATE_PAYMENT, deployment.valid):
        assertions.no_server_error(deployment.observe(request))


def _generated(deployment: Deployment, operation_id: str, credential: Credential) -> list[Request]:
    """As many as the budget has room for, in equal parts."""
    target = deployment.target
    room = min(MOST_CASES, (target.max_requests - STANDARD_REQUESTS) // _KINDS)
    if room < 2:
        raise NotExercised(f"--max-requests: more than {STANDARD_REQUESTS}, for requests that are generated at length")
    absent = deployment.unknown_request_ids(4)[-1]
    return generated_requests(operation_id, credential, target.seed, room, absent_action=absent)
