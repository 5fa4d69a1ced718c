"""Documented answers chosen by a rule or by the client, and the pages of a gateway."""

import math
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Final

from billecta_mock.api.auth import REFUSALS
from billecta_mock.api.context import RequestContext
from billecta_mock.domain.actions import FaultKind
from billecta_mock.domain.problems import Reason, ReasonCode
from billecta_mock.http import Response, empty_response, json_response
from billecta_mock.openapi.compiler import Operation

_PDF: Final = "application/pdf"
_AS_REFUSED: Final = {answer.status: answer for answer in REFUSALS.values()}
_CHOSEN: Final = Reason(ReasonCode.CHOSEN, "a rule of this world, or the Prefer header, chose this answer")


_PAGE: Final = "<html>\r\n<head><title>{title}</title></head>\r\n<body><h1>{title}</h1></body>\r\n</html>\r\n"
_UNDONE: Final = Reason(ReasonCode.FAULT, "a fault kept this request from being done; its marks name it")


class CannedResponses:
    """Makes them from the examples of the document; `sample` is the answer where a document is to be sent."""

    def __init__(self, operations: Mapping[str, Operation], sample: Callable[[], Awaitable[Response]]) -> None:
        self._operations = operations
        self._sample = sample

    async def replace(self, answer: Response, context: RequestContext) -> Response:
        """The response that is in store for this visit; the answer itself where that is what was wanted."""
        wanted = context.response
        if wanted is None or (wanted.is_for_handler and answer.status == wanted.status):
            return answer
        if wanted.document is not None:
            return json_response(wanted.status, wanted.document).with_reason(_CHOSEN)
        canned = self._find(context.operation_id or "", wanted.status, wanted.example)
        if canned is None:  # the contract was replaced since the rule was made
            return answer
        if canned.media_type == _PDF:
            canned = await self._sample()
        return canned.with_reason(_CHOSEN)

    def _find(self, operation_id: str, status: int, example: str | None) -> Response | None:
        """By name; without one, what the mock itself answers with this status, or else the first example."""
        response = self._operations[operation_id].responses.get(status)
        if response is None:
            return None
        if example is not None:
            return response.examples.get(example)
        return _AS_REFUSED.get(status) or next(iter(response.examples.values()), None)


def refuse_at_gateway(context: RequestContext) -> Response:
    """The answer to a request that is not done because of a fault."""
    return at_gateway(context, empty_response())


def at_gateway(context: RequestContext, answer: Response) -> Response:
    """The page of the gateway instead of an answer, where the fault has a status of its own."""
    fault = context.fault
    if fault is None:
        return answer
    if not fault.is_handled:
        answer = answer.with_reason(_UNDONE)
    if fault.kind is not FaultKind.STATUS:
        return answer
    title = f"{fault.status} {HTTPStatus(fault.status).phrase}"
    wait = context.retry_after
    headers = () if wait is None else ((b"retry-after", str(max(1, math.ceil(wait))).encode()),)
    return Response(fault.status, "text/html", _PAGE.format(title=title).encode(), None, headers, answer.why)
