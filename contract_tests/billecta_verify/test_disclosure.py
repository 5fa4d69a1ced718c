"""AUTH-2: that nobody is handed a valid key."""

from __future__ import annotations

import re

import pytest

from billecta_verify.fixtures.deployment import Deployment
from billecta_verify.fixtures.outcomes import Violation
from billecta_verify.transport.exchange import Credential, Exchange

SHORTEST = 6
"""Shorter keys, and those without both letters and digits, may be words or numbers that occur by chance."""


@pytest.mark.last
@pytest.mark.clause("AUTH-2", effect="read")
def test_no_answer_hands_out_a_valid_key(deployment: Deployment) -> None:
    """A key that anybody is told opens everything to anybody; that who asked had it already is for SEC-2 to say."""
    deployment.accepted_key()
    keys = [key for key in deployment.target.keys if _is_distinctive(key)]
    for exchange in deployment.history:
        told = [key for key in keys if _is_told(exchange, key)]
        if told and not any(_was_sent(exchange, key) for key in deployment.target.keys):
            raise Violation(
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
