"""Rules for tests: how they are written, added and refused, and how a payment ends under them."""

from typing import Any

from .conftest import World

ORDINARY = "46701740620"


def declines(**members: Any) -> dict[str, Any]:
    return {"then": {"life": {"steps": [{"status": "Declined", "code": "RF07"}]}}, **members}


def refuses(code: str = "ACMT03", **members: Any) -> dict[str, Any]:
    return {"then": {"refuse": {"code": code}}, **members}


def add(world: World, rule: dict[str, Any], kind: str = "rules", **query: Any) -> dict[str, Any]:
    response = world.control("POST", f"/{kind}", json=rule, params=query)
    assert response.status_code == 201, response.text
    shown: dict[str, Any] = response.json()
    return shown


def error(world: World, rule: Any, kind: str = "rules") -> str:
    response = world.control("POST", f"/{kind}", json=rule)
    assert response.status_code == 400, response.text
    return str(response.json()["message"])


def ends(world: World, **options: str) -> str:
    """The status in which a new payment ends."""
    request_id = world.created(**options)
    world.advance(200)
    return world.read(request_id)
