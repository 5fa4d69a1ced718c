"""Documented answers chosen by a rule or by the client, and the pages of a gateway."""

import math
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Final

from billecta_mock.api.auth import REFUSALS
from billecta_mock.api.context import Visit
from billecta_mock.domain.actions import FaultKind
from billecta_mock.domain.problems import Reason, Why
from billecta_mock.http import Answer, empty_answer, json_answer
from billecta_mock.openapi.compiler import Operation

_PDF: Final = "application/pdf"
_AS_REFUSED: Final = {answer.status: answer for answer in REFUSALS.values()}
_CHOSEN: Final = Why(Reason.CHOSEN, "a rule of this world, or the Prefer header, chose this answer")


_PAGE: Final = "<html>\r\n<head><title>{title}</title></head>\r\n<body><h1>{title}</h1></body>\r\n</html>\r\n"
_UNDONE: Final = Why(Reason.FAULT, "a fault kept this request from being done; its marks name it")


class CannedResponses:
    """Makes them from the examples of the document; `sample` is the answer where a document is to be sent."""

    def __init__(self, operations: Mapping[str, Operation], sample: Callable[[], Awaitable[Answer]]) -> None:
        self._operations = operations
        self._sample = sample

    async def replace(self, answer: Answer, visit: Visit) -> Answer:
        """The response that is in store for this visit; the answer itself where that is what was wanted."""
        wanted = visit.response
        if wanted is None or (wanted.is_for_handler and answer.status == wanted.status):
            return answer
        if wanted.document is not None:
            return json_answer(wanted.status, wanted.document).because(_CHOSEN)
        canned = self._find(visit.operation_id or "", wanted.status, wanted.example)
        if canned is None:  # the contract was replaced since the rule was made
            return answer
        if canned.media_type == _PDF:
            canned = await self._sample()
        return canned.because(_CHOSEN)

    def _find(self, operation_id: str, status: int, example: str | None) -> Answer | None:
        """By name; without one, what the mock itself answers with this status, or else the first example."""
        response = self._operations[operation_id].responses.get(status)
        if response is None:
            return None
        if example is not None:
            return response.examples.get(example)
        return _AS_REFUSED.get(status) or next(iter(response.examples.values()), None)


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
