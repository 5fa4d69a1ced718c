"""The words in which a test says which requests it means, and when something shall happen: the control plane's own."""

from collections.abc import Mapping
from typing import Literal, TypedDict

Operation = Literal["fetchInvoicePdf", "createSwishPayment", "getSwishPayment"]
"""An operation id of the contract."""

FaultType = Literal[
    "CONNECTION_RESET_BY_PEER",
    "EMPTY_RESPONSE",
    "MALFORMED_RESPONSE_CHUNK",
    "RANDOM_DATA_THEN_CLOSE",
    "TRUNCATED_BODY",
    "CHUNKED_DRIBBLE",
    "STATUS",
]
"""What happens to an answer on the way."""

Status = Literal["Paid", "Declined", "Cancelled", "Error", "Refunded", "Unknown"]
"""What becomes of a payment."""

Decision = Literal["Paid", "Declined", "Cancelled", "Error", "Refunded"]
"""What a payer or the bank can decide."""


class RequestFilter(TypedDict, total=False):
    """Which requests are meant; all that is given must fit.

    `path` and `mark` take `*` for any text; `status` is a code, a class such as "4xx", or "none"; `key` is the name of
    a key; `since` and `until` are times of the world's clock, as RFC 3339 has them.
    """

    method: str
    path: str
    id: str
    status: int | str
    key: str
    phone: str
    message: str
    requeststatus: str
    why: str
    mark: str
    since: str
    until: str


class Match(TypedDict, total=False):
    """Which requests a rule or fault is for; all that is given must fit, nothing given fits every request."""

    operation: Operation
    method: str
    key: str
    id: str
    phone: str
    message: str | Mapping[str, str]


class Limits(TypedDict, total=False):
    """How a rule or fault is called, and how often and how long it comes true. Times are of the world's clock."""

    name: str
    description: str
    probability: float
    seed: int
    skip: int
    times: int
    start_after_seconds: float
    for_seconds: float


class RuleOptions(Match, Limits, total=False):
    """Everything about a rule but what it does."""


class FaultDetails(TypedDict, total=False):
    """More about a fault; which belongs to which type, the page on faults says.

    `status`, `retry_after` and `quota` are of STATUS, `kept` of TRUNCATED_BODY, `chunks` and `seconds` of
    CHUNKED_DRIBBLE; `handled` says whether the request is done all the same.
    """

    handled: bool
    status: int
    retry_after: float
    quota: Mapping[str, float]
    kept: float
    chunks: int
    seconds: float


class FaultOptions(RuleOptions, FaultDetails, total=False):
    """Everything about a fault but its type."""


class SettingsChange(TypedDict, total=False):
    """Settings of a world; those that are not named stay."""

    masking: Literal["404", "401", "mixed"]
    progression: Literal["time", "polls", "manual"]
    pay_after_seconds: float
    pay_after_polls: int
    expire_after_seconds: float
    one_live_request_per_phone: bool
    magic_values: bool
    prefer: bool
