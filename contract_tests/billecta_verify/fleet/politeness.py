"""Deployments behind one host share what it bears: their rates together stay what one deployment would get."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from billecta_verify.config.options import BY_NAME
from billecta_verify.config.target import REMOTE_RATE

if TYPE_CHECKING:
    from billecta_verify.fleet.members import Member


def polite(members: Sequence[Member], parallel: int) -> list[Member]:
    """The members, each with its part of the usual rate where others of the same host run at the same time.

    A rate that the user gives is his, and this machine itself needs none.
    """
    hosts = Counter(_host(member) for member in members)
    return [_slowed(member, min(parallel, hosts[_host(member)])) for member in members]


def _host(member: Member) -> str | None:
    target = member.configuration.target if member.configuration else None
    return None if target is None or target.is_loopback or target.rate is not None else target.origin[1]


def _slowed(member: Member, together: int) -> Member:
    if _host(member) is None or together == 1:
        return member
    rate = {BY_NAME["rate_limit"].variable: f"{REMOTE_RATE / together:g}"}
    return replace(member, variables={**member.variables, **rate})
