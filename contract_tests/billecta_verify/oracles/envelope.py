"""Whether a body is the JSON that the page promises (HTTP-1, SWISH-8)."""

import json
from typing import Any, NoReturn

from billecta_verify.transport.exchange import Exchange


def json_flaw(exchange: Exchange) -> str | None:
    """Why the body is not valid UTF-8 JSON with a JSON media type; None where it is."""
    if not exchange.is_json:
        return f"there is {exchange.shown_media_type} in place of JSON"
    return json_body_flaw(exchange)


def json_body_flaw(exchange: Exchange) -> str | None:
    """Why the body, whatever its media type, is not valid UTF-8 JSON."""
    if exchange.broken:
        return f"the body is not whole: {exchange.broken}"
    try:
        text = exchange.body.decode("utf-8")
    except UnicodeDecodeError as error:
        return f"byte {error.start} of the body is not UTF-8"
    try:
        json.loads(text, parse_constant=_refuse_constant)
    except ValueError as error:
        return f"the body is not JSON ({error})" if text else "the body is empty"
    except RecursionError:
        return "the JSON is nested too deeply to be read"
    return None


def error_envelope_flaw(exchange: Exchange) -> str | None:
    """Why a 400 is not a JSON object with `error` and `message`, both strings; None where it is."""
    flaw = json_flaw(exchange)
    return flaw or _member_flaw(exchange.json(), "error") or _member_flaw(exchange.json(), "message")


def string_member_flaw(exchange: Exchange, name: str) -> str | None:
    """Why the body is not a JSON object with this member as a string."""
    return json_flaw(exchange) or _member_flaw(exchange.json(), name)


def _member_flaw(document: Any, name: str) -> str | None:
    if not isinstance(document, dict):
        return "the JSON is no object"
    if name not in document:
        return f"the object has no member `{name}`"
    return None if isinstance(document[name], str) else f"`{name}` is not a string"


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")
