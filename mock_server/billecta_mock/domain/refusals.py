"""Why a request was not done: what its caller is told, and what is really true.

The two differ by design: a masked answer says "not found" while the journal says which key was wrong.
"""

from dataclasses import dataclass
from enum import Enum

from billecta_mock.domain.reasons import Reason


class RefusalKind(Enum):
    """The kinds of refusal that the contract knows; the edge gives each its status."""

    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Why:
    """The true reason of an answer, for the journal: a stable code, a Reason or one of Swish, and one sentence."""

    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A request that is not done.

    `error` and `message` are what the caller may read where the kind shows a text of its own (SWISH-8);
    `why` is for the journal alone.
    """

    kind: RefusalKind
    why: Why
    error: str = ""
    message: str = ""


def not_found(code: Reason, sentence: str) -> Refusal:
    """The one refusal for a resource that is absent and for one that is hidden (MASK-4, PDF-3)."""
    return Refusal(RefusalKind.NOT_FOUND, Why(code, sentence))


def invalid(code: str, error: str, message: str) -> Refusal:
    """A refusal that its caller can mend; both texts are shown to it (SWISH-8)."""
    return Refusal(RefusalKind.INVALID, Why(code, message), error, message)
