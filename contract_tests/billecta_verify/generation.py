"""Cases at and beyond the limits of the contract, derived from openapi.yaml; those left to chance follow the seed.

Every phone number here is a spelling of one that is reserved for fiction, or no number at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl, urlsplit

import hypothesis
import requests
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode

from billecta_spec import load_openapi
from billecta_verify.config.phones import FICTION, is_harmless
from billecta_verify.config.target import has_dot_segment
from billecta_verify.oracles.schema import PLACES, operation
from billecta_verify.transport.exchange import Credential, Request, Text
from billecta_verify.transport.operations import CREATE_PAYMENT

T = TypeVar("T")

_ANY_BASE: Final = "http://deployment.invalid"
_SWISH_LETTERS: Final = "abcdefghijklmnopqrstuvwxyzåäöABCDEFGHIJKLMNOPQRSTUVWXYZÅÄÖ0123456789 :;.,?!()"
"""Characters that Swish takes in a message: a refusal of these cannot be about the characters."""


def _limit(parameter: str) -> int:
    parameters = load_openapi()["paths"]["/payments/swish/{id}"]["post"]["parameters"]
    return int(next(item["schema"]["maxLength"] for item in parameters if item["name"] == parameter))


LONGEST_PHONE: Final = _limit("phone")
LONGEST_MESSAGE: Final = _limit("message")

OVERLONG_PHONES: Final[Mapping[str, str]] = {
    "one digit too many": FICTION[-1].ljust(LONGEST_PHONE + 1, "0"),
    "one separator too many": "-".join(FICTION[-1]).ljust(LONGEST_PHONE + 1, "-"),
    "one space too many": " ".join(FICTION[-1]).rjust(LONGEST_PHONE + 1, "0"),
    "leading zeros": FICTION[-1].rjust(LONGEST_PHONE + 1, "0"),
}

SHORT_MESSAGES: Final[Mapping[str, str]] = {"one byte each": "Faktura", "two bytes each": "Åäö"}
"""Short messages by how many bytes UTF-8 needs for each of their characters."""

OVERLONG_MESSAGES: Final[Mapping[str, str]] = {
    "one character too many": "Faktura 123 ".ljust(LONGEST_MESSAGE + 1, "a"),
    "one character of two bytes too many": "å" * (LONGEST_MESSAGE + 1),
    "very many": "a" * 1000,
}


def longest_message(alphabet: str) -> str:
    """A message of exactly the greatest length, of the same characters as the short one."""
    filler = "å" if alphabet == "two bytes each" else "a"
    return SHORT_MESSAGES[alphabet].ljust(LONGEST_MESSAGE, filler)


def overlong_phones() -> st.SearchStrategy[str]:
    """Phones with too many characters, each a fictional number with more digits, or with leading zeros."""
    lengths = st.integers(LONGEST_PHONE + 1, 4 * LONGEST_PHONE)
    pads: list[Callable[[str, int], str]] = [lambda number, size: number.ljust(size, "0"), str.zfill]
    return st.builds(
        lambda pad, number, size: pad(number, size), st.sampled_from(pads), st.sampled_from(FICTION), lengths
    )


def overlong_messages() -> st.SearchStrategy[str]:
    """Messages with too many characters, each of which Swish takes."""
    text = st.text(_SWISH_LETTERS, min_size=LONGEST_MESSAGE + 1, max_size=3 * LONGEST_MESSAGE)
    return text.filter(lambda message: len(message.strip()) > LONGEST_MESSAGE)


def drawn(strategy: st.SearchStrategy[T], seed: int, count: int) -> list[T]:
    """So many different values of a strategy, the same for the same seed."""
    found: list[T] = []

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(strategy)
    def collect(value: T) -> None:
        if value not in found:
            found.append(value)

    collect()
    return found[:count]


def generated_requests(
    operation_id: str, credential: Credential, seed: int, count: int, *, absent_action: Text
) -> list[Request]:
    """Requests that schemathesis derives from the schema of an operation, half of them breaking it.

    A create goes to an action that does not exist, with no number but a fictional one: it can make no payment.
    """
    requests_ = []
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        cases = _cases(operation_id, mode, seed, count // 2)
        requests_ += [_as_request(operation_id, case, credential, absent_action) for case in cases]
    return [request for request in dict.fromkeys(requests_) if not has_dot_segment(request.path.sent)]


@lru_cache(maxsize=32)
def _cases(operation_id: str, mode: GenerationMode, seed: int, count: int) -> tuple[Case[Any], ...]:
    """The same for the same seed, and costly: made once."""
    return tuple(drawn(operation(operation_id).as_strategy(generation_mode=mode), seed, count))


def _as_request(operation_id: str, case: Case[Any], credential: Credential, absent_action: Text) -> Request:
    options: dict[str, Any] = case.as_transport_kwargs(base_url=_ANY_BASE)
    url = requests.Request("GET", options["url"], params=options["params"]).prepare().url or _ANY_BASE
    parts = urlsplit(url)
    path = parts.path.removeprefix("/")
    if operation_id == CREATE_PAYMENT:
        path = f"payments/swish/{absent_action.sent}"
    query = tuple(
        (name, Text.plain(_harmless(name, value))) for name, value in parse_qsl(parts.query, keep_blank_values=True)
    )
    _, method = PLACES[operation_id]
    return Request(operation_id, method, Text.plain(path), credential, query=query, well_formed=False)


def _harmless(name: str, value: str) -> str:
    return FICTION[0] if name.lower() == "phone" and not is_harmless(value) else value
