"""The server itself, as those ask who run it: is it alive, is it ready, what has it done."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version

from billecta_mock.admin.desk import AdminCall, AdminHandler
from billecta_mock.domain.problems import Why
from billecta_mock.http import Answer, error_answer, json_answer


@dataclass(frozen=True, slots=True)
class Condition:
    """What is known of the server from outside the control API.

    `find_obstacle` says why it does not take requests now, or None; `metrics` gives a media type and all metrics.
    """

    find_obstacle: Callable[[], str | None]
    media_type: str
    metrics: Callable[[], bytes]


class OperationHandlers:
    """Handlers of the tag `server`."""

    def __init__(self, condition: Condition) -> None:
        self._condition = condition

    def handlers(self) -> Mapping[str, AdminHandler]:
        """Each handler under its operation id."""
        return {"getHealth": self.show_health, "getReady": self.show_readiness, "getMetrics": self.show_metrics}

    async def show_health(self, _call: AdminCall) -> Answer:
        """The server runs, or it could not say so."""
        return json_answer(200, {"status": "ok", "version": version("lime-billecta-contract")})

    async def show_readiness(self, _call: AdminCall) -> Answer:
        """Whether to send it requests: 503 before it has begun to serve, and once it has been told to stop."""
        obstacle = self._condition.find_obstacle()
        if obstacle is None:
            return json_answer(200, {"status": "ready"})
        return error_answer(503, "Service Unavailable", obstacle, Why("not_ready", obstacle))

    async def show_metrics(self, _call: AdminCall) -> Answer:
        """Counters, for Prometheus."""
        return Answer(200, self._condition.media_type, self._condition.metrics())
