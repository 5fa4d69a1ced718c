"""A baseline written from a run: what was found, with reasons to be filled in by who accepts it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from billecta_verify.baseline.entries import Baseline, is_protected

if TYPE_CHECKING:
    from billecta_verify.reporting.model import Finding, Result

TERM: Final = timedelta(days=90)
"""How long a new entry holds, unless who accepts it says otherwise."""
_HEAD: Final = (
    "Known deviations, written by billecta-verify. Fill in each reason and look at each date of expiry: a baseline",
    "with an empty reason is refused.",
)


def written(result: Result, previous: Baseline | None, today: date, *, suffix: str, force: bool) -> str:
    """The text of a baseline with every finding of the result that one may cover; reasons of `previous` are kept."""
    known = {entry.kind: entry for entry in previous.entries} if previous else {}
    blocks = []
    for finding in coverable(result.findings, force=force):
        entry = known.get((finding.check, finding.fingerprint))
        reason = entry.reason if entry else ""
        expires = entry.expires if entry else today + TERM
        blocks.append(_block(finding, reason, expires, suffix))
    return "\n".join([*(f"# {line}" for line in _HEAD), *_body(blocks, suffix)]) + "\n"


def coverable(findings: Iterable[Finding], *, force: bool) -> list[Finding]:
    """The findings that a baseline may cover."""
    return [finding for finding in findings if force or not is_protected(finding.clause)]


def _body(blocks: list[str], suffix: str) -> Iterator[str]:
    if suffix == ".toml":
        yield "version = 1"
        yield from blocks or ["deviations = []"]
    else:
        yield "version: 1"
        yield "deviations:" if blocks else "deviations: []"
        yield from blocks


def _block(finding: Finding, reason: str, expires: date, suffix: str) -> str:
    members = {
        "check": _quoted(finding.check),
        "fingerprint": _quoted(finding.fingerprint),
        "clause": _quoted(finding.clause),
        "observed": _quoted(finding.observed),
        "reason": _quoted(reason),
        "expires": expires.isoformat(),
    }
    if suffix == ".toml":
        return "\n[[deviations]]\n" + "\n".join(f"{name} = {value}" for name, value in members.items())
    lines = [f"{name}: {value}" for name, value in members.items()]
    return "\n  - " + "\n    ".join(lines)


def _quoted(text: str) -> str:
    """The text in double quotes, as YAML and TOML both read it."""
    escaped = json.dumps(text, ensure_ascii=False)
    return "".join(letter if letter.isprintable() else f"\\U{ord(letter):08x}" for letter in escaped)
