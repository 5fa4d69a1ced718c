"""Hooks and checks for stock schemathesis: nothing but reads of the one deployment, and masking verified as meant.

Loaded by schemathesis.toml beside this. BILLECTA_INVOICE_ID names an invoice that exists: what is said of it without a
valid key must be what is said of one that does not (MASK-1, MASK-2, AUTH-1).
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

import requests
import schemathesis

KEY_HEADER: Final = "x-api-key"
UNKNOWN_KEY: Final = "no-such-key-0000000000000000"
"""A key that no deployment has given out."""
ABSENT_ID: Final = "98765432109876543210"
"""The id of an invoice that does not exist: it has more digits than any that is counted up."""

_READS: Final = frozenset({"GET", "HEAD"})
_REFUSALS: Final = frozenset({401, 404})
_TIMEOUT: Final = 20.0
_ASKED_WITHOUT_A_KEY: Final = 5
"""So many generated requests of an operation are sent again without a valid key."""
_PATH_OF_INVOICES: Final = "/fetch-invoice-pdf/{invoice_id}/"


class NotSentError(RuntimeError):
    """The request might have changed something, and was not sent."""


@dataclass(slots=True)
class _Run:
    """What has been asked already: each run of schemathesis is a process of its own."""

    asked: dict[str, int] = field(default_factory=dict)
    is_masking_judged: bool = False


_RUN: Final = _Run()


@schemathesis.hook
def filter_case(context: schemathesis.HookContext, case: schemathesis.Case[Any]) -> bool:
    """Only reads are generated."""
    del context
    return case.method.upper() in _READS


@schemathesis.hook
def before_call(context: schemathesis.HookContext, case: schemathesis.Case[Any], kwargs: dict[str, Any]) -> None:
    """Only reads are sent, whatever the configuration says, and no redirect is followed."""
    del context
    if case.method.upper() not in _READS:
        raise NotSentError(f"{case.method} might ring a phone and is not sent: use billecta-verify for it")
    kwargs["allow_redirects"] = False


@schemathesis.check
def a_key_is_needed(
    ctx: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case[Any]
) -> None:
    """AUTH-1, MASK-1: what is asked without a valid key is answered 401 or 404, nothing else."""
    del ctx
    label = case.operation.label
    if _RUN.asked.get(label, 0) >= _ASKED_WITHOUT_A_KEY or KEY_HEADER not in response.request.headers:
        return
    _RUN.asked[label] = _RUN.asked.get(label, 0) + 1
    for name, key in (("no key", None), ("an unknown key", UNKNOWN_KEY)):
        answer = _asked_again(response.request, response.request.url or "", key)
        if answer.status_code == requests.codes.bad_request and response.status_code == requests.codes.bad_request:
            continue  # what no server can read is refused before any key is looked at
        if answer.status_code not in _REFUSALS:
            raise AssertionError(f"{name} is answered {answer.status_code}, not 401 or 404")


@schemathesis.check
def what_exists_is_masked(
    ctx: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case[Any]
) -> None:
    """MASK-2: without a valid key an invoice that exists is answered as one that does not, to the letter."""
    del ctx
    invoice_id = os.environ.get("BILLECTA_INVOICE_ID")
    if _RUN.is_masking_judged or not invoice_id or case.operation.path != _PATH_OF_INVOICES:
        return
    _RUN.is_masking_judged = True
    base_url = os.environ["BILLECTA_BASE_URL"].rstrip("/")
    for name, key in (("no key", None), ("an unknown key", UNKNOWN_KEY)):
        known, absent = (
            _asked_again(response.request, f"{base_url}/fetch-invoice-pdf/{quote(resource, safe='')}/", key)
            for resource in (invoice_id, ABSENT_ID)
        )
        if _seen(known) != _seen(absent):
            raise AssertionError(f"with {name}, an invoice that exists is told from one that does not")


def _asked_again(request: requests.PreparedRequest, url: str, key: str | None) -> requests.Response:
    """The same request at another URL, with another key or none."""
    again = request.copy()
    again.url = url
    again.headers.pop(KEY_HEADER, None)
    again.headers.pop("Cookie", None)
    if key is not None:
        again.headers[KEY_HEADER] = key
    with requests.Session() as session:
        session.trust_env = False
        return session.send(again, timeout=_TIMEOUT, allow_redirects=False)


def _seen(answer: requests.Response) -> tuple[int, str | None, bytes]:
    return answer.status_code, answer.headers.get("content-type"), answer.content
