"""Why a request was not done: what its caller is told, and what is really true.

The two differ by design: a masked answer says "not found" while the journal says which key was wrong.
"""

from dataclasses import dataclass
from enum import Enum, StrEnum


class ReasonCode(StrEnum):
    """A true reason, as the journal has it. The codes of Swish come besides: its own and those of a rule."""

    OK = "ok"
    WORLD_UNKNOWN = "world_unknown"
    ROUTE_UNKNOWN = "route_unknown"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    KEY_MISSING = "key_missing"
    KEY_EMPTY = "key_empty"
    KEY_UNKNOWN = "key_unknown"
    KEY_REPEATED = "key_repeated"
    KEY_MISPLACED = "key_misplaced"
    POLICY_DENIED = "policy_denied"
    PARAMETER_MISSING = "parameter_missing"
    PARAMETER_INVALID = "parameter_invalid"
    PARAMETER_TYPE = "parameter_type"
    PARAMETER_BLANK = "parameter_blank"
    PARAMETER_REPEATED = "parameter_repeated"
    PARAMETER_NOT_UTF8 = "parameter_not_utf8"
    PARAMETER_UNKNOWN = "parameter_unknown"
    QUERY_TOO_LONG = "query_too_long"
    BODY_MISSING = "body_missing"
    BODY_TOO_DEEP = "body_too_deep"
    BODY_INVALID = "body_invalid"
    BODY_CUT = "body_cut"
    BODY_TOO_LARGE = "body_too_large"
    BODY_NOT_JSON = "body_not_json"
    PREFERENCE_UNKNOWN = "preference_unknown"
    INVOICE_UNKNOWN = "invoice_unknown"
    INVOICE_HIDDEN = "invoice_hidden"
    DOCUMENT_MISSING = "document_missing"
    ACTION_UNKNOWN = "action_unknown"
    ACTION_HIDDEN = "action_hidden"
    ACTION_PAID = "action_paid"
    ACTION_CREDITED = "action_credited"
    ACTION_WITHOUT_AMOUNT = "action_without_amount"
    PAYMENT_UNKNOWN = "payment_unknown"
    PAYMENT_HIDDEN = "payment_hidden"
    CHOSEN = "chosen"
    FAULT = "fault"
    HANDLER_FAILED = "handler_failed"
    CONTRACT_BROKEN = "contract_broken"


class ProblemKind(Enum):
    """The kinds of refusal that the contract knows; the edge gives each its status."""

    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Reason:
    """The true reason of an answer, for the journal: a stable code, a Reason or one of Swish, and one sentence."""

    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A request that is not done.

    `error` and `message` are what the caller may read where the kind shows a text of its own (SWISH-8);
    `why` is for the journal alone.
    """

    kind: ProblemKind
    why: Reason
    error: str = ""
    message: str = ""


def not_found(code: ReasonCode, sentence: str) -> Problem:
    """The one refusal for a resource that is absent and for one that is hidden (MASK-4, PDF-3)."""
    return Problem(ProblemKind.NOT_FOUND, Reason(code, sentence))


def invalid(code: str, error: str, message: str) -> Problem:
    """A refusal that its caller can mend; both texts are shown to it (SWISH-8)."""
    return Problem(ProblemKind.INVALID, Reason(code, message), error, message)
