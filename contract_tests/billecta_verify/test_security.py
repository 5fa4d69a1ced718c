"""SEC-1 and SEC-2: good practice on which the page is silent. A violation is a warning."""

from __future__ import annotations

from typing import NoReturn
from urllib.parse import urlsplit

import pytest

from billecta_verify.fixtures.deployment import Deployment
from billecta_verify.fixtures.outcomes import Inconclusive, NotExercised, Violation
from billecta_verify.oracles.comparison import tell
from billecta_verify.oracles.leaks import leak
from billecta_verify.transport.errors import NoAnswerError
from billecta_verify.transport.exchange import NO_KEY, Exchange, Text
from billecta_verify.transport.operations import UNKNOWN_KEY_VALUE, fetch_invoice, read_status
from billecta_verify.transport.safety import BudgetSpentError, plain_twin


@pytest.mark.clause("SEC-1", effect="none")
def test_the_deployment_does_not_answer_over_plain_http(deployment: Deployment) -> None:
    twin = plain_twin(deployment.target)
    request = fetch_invoice(Text.plain("0"), NO_KEY)
    if twin is None:
        _expect_loopback(deployment)
    base_url = f"http://{_host(twin[1])}:{twin[2]}{urlsplit(deployment.target.base_url).path}"
    try:
        plain = deployment.transport.send(request, base_url=base_url)
    except NoAnswerError:
        return
    except BudgetSpentError as error:
        raise Inconclusive(f"{error}: raise --max-requests") from error
    secure = deployment.send(request)
    if plain.status < 300 or (plain.status in {401, 404} and tell([plain], [secure]) is None):
        raise Violation(
            expected="no answer of the application over plain http",
            observed=f"plain http on port {twin[2]}: {plain.describe()}",
            exchange=plain,
        )


@pytest.mark.last
@pytest.mark.clause("SEC-2", effect="read")
def test_no_error_shows_the_inside_of_the_server(deployment: Deployment) -> None:
    deployment.observe(read_status(Text.encoded("%C3%28"), deployment.valid, well_formed=False))
    errors = [exchange for exchange in deployment.history if exchange.status >= 400]
    if not errors:
        raise Inconclusive("no error was answered")
    for exchange in errors:
        _expect_no_leak(exchange, ())
    deployment.accepted_key()


@pytest.mark.last
@pytest.mark.clause("SEC-2", effect="read")
def test_no_error_shows_a_key(deployment: Deployment) -> None:
    """Not even the one that was sent: an answer is kept in more places than a request, and by more people."""
    errors = [exchange for exchange in deployment.history if exchange.status >= 400]
    for exchange in errors:
        _expect_no_leak(exchange, (*deployment.target.secrets, UNKNOWN_KEY_VALUE))
    deployment.accepted_key()


def _expect_loopback(deployment: Deployment) -> NoReturn:
    if deployment.target.is_loopback:
        raise NotExercised("loopback: plain http to this machine crosses no network")
    raise Violation(expected="https", observed="the deployment is reached over plain http")


def _host(name: str) -> str:
    return f"[{name}]" if ":" in name else name


def _expect_no_leak(exchange: Exchange, secrets: tuple[str, ...]) -> None:
    found = leak(exchange, secrets)
    if found is not None:
        raise Violation(
            expected="an error that shows nothing of the server's inside",
            observed=f"{exchange.describe()}: {found}",
            exchange=exchange,
        )
