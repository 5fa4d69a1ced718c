"""SEC-1, SEC-2 (advice: a violation is a warning), and AUTH-2: nobody is handed a valid key."""

from __future__ import annotations

import re
from typing import NoReturn
from urllib.parse import urlsplit

import pytest

from billecta_verify.fixtures.deployment import Deployment
from billecta_verify.fixtures.outcomes import Failure, Inconclusive, NotExercised
from billecta_verify.oracles.comparison import compare_responses
from billecta_verify.oracles.leaks import inside_shown, secret_shown
from billecta_verify.transport.errors import NoResponseError
from billecta_verify.transport.exchange import NO_KEY, Credential, Exchange, Text
from billecta_verify.transport.operations import UNKNOWN_KEY_VALUE, fetch_invoice, read_status
from billecta_verify.transport.safety import BudgetSpentError, plain_twin

SHORTEST = 6
"""Shorter keys, and those without both letters and digits, may be words or numbers that occur by chance."""


@pytest.mark.clause("SEC-1", effect="none")
def test_the_deployment_does_not_answer_over_plain_http(deployment: Deployment) -> None:
    twin = plain_twin(deployment.target)
    request = fetch_invoice(Text.plain("0"), NO_KEY)
    if twin is None:
        _expect_loopback(deployment)
    base_url = f"http://{_host(twin[1])}:{twin[2]}{urlsplit(deployment.target.base_url).path}"
    try:
        plain = deployment.transport.send(request, base_url=base_url)
    except NoResponseError:
        return
    except BudgetSpentError as error:
        raise Inconclusive(f"{error}: raise --max-requests") from error
    secure = deployment.send(request)
    if plain.status < 300 or (plain.status in {401, 404} and compare_responses([plain], [secure]) is None):
        raise Failure(
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
    if shown := inside_shown(errors):
        _report_leak(*shown)
    deployment.require_accepted_key()


@pytest.mark.last
@pytest.mark.clause("SEC-2", effect="read")
def test_no_error_shows_a_key(deployment: Deployment) -> None:
    """Not even the one that was sent: an answer is kept in more places than a request, and by more people."""
    errors = [exchange for exchange in deployment.history if exchange.status >= 400]
    if shown := secret_shown(errors, (*deployment.target.secrets, UNKNOWN_KEY_VALUE)):
        _report_leak(shown, "the key")
    deployment.require_accepted_key()


def _expect_loopback(deployment: Deployment) -> NoReturn:
    if deployment.target.is_loopback:
        raise NotExercised("loopback: plain http to this machine crosses no network")
    raise Failure(expected="https", observed="the deployment is reached over plain http")


def _host(name: str) -> str:
    return f"[{name}]" if ":" in name else name


def _report_leak(exchange: Exchange, found: str) -> NoReturn:
    raise Failure(
        expected="an error that shows nothing of the server's inside",
        observed=f"{exchange.describe()}: {found}",
        exchange=exchange,
    )


@pytest.mark.last
@pytest.mark.clause("AUTH-2", effect="read")
def test_no_answer_hands_out_a_valid_key(deployment: Deployment) -> None:
    """A key that anybody is told opens everything to anybody; that who asked had it already is for SEC-2 to say."""
    deployment.require_accepted_key()
    keys = [key for key in deployment.target.keys if _is_distinctive(key)]
    for exchange in deployment.history:
        told = [key for key in keys if _is_told(exchange, key)]
        if told and not any(_was_sent(exchange, key) for key in deployment.target.keys):
            raise Failure(
                expected="no valid key in an answer to a request without one",
                observed=f"{exchange.describe()}, with a valid key in it",
                exchange=exchange,
            )


def _is_distinctive(key: str) -> bool:
    return len(key) >= SHORTEST and any(map(str.isdigit, key)) and any(map(str.isalpha, key))


def _is_told(exchange: Exchange, key: str) -> bool:
    """Whether the key stands in the answer by itself, and not as a part of some longer id."""
    texts = [exchange.body.decode("utf-8", "replace"), *(value for _, value in exchange.headers)]
    pattern = re.compile(rf"(?<![A-Za-z0-9]){re.escape(key)}(?![A-Za-z0-9])")
    return any(map(pattern.search, texts))


def _was_sent(exchange: Exchange, key: str) -> bool:
    """Whether the request had the key, or most of it, anywhere: an answer may repeat that, and mend it in doing so."""
    request = exchange.request
    body = (request.body or b"").decode("utf-8", "replace")
    sent = " ".join([request.url_suffix, body, *(value for _, value in request.all_headers())]).lower()
    halves = (key[: len(key) // 2].lower(), key[len(key) // 2 :].lower())
    return _is_made_of_a_key(request.credential) or any(part in sent for part in halves)


def _is_made_of_a_key(credential: Credential) -> bool:
    """Whether this is a valid key, or was made of one: what stands for it in reports has the key's variable in it."""
    return credential.value is not None and "$" in credential.value.shown
