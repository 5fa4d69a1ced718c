"""Which phone numbers may leave this machine.

A payment request rings a phone. Only two sets of numbers may be asked for a payment: those that the user gives, and
the range that the Swedish regulator reserves for fiction (070-1740605 to 070-1740699).
"""

import unicodedata
from collections.abc import Collection
from typing import Final

FICTION: Final = tuple(str(number) for number in range(46701740605, 46701740700))
"""Numbers that belong to nobody, in the form of the page's example: country code first, digits only."""

_SHORTEST_SUBSCRIBER_NUMBER: Final = 6
_LONGEST_NUMBER: Final = 15


def canonical(phone: str) -> str:
    """The digits of a phone number with its country code: `+46 70-174 06 05`, `0701740605` → `46701740605`."""
    digits = _digits(phone)
    if digits.startswith("00"):
        return digits.lstrip("0")
    return "46" + digits[1:] if digits.startswith("0") else digits


def is_harmless(phone: str, given: Collection[str] = ()) -> bool:
    """Whether this text, however a server reads it, can ring no phone but a given one or a fictional one.

    Text with too few digits for a subscriber is harmless. Text with more digits than any number has must begin or end
    with a permitted number, because a careless server may cut it to fit.
    """
    permitted = {*FICTION, *(canonical(number) for number in given)}
    digits = _digits(phone)
    if len(digits) < _SHORTEST_SUBSCRIBER_NUMBER or canonical(phone) in permitted:
        return True
    significant = digits.lstrip("0")
    if not significant or significant in permitted:
        return True
    return len(digits) > _LONGEST_NUMBER and any(significant.startswith(number) for number in permitted)


def _digits(phone: str) -> str:
    return "".join(
        str(unicodedata.digit(character)) for character in phone if unicodedata.digit(character, None) is not None
    )
