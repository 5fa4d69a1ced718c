"""How much a run asks: the most telling reads in seconds, everything once, or generated requests at length."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

SMOKE_REQUESTS: Final = 20
STANDARD_REQUESTS: Final = 350
"""What a conforming deployment gets at most in the standard profile."""
DEEP_REQUESTS: Final = 3000
"""The most requests of the deep profile, unless --max-requests says otherwise."""


class Profile(StrEnum):
    """What is asked of a deployment."""

    SMOKE = "smoke"
    """Twenty requests at most, none of which could change anything."""
    STANDARD = "standard"
    DEEP = "deep"
    """Standard, and requests that schemathesis generates, as many as the budget allows."""


SMOKE_CHECKS: Final = (
    "test_a_readable_invoice_is_a_pdf",
    "test_the_document_is_whole_and_well_formed",
    "test_the_invoice_path_ends_in_a_slash",
    "test_the_invoice_needs_a_valid_key_in_its_header[no key]",
    "test_the_invoice_needs_a_valid_key_in_its_header[empty key]",
    "test_the_invoice_needs_a_valid_key_in_its_header[unknown key]",
    "test_the_invoice_needs_a_valid_key_in_its_header[key in the query]",
    "test_a_key_that_resembles_the_valid_one_opens_no_invoice[a suffix]",
    "test_head_needs_the_key_for_the_invoice[no key]",
    "test_401_or_404_answers_for_the_invoice[no key]",
    "test_401_or_404_answers_for_the_invoice[an unknown key]",
    "test_without_a_valid_key_an_invoice_looks_like_none[GET with no key]",
    "test_without_a_valid_key_an_invoice_looks_like_none[GET with an unknown key]",
    "test_a_hidden_invoice_looks_like_none[GET]",
    "test_an_invoice_that_the_key_may_not_see_is_denied",
    "test_an_absent_invoice_is_not_found[0]",
    "test_an_unknown_requestid_is_not_found[32 digits]",
)
"""The checks of a smoke run. They share what they observe.

A difference that needs many looks to be told from chance is inconclusive there: the standard profile has room for them.
"""


def is_selected(name: str, profile: Profile, *, is_deep: bool) -> bool:
    """Whether a check, by the name of its test, runs in a profile; `is_deep` is one that generates at length."""
    if profile is Profile.SMOKE:
        return name in SMOKE_CHECKS
    return profile is Profile.DEEP or not is_deep


def profile_named(text: str) -> Profile:
    """The profile of this name. Raises ValueError."""
    try:
        return Profile(text.strip().lower())
    except ValueError:
        raise ValueError(f"must be {', '.join(list(Profile)[:-1])} or {list(Profile)[-1]}") from None
