"""What a defect is: a deviation from one clause, made of small functions on a request on its way in or an answer out.

A defect never reaches into the server. It makes the server believe that something else was asked, or changes what it
answered; so any number of them can be set at once, and none can leave anything behind.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from billecta_mock.defects.context import DefectContext, RequestView
from billecta_mock.http import Response

Ask = Callable[[RequestView, DefectContext], RequestView]
"""What the server shall believe that it was asked; the same object where that is the truth."""

Change = Callable[[Response, DefectContext], Response]
"""What becomes of an answer; the same object where nothing does."""

Delay = Callable[[Response, DefectContext], float]
"""For how many seconds of real time an answer is held back."""


class Group(StrEnum):
    """What a defect deviates in."""

    ADDRESSES = "addresses"
    AUTHENTICATION = "authentication"
    KEYS = "keys"
    MASKING = "masking"
    TIMING = "timing"
    PERMISSIONS = "permissions"
    DOCUMENTS = "documents"
    INVOICES = "invoices"
    CREATING = "creating"
    VALIDATION = "validation"
    STATUS = "status"
    CODES = "codes"
    METHODS = "methods"
    FORMATS = "formats"
    DISCLOSURE = "disclosure"


def _leave(request: RequestView, _context: DefectContext) -> RequestView:
    return request


def _keep(answer: Response, _context: DefectContext) -> Response:
    return answer


def _at_once(_answer: Response, _context: DefectContext) -> float:
    return 0.0


@dataclass(frozen=True, slots=True)
class Defect:
    """One deviation. `clause` is the one that it breaks, `sentence` says how, to whoever reads the list.

    `ask` changes the request before it is verified; what the journal notes stays as it came in. `answer` changes the
    answer before it is sent; what the contract says of answers is not checked any more. `delay` holds it back.
    """

    name: str
    group: Group
    clause: str
    sentence: str
    ask: Ask = _leave
    answer: Change = _keep
    delay: Delay = _at_once


class UnknownDefectError(ValueError):
    """There is no defect of this name. `near` is one that may have been meant, `index` its place among those named."""

    def __init__(self, name: str, index: int, near: str | None) -> None:
        advice = f"did you mean '{near}'?" if near else "'billecta-mock defects' lists all"
        super().__init__(f"there is no defect '{name[:64]}'; {advice}")
        self.index = index
