"""What happened in a world: one entry per request, with the true reason of its answer, its tags, and no secret."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, NamedTuple

from billecta_mock.domain.actions import FaultKind
from billecta_mock.domain.problems import Reason

DELAY: Final = "delay"
ABANDONED: Final = "abandoned"
PREFER: Final = "prefer"
PREFER_UNUSED: Final = "prefer:unused"
GATEWAY_STATUSES: Final = (429, 500, 502, 503, 504)
"""What a gateway that refuses a request answers."""

_RULE: Final = "rule:"
_FAULT: Final = "fault:"
_DEFECT: Final = "defect:"
_FAULT_NAMES: Final = (
    *(kind.value for kind in FaultKind if kind is not FaultKind.STATUS),
    *map(str, GATEWAY_STATUSES),
)
FORMS: Final = (
    f"{_RULE}NAME",
    *(f"{_FAULT}{name}" for name in _FAULT_NAMES),
    DELAY,
    ABANDONED,
    PREFER,
    PREFER_UNUSED,
    f"{_DEFECT}NAME",
)
"""All marks that there are; NAME is that of a rule, of a fault, or of a defect."""


_WHOLE_ENDS_FROM = 8


def rule_tag(name: str) -> str:
    """The mark of a rule, or of a fault, that fired: by its name."""
    return f"{_RULE}{name}"


def fault_tag(name: str) -> str:
    """The mark of what happened to the answer: by the type of the fault, or the status of the gateway."""
    return f"{_FAULT}{name}"


def defect_tag(name: str) -> str:
    """The mark of a defect that was at work."""
    return f"{_DEFECT}{name}"


def can_be_marked(pattern: str) -> bool:
    """Whether any exchange can have a mark like this one, in which each `*` stands for any text."""
    head, star, _ = pattern.partition("*")
    if not star:
        return pattern in FORMS or any(pattern.startswith(form) and pattern != form for form in (_RULE, _DEFECT))
    return any(form.startswith(head) for form in FORMS) or head.startswith((_RULE, _DEFECT))


class Exchange(NamedTuple):
    """One request and its answer.

    `at` is by the world's clock, `seconds` the real time that the answer took. `operation` is None for a route that
    the contract does not have, `status` None where the connection ended without one. `key` and the phone number in
    `parameters` are masked before they come here; `phone` is not: it is there to be compared with, never shown.

    `resource` is the id in the path. `request_id` and `payment_status` are what the answer said of a payment,
    `retry_after` the seconds for which it asked its caller to wait. `marks` name what made the answer other than that
    of a plain deployment; the module `marks` has all that there are.
    """

    # A tuple: one is made for each request, and a frozen dataclass takes twice as long to make.

    at: datetime
    method: str
    path: str
    parameters: Mapping[str, str]
    operation: str | None
    key: str | None
    key_name: str | None
    status: int | None
    seconds: float
    why: Reason
    phone: str | None = None
    resource: str | None = None
    request_id: str | None = None
    payment_status: str | None = None
    media_type: str | None = None
    size: int = 0
    retry_after: float | None = None
    marks: tuple[str, ...] = ()


class Entry(NamedTuple):
    """An exchange as it stands in the journal of a world.

    `number` is its number there, 0 where there is no such world; `client` the address that the request came from.
    """

    database: str
    number: int
    client: str | None
    exchange: Exchange


def mask(secret: str) -> str:
    """A key or phone number that can be told from others but not read: a hint of each end, never its length."""
    ends = 2 if len(secret) >= _WHOLE_ENDS_FROM else 1
    return f"{secret[:ends]}***{secret[-ends:]}" if len(secret) > 2 * ends else "***"
