"""One request under way."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from time import perf_counter
from typing import Any, Final

from billecta_mock.domain.actions import CannedResponse, Fault
from billecta_mock.domain.auth import ApiKey
from billecta_mock.domain.world import World
from billecta_mock.http import KEY_HEADER

_SCOPE_KEY: Final = "billecta_mock.visit"


@dataclass(slots=True)
class RequestContext:
    """What is known so far of one request, for its handler and for the journal.

    `presented` holds the value of each `x-api-key` header as it is verified, `sent_key` the first as it was sent: they
    differ under some defects. `marks` are those of the journal. `fault`, `delay` (seconds of the world's clock) and
    `response` are what the script of the world has in store for the answer, `retry_after` goes with the fault.
    `is_abandoned` says that the client hung up before its answer.
    """

    world: World
    now: datetime
    presented: list[bytes]
    sent_key: bytes | None
    operation_id: str | None = None
    resource: str | None = None
    key: ApiKey | None = None
    marks: tuple[str, ...] = ()
    fault: Fault | None = None
    retry_after: float | None = None
    delay: float = 0.0
    response: CannedResponse | None = None
    is_abandoned: bool = False
    started: float = field(default_factory=perf_counter)


def attach(context: RequestContext, scope: Any) -> None:
    """Let whoever has the scope of this request find its visit."""
    scope[_SCOPE_KEY] = context


def get_context(scope: Mapping[str, Any]) -> RequestContext:
    """The visit that is under way in this scope."""
    context: RequestContext = scope[_SCOPE_KEY]
    return context


def find_header(scope: Mapping[str, Any], wanted: bytes) -> bytes | None:
    """The value of the first header of this name, in lower case."""
    by_name: dict[bytes, bytes] = dict(reversed(scope["headers"]))
    return by_name.get(wanted)


def find_keys(headers: list[tuple[bytes, bytes]]) -> list[bytes]:
    """The value of each `x-api-key` header; ASGI gives names in lower case (AUTH-3)."""
    by_name = dict(headers)
    if len(by_name) < len(headers):
        return [value for name, value in headers if name == KEY_HEADER]
    return [by_name[KEY_HEADER]] if KEY_HEADER in by_name else []
