"""The compiled pipeline of an operation: all that happens to a request between routing and sending."""

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic

from starlette.types import Receive, Scope

from billecta_mock.domain.problems import Problem, Reason, ReasonCode
from billecta_mock.http import ANY_RESPONSE, Handler, ParsedRequest, PrincipalT, Response, error_response
from billecta_mock.openapi.compiler import Body, Operation, receive_body
from billecta_mock.openapi.parameters import find_unknown, pair_headers, read_all, split_query

_HOST: Final = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_LOCAL: Final = ("127.0.0.1", None)


BROKEN: Final = "the mock itself failed; its log has the reason"
_log = logging.getLogger(__name__)
Admit = Callable[[Scope, str], PrincipalT | Problem]
"""Who the caller of this operation is, or why the request is not let in: key and policy."""
Intercept = Callable[[ParsedRequest[PrincipalT], Scope], Response | Problem | None]
"""What is answered instead of a handler; None lets the handler answer."""
_Read = Callable[[ParsedRequest[Any], Scope], Problem | None]
"""Puts a part of a request's head into its call, or refuses it."""
Render = Callable[[Problem, Scope], Response]
"""What the caller of an API is shown of a refusal."""


def read_origin(scope: Scope) -> str:
    """Scheme, host and port as the caller has them: by its Host header, or else by the address of the server."""
    sent = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
    return f"{scope.get('scheme', 'http')}://{sent if _HOST.fullmatch(sent) else _read_server(scope)}"


def _read_server(scope: Scope) -> str:
    host, port = scope.get("server") or _LOCAL
    name = f"[{host}]" if ":" in host else host
    return name if port is None else f"{name}:{port}"


@dataclass(frozen=True, slots=True)
class PipelineHooks(Generic[PrincipalT]):
    """What one API adds to the stage of each of its operations.

    `intercept` may refuse once a call is parsed, or give ANY_ANSWER instead of the handler's. `refuse_unknown`
    says whether query parameters that the document does not have are a mistake of the caller's or are passed over.
    """

    admit: Admit[PrincipalT]
    render: Render
    intercept: Intercept[PrincipalT] | None = None
    refuse_unknown: bool = False


class OperationPipeline(Generic[PrincipalT]):
    """One operation, ready to serve: admit, parse, handle, check the answer against the contract.

    The order is the order of verification: a request without a valid key learns nothing of its parameters, and one
    with bad parameters nothing of the resource.
    """

    __slots__ = ("_handler", "_readers", "_rules", "operation")

    def __init__(self, operation: Operation, handler: Handler[PrincipalT], rules: PipelineHooks[PrincipalT]) -> None:
        self.operation = operation
        self._handler = handler
        self._rules = rules
        self._readers = tuple(self._select_readers())

    @property
    def operation_id(self) -> str:
        """The operation that this stage serves."""
        return self.operation.operation_id

    async def answer(self, scope: Scope, path: Mapping[str, str], receive: Receive) -> Response:
        """The answer to a request for this operation; it keeps the contract whatever the handler does.

        `path` holds the values of the path's parameters, decoded.
        """
        try:
            outcome = await self._judge(scope, path, receive)
            answer = self._rules.render(outcome, scope) if isinstance(outcome, Problem) else outcome
        except Exception:  # noqa: BLE001 — the last resort: logged with its trace, and never shown to the caller
            _log.exception("%s failed", self.operation.operation_id)
            return _broken(ReasonCode.HANDLER_FAILED, "the handler raised an exception")
        return answer if answer is ANY_RESPONSE else self._check(answer)

    async def _judge(self, scope: Scope, path: Mapping[str, str], receive: Receive) -> Response | Problem:
        operation = self.operation
        principal = self._rules.admit(scope, operation.operation_id)
        if isinstance(principal, Problem):
            return principal
        call = ParsedRequest(scope["method"], principal, path)
        for read in self._readers:
            refusal = read(call, scope)
            if refusal is not None:
                return refusal
        if self.operation.body is not None:
            refusal = await _read_body(self.operation.body, call, receive)
            if refusal is not None:
                return refusal
        intercepted = self._rules.intercept(call, scope) if self._rules.intercept else None
        return await self._handler(call) if intercepted is None else intercepted

    def _select_readers(self) -> Iterator[_Read]:
        """What this operation has of what can be read of a head, in the order in which it is verified."""
        if self.operation.query_parameters or self._rules.refuse_unknown:
            yield self._read_query
        if self.operation.header_parameters:
            yield self._read_headers
        if self.operation.negotiates:
            yield _read_accept

    def _read_query(self, call: ParsedRequest[PrincipalT], scope: Scope) -> Problem | None:
        parameters = self.operation.query_parameters
        pairs = split_query(scope)
        if isinstance(pairs, Problem):
            return pairs
        unknown = find_unknown(parameters, pairs) if self._rules.refuse_unknown else None
        if unknown is not None:
            return unknown
        values = read_all(parameters, pairs)
        if isinstance(values, Problem):
            return values
        call.query = values
        return None

    def _read_headers(self, call: ParsedRequest[PrincipalT], scope: Scope) -> Problem | None:
        parameters = self.operation.header_parameters
        values = read_all(parameters, pair_headers(parameters, scope))
        if isinstance(values, Problem):
            return values
        call.headers = values
        return None

    def _check(self, answer: Response) -> Response:
        violation = self.operation.find_violation(answer)
        if violation is None:
            return answer
        sentence = f"the answer of {self.operation.operation_id} {violation}"
        _log.error("%s", sentence)
        return _broken(ReasonCode.CONTRACT_BROKEN, sentence)


async def _read_body(body: Body, call: ParsedRequest[Any], receive: Receive) -> Problem | None:
    raw = await receive_body(receive)
    document = raw if isinstance(raw, Problem) else body.read(raw)
    if isinstance(document, Problem):
        return document
    call.body = document
    return None


def _read_accept(call: ParsedRequest[Any], scope: Scope) -> None:
    """What the caller wants to read, and the address that it asked."""
    call.accept = ", ".join(value.decode("latin-1") for name, value in scope["headers"] if name == b"accept")
    call.origin = read_origin(scope)


def _broken(code: ReasonCode, sentence: str) -> Response:
    return error_response(500, "Internal Server Error", BROKEN, Reason(code, sentence))
