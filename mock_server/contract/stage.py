"""The compiled stage: all that happens to a request between its routing and its sending, once per operation."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic

from starlette.types import Receive, Scope

from mock_server.contract.bodies import receive_body
from mock_server.contract.operation import Operation
from mock_server.contract.origins import read_origin
from mock_server.contract.parameters import find_unknown, pair_headers, read_all, split_query
from mock_server.domain.reasons import Reason
from mock_server.domain.refusals import Refusal, Why
from mock_server.http import ANY_ANSWER, Answer, Call, CallerT, Handler, error_answer

BROKEN: Final = "the mock itself failed; its log has the reason"
_log = logging.getLogger(__name__)

Admit = Callable[[Scope, str], CallerT | Refusal]
"""Who the caller of this operation is, or why the request is not let in: key and policy."""

Intercept = Callable[[Call[CallerT], Scope], Answer | Refusal | None]
"""What is answered in the place of a handler; None lets the handler answer."""

Render = Callable[[Refusal, Scope], Answer]
"""What the caller of an API is shown of a refusal."""


@dataclass(frozen=True, slots=True)
class Rules(Generic[CallerT]):
    """What one API adds to the stage of each of its operations.

    `intercept` may refuse once a call is parsed, or give ANY_ANSWER in the place of the handler's. `refuse_unknown`
    says whether query parameters that the document does not have are a mistake of the caller's or are passed over.
    """

    admit: Admit[CallerT]
    render: Render
    intercept: Intercept[CallerT] | None = None
    refuse_unknown: bool = False


class Stage(Generic[CallerT]):
    """One operation, ready to serve: admit, parse, handle, check the answer against the contract.

    The order is the order of judgement: a request without a valid key learns nothing of its parameters, and one
    with bad parameters nothing of the resource.
    """

    __slots__ = ("_handler", "_negotiates", "_rules", "operation")

    def __init__(self, operation: Operation, handler: Handler[CallerT], rules: Rules[CallerT]) -> None:
        self.operation = operation
        self._handler = handler
        self._rules = rules
        self._negotiates = operation.negotiates

    @property
    def operation_id(self) -> str:
        """The operation that this stage serves."""
        return self.operation.operation_id

    async def answer(self, scope: Scope, path: Mapping[str, str], receive: Receive) -> Answer:
        """The answer to a request for this operation; it keeps the contract whatever the handler does.

        `path` holds the values of the path's parameters, decoded.
        """
        try:
            outcome = await self._judge(scope, path, receive)
            answer = self._rules.render(outcome, scope) if isinstance(outcome, Refusal) else outcome
        except Exception:  # noqa: BLE001 — the last resort: logged with its trace, and never shown to the caller
            _log.exception("%s failed", self.operation.operation_id)
            return _broken(Reason.HANDLER_FAILED, "the handler raised an exception")
        return answer if answer is ANY_ANSWER else self._check(answer)

    async def _judge(self, scope: Scope, path: Mapping[str, str], receive: Receive) -> Answer | Refusal:
        operation = self.operation
        caller = self._rules.admit(scope, operation.operation_id)
        if isinstance(caller, Refusal):
            return caller
        query = self._read_query(scope)
        if isinstance(query, Refusal):
            return query
        headers = self._read_headers(scope)
        if isinstance(headers, Refusal):
            return headers
        body = await self._read_body(receive)
        if isinstance(body, Refusal):
            return body
        call = Call(scope["method"], caller, path, query, body, headers)
        if self._negotiates:
            call.accept, call.origin = _read_accept(scope), read_origin(scope)
        intercepted = self._rules.intercept(call, scope) if self._rules.intercept else None
        return await self._handler(call) if intercepted is None else intercepted

    async def _read_body(self, receive: Receive) -> Any:
        if self.operation.body is None:
            return None
        raw = await receive_body(receive)
        return raw if isinstance(raw, Refusal) else self.operation.body.read(raw)

    def _read_query(self, scope: Scope) -> dict[str, Any] | Refusal:
        parameters = self.operation.query_parameters
        if not parameters and not self._rules.refuse_unknown:
            return {}
        pairs = split_query(scope)
        if isinstance(pairs, Refusal):
            return pairs
        unknown = find_unknown(parameters, pairs) if self._rules.refuse_unknown else None
        return unknown or read_all(parameters, pairs)

    def _read_headers(self, scope: Scope) -> dict[str, Any] | Refusal:
        parameters = self.operation.header_parameters
        return read_all(parameters, pair_headers(parameters, scope)) if parameters else {}

    def _check(self, answer: Answer) -> Answer:
        violation = self.operation.find_violation(answer)
        if violation is None:
            return answer
        sentence = f"the answer of {self.operation.operation_id} {violation}"
        _log.error("%s", sentence)
        return _broken(Reason.CONTRACT_BROKEN, sentence)


def _read_accept(scope: Scope) -> str:
    return ", ".join(value.decode("latin-1") for name, value in scope["headers"] if name == b"accept")


def _broken(code: Reason, sentence: str) -> Answer:
    return error_answer(500, "Internal Server Error", BROKEN, Why(code, sentence))
