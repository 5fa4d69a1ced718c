"""AUTH-2: the key is judged before anything else of a request, a wrong one as well as none."""

from __future__ import annotations

import pytest

from billecta_verify.fixtures import assertions
from billecta_verify.fixtures.deployment import Deployment
from billecta_verify.fixtures.diagnosis import NO_KEY_KIND
from billecta_verify.fixtures.payments import PAGE_MESSAGE
from billecta_verify.transport.exchange import NO_KEY, Credential, Text
from billecta_verify.transport.operations import UNKNOWN_KEY, create_payment, fetch_invoice, read_status


@pytest.mark.parametrize(
    "what",
    [
        *("no parameters", "no parameters, and a wrong key", "overlong parameters", "no message, and a wrong key"),
        "an unknown action",
    ],
)
@pytest.mark.clause("AUTH-2", effect="none", kind=NO_KEY_KIND)
def test_the_key_is_judged_before_the_parameters_of_create(deployment: Deployment, what: str) -> None:
    deployment.accepted_key()
    action, phone, message = deployment.action_id, deployment.harmless_phone, PAGE_MESSAGE
    requests = {
        "no parameters": create_payment(action, NO_KEY, phone=None, message=None),
        "no parameters, and a wrong key": create_payment(action, UNKNOWN_KEY, phone=None, message=None),
        "overlong parameters": create_payment(action, NO_KEY, phone=Text.plain("0" * 30), message="a" * 100),
        "no message, and a wrong key": create_payment(action, UNKNOWN_KEY, phone=phone, message=None),
        "an unknown action": create_payment(deployment.absent_ids(action, 1)[0], NO_KEY, phone=phone, message=message),
    }
    assertions.refused_key(deployment.observe(requests[what]))


@pytest.mark.parametrize(
    ("invoice_id", "credential"), [("0", NO_KEY), ("-1", UNKNOWN_KEY), ("abc", NO_KEY), ("nan", UNKNOWN_KEY)]
)
@pytest.mark.clause("AUTH-2", effect="none")
def test_the_key_is_judged_before_the_form_of_an_invoice_id(
    deployment: Deployment, invoice_id: str, credential: Credential
) -> None:
    deployment.accepted_key()
    assertions.refused_key(deployment.observe(fetch_invoice(Text.plain(invoice_id), credential)))


@pytest.mark.clause("AUTH-2", effect="none")
def test_the_key_is_judged_before_the_form_of_a_requestid(deployment: Deployment) -> None:
    deployment.accepted_key()
    assertions.refused_key(deployment.observe(read_status(Text.plain("!"), UNKNOWN_KEY)))
