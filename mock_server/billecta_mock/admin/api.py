"""The admin API as an ASGI application, served from its own OpenAPI document as the contract is."""

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, cast

import yaml
from starlette.types import Receive, Scope, Send

from billecta_mock.admin.clock import ClockHandlers
from billecta_mock.admin.context import AccessPolicy, AdminCall, AdminContext, AdminHandler, ServerStatus
from billecta_mock.admin.export import ArchiveHandlers, StreamHandlers
from billecta_mock.admin.requests import RequestHandlers
from billecta_mock.admin.rules import DefectHandlers, PresetHandlers, RuleHandlers
from billecta_mock.admin.verification import ReadinessHandlers, UnmatchedHandlers, VerificationHandlers
from billecta_mock.admin.worlds import PaymentHandlers, WorldHandlers
from billecta_mock.domain.problems import Problem, ProblemKind, Reason
from billecta_mock.domain.rules import RuleKind
from billecta_mock.http import Response, error_response, json_response, send_response, send_stream
from billecta_mock.openapi.pipeline import PipelineHooks
from billecta_mock.openapi.router import ContractRouter, NoRouteError, WrongMethodError

_STATUS_OF: Final = {
    ProblemKind.NOT_FOUND: 404,
    ProblemKind.INVALID: 400,
    ProblemKind.UNAUTHENTICATED: 401,
    ProblemKind.FORBIDDEN: 403,
}
_CHALLENGE: Final = ((b"www-authenticate", b'Bearer realm="admin API of the mock"'),)
_READING: Final = frozenset({"GET", "HEAD"})


def load_admin_openapi() -> dict[str, Any]:
    """The document, references not resolved."""
    text = Path(__file__).with_name("openapi.yaml").read_text(encoding="utf-8")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return cast("dict[str, Any]", yaml.load(text, Loader=loader))  # noqa: S506 — a safe loader, see above


class OperationHandlers:
    """Handlers of the tag `server`."""

    def __init__(self, condition: ServerStatus) -> None:
        self._condition = condition

    def handlers(self) -> Mapping[str, AdminHandler]:
        """Each handler under its operation id."""
        return {"getHealth": self.show_health, "getReady": self.show_readiness, "getMetrics": self.show_metrics}

    async def show_health(self, _call: AdminCall) -> Response:
        """The server runs, or it could not say so."""
        return json_response(200, {"status": "ok", "version": version("lime-billecta-contract")})

    async def show_readiness(self, _call: AdminCall) -> Response:
        """Whether to send it requests: 503 before it has begun to serve, and once it has been told to stop."""
        obstacle = self._condition.find_obstacle()
        if obstacle is None:
            return json_response(200, {"status": "ready"})
        return error_response(503, "Service Unavailable", obstacle, Reason("not_ready", obstacle))

    async def show_metrics(self, _call: AdminCall) -> Response:
        """Counters, for Prometheus."""
        return Response(200, self._condition.media_type, self._condition.metrics())


class AdminApi:
    """The ASGI application of the admin API. It is never journalled, masked or faulted."""

    def __init__(
        self,
        document: Mapping[str, Any],
        base_path: str,
        context: AdminContext,
        admission: AccessPolicy,
        condition: ServerStatus,
    ) -> None:
        """Raises UnsupportedSpecError as ContractRouter does."""
        self._base_path = base_path
        self._observe = admission.observe
        groups = (
            WorldHandlers(context),
            ClockHandlers(context),
            PaymentHandlers(context),
            RequestHandlers(context),
            StreamHandlers(context),
            ArchiveHandlers(context),
            VerificationHandlers(context),
            UnmatchedHandlers(context),
            ReadinessHandlers(context),
            RuleHandlers(context, RuleKind.RULE),
            RuleHandlers(context, RuleKind.FAULT),
            PresetHandlers(context),
            DefectHandlers(context),
        )
        handlers: dict[str, AdminHandler] = {**OperationHandlers(condition).handlers()}
        for group in groups:
            handlers.update(group.handlers())
        rules = PipelineHooks(admission.guard.admit, _render, refuse_unknown=True)
        self._router = ContractRouter(document, base_path, handlers, rules)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        answer = await self._answer(scope, receive)
        self._observe(scope, answer)
        if answer.stream is None or scope["method"] == "HEAD":
            await send_response(answer, scope, send)
        else:
            await send_stream(answer, answer.stream, receive, send)

    async def _answer(self, scope: Scope, receive: Receive) -> Response:
        path = scope["raw_path"].decode("latin-1")
        try:
            route = self._router.find(scope["method"], path)
        except NoRouteError:
            if path.rstrip("/") == self._base_path and scope["method"] in _READING:
                return Response(307, None, b"", headers=((b"location", f"/docs{self._base_path}".encode()),))
            sentence = "the admin API has no such path; /docs/__admin shows those it has"
            return error_response(404, "Not Found", sentence, Reason("route_unknown", sentence))
        except WrongMethodError as error:
            methods = ", ".join(error.allowed)
            sentence = f"this path has the methods {methods}"
            why = Reason("method_not_allowed", sentence)
            return error_response(405, "Method Not Allowed", sentence, why, headers=((b"allow", methods.encode()),))
        return await route.pipeline.answer(scope, route.path, receive)


def _render(refusal: Problem, _scope: Scope) -> Response:
    headers = _CHALLENGE if refusal.kind is ProblemKind.UNAUTHENTICATED else ()
    return error_response(_STATUS_OF[refusal.kind], refusal.error, refusal.message, refusal.why, headers=headers)
