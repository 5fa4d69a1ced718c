"""What happened in a world: one exchange per request, with the true reason of its answer and no secret in it."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from billecta_mock.domain.refusals import Why

_WHOLE_ENDS_FROM = 8


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
    why: Why
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
