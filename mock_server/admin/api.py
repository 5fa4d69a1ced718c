"""The control API as an ASGI application, served from its document as the contract is."""

from collections.abc import Callable, Mapping
from datetime import datetime
from importlib.metadata import version
from typing import Any, Final

from starlette.types import Receive, Scope, Send

from mock_server.admin.clocks import ClockHandlers
from mock_server.admin.desk import AdminCall, AdminHandler, Desk
from mock_server.admin.payments import PaymentHandlers
from mock_server.admin.requests import RequestHandlers
from mock_server.admin.worlds import WorldHandlers
from mock_server.contract.routing import ContractRouter, NoRouteError, WrongMethodError
from mock_server.contract.stage import Rules
from mock_server.domain.refusals import Refusal, RefusalKind, Why
from mock_server.domain.world import WorldSettings
from mock_server.http import Answer, error_answer, json_answer
from mock_server.sending import send_answer
from mock_server.store.protocol import Store

_STATUS_OF: Final = {RefusalKind.NOT_FOUND: 404, RefusalKind.INVALID: 400}


class AdminApi:
    """The ASGI application of the control API. It is never journalled, masked or faulted."""

    def __init__(
        self,
        document: Mapping[str, Any],
        base_path: str,
        store: Store,
        wall_clock: Callable[[], datetime],
        defaults: WorldSettings,
    ) -> None:
        """`defaults` are the settings of a new world. Raises UnsupportedSpecError as ContractRouter does."""
        desk = Desk(store, wall_clock, defaults)
        groups = (WorldHandlers(desk), ClockHandlers(desk), PaymentHandlers(desk), RequestHandlers(desk))
        handlers: dict[str, AdminHandler] = {"getHealth": _show_health}
        for group in groups:
            handlers.update(group.handlers())
        self._router = ContractRouter(document, base_path, handlers, _RULES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        answer = await self._answer(scope, receive)
        await send_answer(answer, scope, send)

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        path = scope["raw_path"].decode("latin-1")
        try:
            route = self._router.find(scope["method"], path)
        except NoRouteError:
            sentence = "the control API has no such path; /docs/__admin shows those it has"
            return error_answer(404, "Not Found", sentence, Why("route_unknown", sentence))
        except WrongMethodError as error:
            methods = ", ".join(error.allowed)
            sentence = f"this path has the methods {methods}"
            why = Why("method_not_allowed", sentence)
            return error_answer(405, "Method Not Allowed", sentence, why, headers=((b"allow", methods.encode()),))
        return await route.answer(scope, receive)


async def _show_health(_call: AdminCall) -> Answer:
    return json_answer(200, {"status": "ok", "version": version("lime-billecta-contract")})


def _admit(_scope: Scope, _operation_id: str) -> None:
    """Everyone who can reach the control API may use it."""


def _render(refusal: Refusal, _scope: Scope) -> Answer:
    return error_answer(_STATUS_OF[refusal.kind], refusal.error, refusal.message, refusal.why)


_RULES: Final[Rules[None]] = Rules(_admit, _render, refuse_unknown=True)
