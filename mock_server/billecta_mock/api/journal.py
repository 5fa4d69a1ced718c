"""What the journal is told of a request and its answer."""

import re
from functools import lru_cache
from time import perf_counter
from typing import Final

from starlette.types import Scope

from billecta_mock.api.context import RequestContext
from billecta_mock.domain.journal import ABANDONED, Exchange, mask
from billecta_mock.domain.problems import Problem
from billecta_mock.domain.validation import normalise_phone
from billecta_mock.http import ACCEPTED, Response
from billecta_mock.openapi.parameters import split_query

_LONGEST_PATH: Final = 1000
_LONGEST_VALUE: Final = 200
_PHONE: Final = re.compile(r"(?:\+|%2B|00)?46[0-9]{8,12}|0[1-9][0-9]{7,11}", re.IGNORECASE)
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z_-]{0,31}")


def describe(context: RequestContext, scope: Scope, answer: Response) -> Exchange:
    """The entry in the journal: no key in it that can be read, and no parameter but the message."""
    unheard = context.is_abandoned or (context.fault is not None and context.fault.ends_connection)
    said = answer.document if isinstance(answer.document, dict) and not unheard else {}
    parameters, phone = _describe_query(scope)
    path = scope["raw_path"][:_LONGEST_PATH].decode("latin-1")
    resource = context.resource and context.resource[:_LONGEST_VALUE]
    if answer.why is not ACCEPTED:
        keys = context.world.dataset.key_values
        path, resource = _hide(path, keys), resource and _hide(resource, keys)
    key = None if context.sent_key is None else _mask_key(context.sent_key)
    key_name = context.key.name if context.key else None
    status = None if unheard else answer.status
    seconds = perf_counter() - context.started
    request_id = _as_word(said.get("requestid")) or (resource if "requeststatus" in said else None)
    payment_status = _as_word(said.get("requeststatus"))
    retry_after = _read_retry_after(answer)
    marks = (*context.marks, ABANDONED) if context.is_abandoned else context.marks
    # By position: to name so many takes as long as all the rest of a journal's work on a request.
    return Exchange(
        context.now, scope["method"], path, parameters, context.operation_id, key, key_name, status, seconds,
        answer.why, phone, resource, request_id, payment_status, answer.media_type, len(answer.body), retry_after,
        marks,
    )  # fmt: skip


@lru_cache(maxsize=256)
def _hide(path: str, keys: frozenset[str]) -> str:
    """A path that led nowhere, or a part of one, without the keys and phone numbers that may have strayed into it."""
    parts = path.split("/")
    return "/".join([mask(part) if part in keys or _PHONE.fullmatch(part) else part for part in parts])


@lru_cache(maxsize=256)
def _mask_key(value: bytes) -> str:
    return mask(value.decode("latin-1"))


def _as_word(value: object) -> str | None:
    """What an answer said, where that is text, as the contract has it; under some defects it is anything else."""
    return value if isinstance(value, str) else None


def _read_retry_after(answer: Response) -> float | None:
    """For how many seconds an answer asks its caller to wait."""
    if not answer.headers:
        return None
    return next((float(value) for name, value in answer.headers if name == b"retry-after"), None)


def _describe_query(scope: Scope) -> tuple[dict[str, str], str | None]:
    """The parameters of a request, all but the message masked, and the phone number that was meant."""
    pairs = split_query(scope) if scope["query_string"] else ()
    if not pairs or isinstance(pairs, Problem):
        return {}, None
    texts = [(name, _as_text(value)) for name, value in pairs]
    phone = dict(reversed(texts)).get("phone")
    normal = None if phone is None else normalise_phone(phone)
    shown = {_describe_name(name): text if name == "message" else mask(text) for name, text in texts}
    return shown, phone if isinstance(normal, Problem) else normal


@lru_cache(maxsize=64)
def _describe_name(raw: str) -> str:
    """A name that looks like one; anything else may well be a value that went astray."""
    return raw if _NAME.fullmatch(raw) else "***"


def _as_text(raw: str) -> str:
    """Percent-decoded bytes as text for a reader, cut to a sensible length."""
    text = raw[:_LONGEST_VALUE]
    return text if text.isascii() else text.encode("latin-1").decode(errors="replace")
