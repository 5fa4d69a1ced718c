"""The compiled stage: all that happens to a request between its routing and its sending, once per operation."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic

from starlette.types import Receive, Scope

from mock_server.contract.bodies import receive_body
from mock_server.contract.operation import Operation
from mock_server.contract.parameters import find_unknown, read_all, split_query
from mock_server.domain.refusals import Refusal, Why
from mock_server.http import Answer, Call, CallerT, Handler, error_answer

BROKEN: Final = "the mock itself failed; its log has the reason"
_log = logging.getLogger(__name__)

Admit = Callable[[Scope, str], CallerT | Refusal]
"""Who the caller of this operation is, or why the request is not let in: key and policy."""

Render = Callable[[Refusal, Scope], Answer]
"""What the caller of an API is shown of a refusal."""


@dataclass(frozen=True, slots=True)
class Rules(Generic[CallerT]):
    """What one API adds to the stage of each of its operations.

    `refuse_unknown` says whether query parameters that the document does not have are a mistake of the caller's or
    are passed over.
    """

    admit: Admit[CallerT]
    render: Render
    refuse_unknown: bool = False


class Stage(Generic[CallerT]):
    """One operation, ready to serve: admit, parse, handle, check the answer against the contract.

    The order is the order of judgement: a request without a valid key learns nothing of its parameters, and one
    with bad parameters nothing of the resource.
    """

    __slots__ = ("_handler", "_operation", "_rules")

    def __init__(self, operation: Operation, handler: Handler[CallerT], rules: Rules[CallerT]) -> None:
        self._operation = operation
        self._handler = handler
        self._rules = rules

    @property
    def operation_id(self) -> str:
        """The operation that this stage serves."""
        return self._operation.operation_id

    async def answer(self, scope: Scope, path: Mapping[str, str], receive: Receive) -> Answer:
        """The answer to a request for this operation; it keeps the contract whatever the handler does.

        `path` holds the values of the path's parameters, decoded.
        """
        try:
            outcome = await self._judge(scope, path, receive)
            answer = self._rules.render(outcome, scope) if isinstance(outcome, Refusal) else outcome
        except Exception:  # noqa: BLE001 — the last resort: logged with its trace, and never shown to the caller
            _log.exception("%s failed", self._operation.operation_id)
            return _broken("handler_failed", "the handler raised an exception")
        return self._check(answer)

    async def _judge(self, scope: Scope, path: Mapping[str, str], receive: Receive) -> Answer | Refusal:
        operation = self._operation
        caller = self._rules.admit(scope, operation.operation_id)
        if isinstance(caller, Refusal):
            return caller
        query = self._read_query(scope)
        if isinstance(query, Refusal):
            return query
        body = await self._read_body(receive)
        if isinstance(body, Refusal):
            return body
        return await self._handler(Call(scope["method"], caller, path, query, body))

    async def _read_body(self, receive: Receive) -> Any:
        if self._operation.body is None:
            return None
        raw = await receive_body(receive)
        return raw if isinstance(raw, Refusal) else self._operation.body.read(raw)

    def _read_query(self, scope: Scope) -> dict[str, Any] | Refusal:
        parameters = self._operation.query_parameters
        if not parameters and not self._rules.refuse_unknown:
            return {}
        pairs = split_query(scope)
        if isinstance(pairs, Refusal):
            return pairs
        unknown = find_unknown(parameters, pairs) if self._rules.refuse_unknown else None
        return unknown or read_all(parameters, pairs)

    def _check(self, answer: Answer) -> Answer:
        violation = self._operation.find_violation(answer)
        if violation is None:
            return answer
        sentence = f"the answer of {self._operation.operation_id} {violation}"
        _log.error("%s", sentence)
        return _broken("contract_broken", sentence)


def _broken(code: str, sentence: str) -> Answer:
    return error_answer(500, "Internal Server Error", BROKEN, Why(code, sentence))
