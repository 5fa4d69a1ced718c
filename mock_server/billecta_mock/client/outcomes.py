"""What a rule does with a request, in words: `world.rules.add(refuses("ACMT03"), phone="46701740605")`."""

from collections.abc import Mapping
from typing import Any

from billecta_mock.client.forms import Status

Outcome = Mapping[str, Any]
"""What a rule does, as the control plane takes it: `life`, `refuse`, `respond` or `fault`, and `delay`."""


def pays(*, after_seconds: float | None = None, after_polls: int | None = None) -> Outcome:
    """The payer pays; when, is as the world's settings say where it is not given."""
    return ends("Paid", after_seconds=after_seconds, after_polls=after_polls)


def ends(
    status: Status, code: str | None = None, *, after_seconds: float | None = None, after_polls: int | None = None
) -> Outcome:
    """A new payment ends so, for the reason that a Swish code gives: `ends("Declined", "RF07")`."""
    step = {"status": status, "code": code, "after_seconds": after_seconds, "after_polls": after_polls}
    return {"life": {"steps": [{name: value for name, value in step.items() if value is not None}]}}


def never_answers(*, expire_after_seconds: float | None = None) -> Outcome:
    """The payer does nothing until the time of the payment is over: Error."""
    expiry = {} if expire_after_seconds is None else {"expire_after_seconds": expire_after_seconds}
    return {"life": {"steps": [], **expiry}}


def refuses(code: str, message: str | None = None) -> Outcome:
    """Swish refuses the create at once: 400 with this code."""
    return {"refuse": {"code": code, **({} if message is None else {"message": message})}}


def responds(status: int, *, example: str | None = None, body: Mapping[str, Any] | None = None) -> Outcome:
    """A response that the contract documents: its example, one of several by its name, or with a body of your own."""
    given = {"status": status, "example": example, "body": body}
    return {"respond": {name: value for name, value in given.items() if value is not None}}


def waits(seconds: float, then: Outcome | None = None) -> Outcome:
    """The answer, or that of another outcome, is held back, by the world's clock."""
    return {**(then or {}), "delay": {"type": "fixed", "seconds": seconds}}
