"""Keys, policies (per operation) and object access (per invoice), and which key was probably meant.

Which key was meant is found while the request is there, because the journal keeps no key.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Final

from billecta_mock.domain.problems import Problem, ProblemKind, Reason, ReasonCode

_LONGEST_COMPARED: Final = 256
_MOST_COMPARED: Final = 10
_MOST_REMEMBERED: Final = 64
_SHORTEST_PART: Final = 3
_QUOTES: Final = b"\"'`<>"
_OPENINGS: Final = (b"$", b"{{")
_SCHEMES: Final = (b"bearer ", b"basic ", b"apikey ", b"api-key ", b"token ", b"x-api-key:", b"x-api-key=")
_PLACEHOLDERS: Final = frozenset(
    {b"undefined", b"null", b"none", b"nil", b"nan", b"[object object]", b"your-api-key", b"your_api_key", b"api-key"}
)


class NearKeys:
    """The keys of one world, ready to be compared with one that it does not know. The first ten are compared."""

    def __init__(self, keys: Iterable[ApiKey]) -> None:
        values = [(key.name, key.value.encode()) for key in islice(keys, _MOST_COMPARED)]
        self._known = [(name, value, value.lower()) for name, value in values]
        # A client that has a wrong key sends it again and again.
        self._find = lru_cache(maxsize=_MOST_REMEMBERED)(self._find_mistake)

    def hint(self, presented: bytes) -> str | None:
        """What is wrong with a key, if a key of this world is near it.

        The sentence's part names the key and the mistake and has nothing of either value in it. Whatever the mistake,
        one of both values is then within the other but for its case: most are not, and are not looked at closely.
        """
        return self._find(presented[:_LONGEST_COMPARED])

    def _find_mistake(self, sent: bytes) -> str | None:
        lowered = sent.strip().lower()
        if lowered in _PLACEHOLDERS or lowered.startswith(_OPENINGS):
            return "a placeholder was sent that was not replaced"
        mistakes = (
            mistake(name)
            for name, value, known in self._known
            if known in lowered or lowered in known
            for is_meant, mistake in _MISTAKES
            if is_meant(sent, value)
        )
        return next(mistakes, None)


def _has_scheme(sent: bytes, key: bytes) -> bool:
    return any(sent.lower().startswith(scheme) and sent[len(scheme) :].strip() == key for scheme in _SCHEMES)


def _is_part(sent: bytes, key: bytes) -> bool:
    return len(sent) >= _SHORTEST_PART and sent != key and (key.startswith(sent) or key.endswith(sent))


def _has_more(sent: bytes, key: bytes) -> bool:
    return len(key) >= _SHORTEST_PART and sent != key and (sent.startswith(key) or sent.endswith(key))


_MISTAKES: Final[Sequence[tuple[Callable[[bytes, bytes], bool], Callable[[str], str]]]] = (
    (lambda sent, key: sent.strip() == key, "it is the key '{}' with white space around it".format),
    (lambda sent, key: sent.strip().strip(_QUOTES) == key, "it is the key '{}' in quotation marks or brackets".format),
    (_has_scheme, "it is the key '{}' behind a word such as Bearer; the header holds the key alone".format),
    (lambda sent, key: sent.lower() == key.lower(), "it is the key '{}' in another case".format),
    (_is_part, "it is a part of the key '{}'; it was cut off".format),
    (_has_more, "it is the key '{}' with more in front of it or behind it".format),
)


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


def authenticate(ring: KeyRing, presented: Sequence[bytes]) -> ApiKey | Problem:
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


def authorise(key: ApiKey, operation_id: str) -> Problem | None:
    """What policy says against this call, if anything (PERM-1)."""
    if key.may_call(operation_id):
        return None
    sentence = f"the policy of key '{key.name}' does not allow {operation_id}"
    return Problem(ProblemKind.FORBIDDEN, Reason(ReasonCode.POLICY_DENIED, sentence))


def _unauthenticated(code: ReasonCode, sentence: str) -> Problem:
    return Problem(ProblemKind.UNAUTHENTICATED, Reason(code, sentence))


_MISSING: Final = _unauthenticated(ReasonCode.KEY_MISSING, "no x-api-key header was sent")
_REPEATED: Final = _unauthenticated(ReasonCode.KEY_REPEATED, "the x-api-key header was sent more than once")
_EMPTY: Final = _unauthenticated(ReasonCode.KEY_EMPTY, "the x-api-key header was empty")
_UNKNOWN: Final = _unauthenticated(ReasonCode.KEY_UNKNOWN, "this world has no such key")
