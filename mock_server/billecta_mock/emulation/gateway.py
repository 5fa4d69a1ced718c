"""A gateway before the emulated API, which sometimes does not let a request or its answer through."""

import math
from http import HTTPStatus
from typing import Final

from billecta_mock.domain.actions import FaultKind
from billecta_mock.domain.problems import Reason, Why
from billecta_mock.emulation.visit import Visit
from billecta_mock.http import Answer, empty_answer

_PAGE: Final = "<html>\r\n<head><title>{title}</title></head>\r\n<body><h1>{title}</h1></body>\r\n</html>\r\n"
_UNDONE: Final = Why(Reason.FAULT, "a fault kept this request from being done; its marks name it")


def refuse_at_gateway(visit: Visit) -> Answer:
    """The answer to a request that is not done because of a fault."""
    return at_gateway(visit, empty_answer())


def at_gateway(visit: Visit, answer: Answer) -> Answer:
    """The page of the gateway in the place of an answer, where the fault has a status of its own."""
    fault = visit.fault
    if fault is None:
        return answer
    if not fault.is_handled:
        answer = answer.because(_UNDONE)
    if fault.kind is not FaultKind.STATUS:
        return answer
    title = f"{fault.status} {HTTPStatus(fault.status).phrase}"
    wait = visit.retry_after
    headers = () if wait is None else ((b"retry-after", str(max(1, math.ceil(wait))).encode()),)
    return Answer(fault.status, "text/html", _PAGE.format(title=title).encode(), None, headers, answer.why)
