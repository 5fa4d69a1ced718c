"""What Billecta and Swish accept: phone numbers, messages, and the state of what is to be paid."""

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from billecta_mock.domain.invoices import Invoice, InvoiceState
from billecta_mock.domain.payments import Payment
from billecta_mock.domain.problems import Problem, ReasonCode, invalid

_SEPARATORS: Final = re.compile(r"[ \-./()\u00a0\u2010-\u2013]")
_TRUNK_PREFIX: Final = re.compile(r"^((?:\+|00)[ ]?46)[ ]?\(0\)")
_PHONE: Final = re.compile(r"[1-9][0-9]{7,14}")
_MESSAGE: Final = re.compile(r"[a-zA-Z\u00c0-\u00d6\u00d8-\u00f60-9 :;.,?!()\"\-]*")
_COUNTRY_CODE: Final = "46"

SWISH_REFUSALS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "FF08": "The payment reference is invalid",
        "RP01": "The payee alias is missing or empty",
        "RP02": "The message is wrongly formatted",
        "RP03": "The callback URL is missing or does not use https",
        "RP06": "A live payment request for this payer exists already",
        "ACMT01": "The counterpart is not activated",
        "ACMT03": "The payer is not enrolled with Swish",
        "ACMT07": "The payee is not enrolled with Swish",
        "PA01": "A parameter is not correct",
        "PA02": "The amount is missing or not a valid number",
        "AM02": "The amount is too large",
        "AM03": "The currency is missing or not supported",
        "AM06": "The amount is below the agreed minimum",
        "BE18": "The payer alias is invalid",
        "VR01": "The payer does not meet the age limit",
        "VR02": "The phone number and the personal number do not belong together",
    }
)
"""The codes of an immediate refusal by Swish, and what each says."""


def find_blank(parameters: Mapping[str, str]) -> Problem | None:
    """A refusal for the first parameter that holds nothing but white space (SWISH-3, SWISH-5)."""
    for name, value in parameters.items():
        if not value.strip():
            message = f"{name} is blank; it is required and must hold more than white space"
            return invalid(ReasonCode.PARAMETER_BLANK, "Bad Request", message)
    return None


@lru_cache(maxsize=1024)
def normalise_phone(phone: str) -> str | Problem:
    """A phone number as Swish wants it, country code first, digits only; or the refusal BE18.

    Separators and `+` or `00` are dropped, and the zero of `+46 (0)70`; a number with a leading zero is a Swedish one.
    """
    if _PHONE.fullmatch(phone):
        return phone
    digits = _SEPARATORS.sub("", _TRUNK_PREFIX.sub(r"\1", phone))
    if digits.startswith("+"):
        digits = digits[1:]
    elif digits.startswith("00"):
        digits = digits[2:]
    elif digits.startswith("0"):
        digits = _COUNTRY_CODE + digits[1:]
    if _PHONE.fullmatch(digits):
        return digits
    return invalid("BE18", "BE18", "phone must be 8 to 15 digits with the country code, such as 46701740605")


def check_message(message: str) -> Problem | None:
    """The refusal RP02 for a character that Swish does not take."""
    if _MESSAGE.fullmatch(message):
        return None
    text = 'message may hold letters a-ö and A-Ö, digits, spaces and :;.,?!()"- only'
    return invalid("RP02", "RP02", text)


def check_payable(invoice: Invoice) -> Problem | None:
    """A refusal for an action that has nothing left to pay."""
    if invoice.outstanding > 0:
        return None
    if invoice.state is InvoiceState.OPEN:
        text = "The invoice of this action comes to nothing; nothing is to be paid"
        return invalid(ReasonCode.ACTION_WITHOUT_AMOUNT, "PA02", text)
    text = f"The invoice of this action is {invoice.state.value} already; nothing is left to pay"
    return invalid(ReasonCode(f"action_{invoice.state.value}"), "Bad Request", text)


def check_free(previous: Payment | None) -> Problem | None:
    """The refusal RP06 while the payer's previous payment, settled, still waits for an answer."""
    if previous is None or not previous.is_live:
        return None
    return invalid("RP06", "RP06", f"{SWISH_REFUSALS['RP06']}; it ends by itself within 3 minutes")
