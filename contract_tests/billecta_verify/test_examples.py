"""SWISH-10: the page's own example values."""

from __future__ import annotations

import pytest

from billecta_verify.fixtures.outcomes import Inconclusive, Violation
from billecta_verify.fixtures.payments import PLAIN_MESSAGE, SECOND_SPELLING, Payments


@pytest.mark.parametrize("spelling", ["a plus sign", "percent 20"])
@pytest.mark.clause("SWISH-10", effect="create")
def test_a_message_with_a_space_works(payments: Payments, spelling: str) -> None:
    raw_query = SECOND_SPELLING if spelling == "percent 20" else None
    attempt = payments.attempt(raw_query=raw_query, control=PLAIN_MESSAGE)
    if attempt.control is not None:
        raise Violation(
            expected="a message with a space to be accepted, as the same without the space is",
            observed=attempt.created.describe(),
            exchange=attempt.created,
        )
    payments.accept(raw_query=raw_query)


@pytest.mark.clause("SWISH-10", effect="create")
def test_a_phone_as_on_the_page_works(payments: Payments) -> None:
    """A deployment is free in what a phone may contain, so one that wants a plus sign is not blamed for it."""
    payments.accept()
    if payments.is_another_spelling_needed:
        raise Inconclusive(
            "phones were refused as the page has them (46…), and accepted with a plus sign before them: a stricter "
            "rule for phones is not forbidden, but the page's example does not work"
        )
