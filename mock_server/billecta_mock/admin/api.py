"""The control API as an ASGI application, served from its document as the contract is."""

from collections.abc import Mapping
from typing import Any, Final

from starlette.types import Receive, Scope, Send

from billecta_mock.admin.admission import Admission
from billecta_mock.admin.archive import ArchiveHandlers
from billecta_mock.admin.bundles import BundleHandlers
from billecta_mock.admin.clocks import ClockHandlers
from billecta_mock.admin.defects import DefectHandlers
from billecta_mock.admin.desk import AdminHandler, Desk
from billecta_mock.admin.operation import Condition, OperationHandlers
from billecta_mock.admin.payments import PaymentHandlers
from billecta_mock.admin.readiness import ReadinessHandlers
from billecta_mock.admin.requests import RequestHandlers
from billecta_mock.admin.rules import RuleHandlers
from billecta_mock.admin.streams import StreamHandlers
from billecta_mock.admin.unmatched import UnmatchedHandlers
from billecta_mock.admin.verification import VerificationHandlers
from billecta_mock.admin.worlds import WorldHandlers
from billecta_mock.domain.problems import Refusal, RefusalKind, Why
from billecta_mock.domain.rules import RuleKind
from billecta_mock.http import Answer, error_answer, send_answer, send_stream
from billecta_mock.openapi.pipeline import Rules
from billecta_mock.openapi.router import ContractRouter, NoRouteError, WrongMethodError

_STATUS_OF: Final = {
    RefusalKind.NOT_FOUND: 404,
    RefusalKind.INVALID: 400,
    RefusalKind.UNAUTHENTICATED: 401,
    RefusalKind.FORBIDDEN: 403,
}
_CHALLENGE: Final = ((b"www-authenticate", b'Bearer realm="control plane of the mock"'),)


_READING: Final = frozenset({"GET", "HEAD"})


class AdminApi:
    """The ASGI application of the control API. It is never journalled, masked or faulted."""

    def __init__(
        self,
        document: Mapping[str, Any],
        base_path: str,
        desk: Desk,
        admission: Admission,
        condition: Condition,
    ) -> None:
        """Raises UnsupportedSpecError as ContractRouter does."""
        self._base_path = base_path
        self._observe = admission.observe
        groups = (
            WorldHandlers(desk),
            ClockHandlers(desk),
            PaymentHandlers(desk),
            RequestHandlers(desk),
            StreamHandlers(desk),
            ArchiveHandlers(desk),
            VerificationHandlers(desk),
            UnmatchedHandlers(desk),
            ReadinessHandlers(desk),
            RuleHandlers(desk, RuleKind.RULE),
            RuleHandlers(desk, RuleKind.FAULT),
            BundleHandlers(desk),
            DefectHandlers(desk),
        )
        handlers: dict[str, AdminHandler] = {**OperationHandlers(condition).handlers()}
        for group in groups:
            handlers.update(group.handlers())
        rules = Rules(admission.guard.admit, _render, refuse_unknown=True)
        self._router = ContractRouter(document, base_path, handlers, rules)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        answer = await self._answer(scope, receive)
        self._observe(scope, answer)
        if answer.stream is None or scope["method"] == "HEAD":
            await send_answer(answer, scope, send)
        else:
            await send_stream(answer, answer.stream, receive, send)

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        path = scope["raw_path"].decode("latin-1")
        try:
            route = self._router.find(scope["method"], path)
        except NoRouteError:
            if path.rstrip("/") == self._base_path and scope["method"] in _READING:
                return Answer(307, None, b"", headers=((b"location", f"/docs{self._base_path}".encode()),))
            sentence = "the control API has no such path; /docs/__admin shows those it has"
            return error_answer(404, "Not Found", sentence, Why("route_unknown", sentence))
        except WrongMethodError as error:
            methods = ", ".join(error.allowed)
            sentence = f"this path has the methods {methods}"
            why = Why("method_not_allowed", sentence)
            return error_answer(405, "Method Not Allowed", sentence, why, headers=((b"allow", methods.encode()),))
        return await route.stage.answer(scope, route.path, receive)


def _render(refusal: Refusal, _scope: Scope) -> Answer:
    headers = _CHALLENGE if refusal.kind is RefusalKind.UNAUTHENTICATED else ()
    return error_answer(_STATUS_OF[refusal.kind], refusal.error, refusal.message, refusal.why, headers=headers)
