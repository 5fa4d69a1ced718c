"""Who is let in, and what those are shown who are not: one answer for each kind, so that masking cannot drift."""

from typing import Final

from starlette.types import Scope

from billecta_mock.api.context import Visit, visit_of
from billecta_mock.domain.auth import ApiKey, authenticate, authorise
from billecta_mock.domain.problems import Reason, Refusal, RefusalKind, Why, not_found
from billecta_mock.domain.world import Caller, disclose
from billecta_mock.http import KEY_HEADER, Answer, error_answer

_LONGEST_SHOWN: Final = 200
_CHALLENGE: Final = ((b"www-authenticate", b'ApiKey realm="limepkg-billecta-integration", in="header x-api-key"'),)
REFUSALS: Final = {
    RefusalKind.NOT_FOUND: error_answer(404, "Not Found", "There is no such resource, or it is not yours to see"),
    RefusalKind.UNAUTHENTICATED: error_answer(
        401, "Unauthorized", "Send a valid key in the x-api-key header", headers=_CHALLENGE
    ),
    RefusalKind.FORBIDDEN: error_answer(
        403, "Forbidden", "The permission model denies this request to the user of this key"
    ),
}
"""One answer for each kind: every cause of a 404 gives the same bytes (MASK-2, MASK-4)."""


def admit(scope: Scope, operation_id: str) -> Caller | Refusal:
    """Key, then policy."""
    visit = visit_of(scope)
    key = _authenticate(visit, scope)
    if isinstance(key, Refusal):
        return key
    return authorise(key, operation_id) or Caller(visit.world, key, visit.now)


def render(refusal: Refusal, scope: Scope) -> Answer:
    """What the caller is shown of a refusal; the answer carries the true reason to the journal."""
    kind = disclose(refusal, visit_of(scope).world.settings.masking)
    if kind is RefusalKind.INVALID:
        return error_answer(400, refusal.error, refusal.message, refusal.why)
    return REFUSALS[kind].because(refusal.why)


def refuse_route(near: str | None, scope: Scope) -> Answer:
    """What a path that the contract has answers to the same key, so that no key can feel its way (MASK-2).

    `near` is a path that would have been right.
    """
    end = "without the slash at its end" if near and not near.endswith("/") else "with a slash at its end"
    hint = f"; it has this one {end}" if near else ""
    unknown = not_found(Reason.ROUTE_UNKNOWN, f"the contract has no such path{hint}")
    key = _authenticate(visit_of(scope), scope)
    return render(key if isinstance(key, Refusal) else unknown, scope).because(unknown.why)


def refuse_method(allowed: tuple[str, ...], scope: Scope) -> Answer:
    """405 for a caller with a valid key; who has none does not learn which worlds and paths there are (AUTH-5)."""
    key = _authenticate(visit_of(scope), scope)
    if isinstance(key, Refusal):
        return render(key, scope)
    methods = ", ".join(allowed)
    why = Why(Reason.METHOD_NOT_ALLOWED, f"the contract gives this path the methods {methods}")
    headers = ((b"allow", methods.encode()),)
    return error_answer(405, "Method Not Allowed", f"This resource has the methods {methods}", why, headers=headers)


def _authenticate(visit: Visit, scope: Scope) -> ApiKey | Refusal:
    key = authenticate(visit.world.dataset.key_ring, visit.presented)
    if isinstance(key, ApiKey):
        visit.key = key
    elif not visit.presented and (place := _find_misplaced_key(scope)):
        sentence = f"no x-api-key header was sent; {place} is not where the key belongs"
        return Refusal(key.kind, Why(Reason.KEY_MISPLACED, sentence))
    elif key.why.code == Reason.KEY_UNKNOWN and not visit.world.database:
        return Refusal(key.kind, Why(Reason.WORLD_UNKNOWN, "there is no such world, so no key is valid in it"))
    elif key.why.code == Reason.KEY_UNKNOWN and (near := visit.world.dataset.near_keys.hint(visit.presented[0])):
        return Refusal(key.kind, Why(Reason.KEY_UNKNOWN, f"{key.why.sentence}; {near}"))
    return key


def _find_misplaced_key(scope: Scope) -> str | None:
    """Where else a key may have been put, for the journal only."""
    headers = dict(scope["headers"])
    if KEY_HEADER in scope["query_string"].lower():
        return "the query string"
    if KEY_HEADER in headers.get(b"cookie", b"").lower():
        return "a cookie"
    return "the Authorization header" if b"authorization" in headers else None
