"""Who may do what: keys, policies (per operation) and object access (per invoice)."""

import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from billecta_mock.domain.reasons import Reason
from billecta_mock.domain.refusals import Refusal, RefusalKind, Why


@dataclass(frozen=True, slots=True)
class ApiKey:
    """One API user's key and what the permission model lets that user do.

    `operations` are the operation ids that policy allows; `invoices` are the ids of the invoices that the user
    may see, or None where object access hides none.
    """

    value: str
    name: str
    operations: frozenset[str]
    invoices: frozenset[str] | None = None

    def may_call(self, operation_id: str) -> bool:
        """Policy, the first layer: the kind of thing (PERM-1)."""
        return operation_id in self.operations

    def may_see(self, invoice_id: str) -> bool:
        """Object access, the second layer: this very thing (PDF-3)."""
        return self.invoices is None or invoice_id in self.invoices


_NO_KEY: Final[tuple[ApiKey | None, bytes]] = (None, b"")


class KeyRing:
    """The keys of one world, found in a time that tells nothing about them (AUTH-4, MASK-3).

    A dictionary finds them by their hash, which for bytes is SipHash under a secret of this process, so the time of
    the look-up depends neither on how much of a real key was guessed nor on how many keys there are.
    """

    __slots__ = ("_by_value",)

    def __init__(self, keys: Iterable[ApiKey]) -> None:
        self._by_value = {key.value.encode(): (key, key.value.encode()) for key in keys}

    def find(self, presented: bytes) -> ApiKey | None:
        """The key with exactly these bytes."""
        key, value = self._by_value.get(presented, _NO_KEY)
        return key if hmac.compare_digest(value, presented) else None


def authenticate(ring: KeyRing, presented: Sequence[bytes]) -> ApiKey | Refusal:
    """The user behind the `x-api-key` headers of a request, or why there is none (AUTH-1, AUTH-2).

    `presented` holds the value of each such header, as sent.
    """
    if not presented:
        return _MISSING
    if len(presented) > 1:
        return _REPEATED
    if not presented[0]:
        return _EMPTY
    return ring.find(presented[0]) or _UNKNOWN


def authorise(key: ApiKey, operation_id: str) -> Refusal | None:
    """What policy says against this call, if anything (PERM-1)."""
    if key.may_call(operation_id):
        return None
    sentence = f"the policy of key '{key.name}' does not allow {operation_id}"
    return Refusal(RefusalKind.FORBIDDEN, Why(Reason.POLICY_DENIED, sentence))


def _unauthenticated(code: Reason, sentence: str) -> Refusal:
    return Refusal(RefusalKind.UNAUTHENTICATED, Why(code, sentence))


_MISSING: Final = _unauthenticated(Reason.KEY_MISSING, "no x-api-key header was sent")
_REPEATED: Final = _unauthenticated(Reason.KEY_REPEATED, "the x-api-key header was sent more than once")
_EMPTY: Final = _unauthenticated(Reason.KEY_EMPTY, "the x-api-key header was empty")
_UNKNOWN: Final = _unauthenticated(Reason.KEY_UNKNOWN, "this world has no such key")
