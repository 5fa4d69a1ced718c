"""Who is let in, and what those are shown who are not: one answer for each kind, so that masking cannot drift."""

from typing import Final

from starlette.types import Scope

from billecta_mock.api.context import RequestContext, get_context
from billecta_mock.domain.auth import ApiKey, authenticate, authorise
from billecta_mock.domain.problems import Problem, ProblemKind, Reason, ReasonCode, not_found
from billecta_mock.domain.world import Principal, disclose
from billecta_mock.http import KEY_HEADER, Response, error_response

_LONGEST_SHOWN: Final = 200
_CHALLENGE: Final = ((b"www-authenticate", b'ApiKey realm="limepkg-billecta-integration", in="header x-api-key"'),)
REFUSALS: Final = {
    ProblemKind.NOT_FOUND: error_response(404, "Not Found", "There is no such resource, or it is not yours to see"),
    ProblemKind.UNAUTHENTICATED: error_response(
        401, "Unauthorized", "Send a valid key in the x-api-key header", headers=_CHALLENGE
    ),
    ProblemKind.FORBIDDEN: error_response(
        403, "Forbidden", "The permission model denies this request to the user of this key"
    ),
}
"""One answer for each kind: every cause of a 404 gives the same bytes (MASK-2, MASK-4)."""


def admit(scope: Scope, operation_id: str) -> Principal | Problem:
    """Key, then policy."""
    context = get_context(scope)
    key = _authenticate(context, scope)
    if isinstance(key, Problem):
        return key
    return authorise(key, operation_id) or Principal(context.world, key, context.now)


def render(refusal: Problem, scope: Scope) -> Response:
    """What the caller is shown of a refusal; the answer carries the true reason to the journal."""
    kind = disclose(refusal, get_context(scope).world.settings.masking)
    if kind is ProblemKind.INVALID:
        return error_response(400, refusal.error, refusal.message, refusal.why)
    return REFUSALS[kind].with_reason(refusal.why)


def refuse_route(near: str | None, scope: Scope) -> Response:
    """What a path that the contract has answers to the same key, so that no key can feel its way (MASK-2).

    `near` is a path that would have been right.
    """
    end = "without the slash at its end" if near and not near.endswith("/") else "with a slash at its end"
    hint = f"; it has this one {end}" if near else ""
    unknown = not_found(ReasonCode.ROUTE_UNKNOWN, f"the contract has no such path{hint}")
    key = _authenticate(get_context(scope), scope)
    return render(key if isinstance(key, Problem) else unknown, scope).with_reason(unknown.why)


def refuse_method(allowed: tuple[str, ...], scope: Scope) -> Response:
    """405 for a caller with a valid key; who has none does not learn which worlds and paths there are (AUTH-5)."""
    key = _authenticate(get_context(scope), scope)
    if isinstance(key, Problem):
        return render(key, scope)
    methods = ", ".join(allowed)
    why = Reason(ReasonCode.METHOD_NOT_ALLOWED, f"the contract gives this path the methods {methods}")
    headers = ((b"allow", methods.encode()),)
    return error_response(405, "Method Not Allowed", f"This resource has the methods {methods}", why, headers=headers)


def _authenticate(context: RequestContext, scope: Scope) -> ApiKey | Problem:
    key = authenticate(context.world.dataset.key_ring, context.presented)
    if isinstance(key, ApiKey):
        context.key = key
    elif not context.presented and (place := _find_misplaced_key(scope)):
        sentence = f"no x-api-key header was sent; {place} is not where the key belongs"
        return Problem(key.kind, Reason(ReasonCode.KEY_MISPLACED, sentence))
    elif key.why.code == ReasonCode.KEY_UNKNOWN and not context.world.database:
        return Problem(key.kind, Reason(ReasonCode.WORLD_UNKNOWN, "there is no such world, so no key is valid in it"))
    elif key.why.code == ReasonCode.KEY_UNKNOWN and (
        near := context.world.dataset.near_keys.hint(context.presented[0])
    ):
        return Problem(key.kind, Reason(ReasonCode.KEY_UNKNOWN, f"{key.why.sentence}; {near}"))
    return key


def _find_misplaced_key(scope: Scope) -> str | None:
    """Where else a key may have been put, for the journal only."""
    headers = dict(scope["headers"])
    if KEY_HEADER in scope["query_string"].lower():
        return "the query string"
    if KEY_HEADER in headers.get(b"cookie", b"").lower():
        return "a cookie"
    return "the Authorization header" if b"authorization" in headers else None
