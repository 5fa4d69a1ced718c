"""A result in the light of a baseline: what is known, what is new, and what of the baseline is out of date."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from billecta_verify.baseline.entries import Baseline, Entry, is_protected
from billecta_verify.reporting.model import BaselineNote, BaselineUse, CheckResult, Known, Outcome, Result, judged
from billecta_verify.reporting.text import harmless

if TYPE_CHECKING:
    from datetime import date


def with_baseline(result: Result, baseline: Baseline, today: date, *, force: bool) -> Result:
    """The same result, its findings marked as known where an entry that holds `today` covers them.

    A finding of authentication or masking is covered with `force` alone.
    """
    entries = {entry.kind: entry for entry in baseline.entries if entry.expires >= today}
    clauses = tuple(
        judged(item.clause, [_marked(check, entries, force=force) for check in item.checks]) for item in result.clauses
    )
    marked = replace(result, clauses=clauses)
    covered = [finding for finding in marked.findings if finding.known]
    use = BaselineUse(
        file=str(baseline.file),
        force=force,
        covered=len(covered),
        forced=sum(is_protected(finding.clause) for finding in covered),
        notes=tuple(_notes(marked, baseline, today)),
    )
    return replace(marked, baseline=use)


def _marked(check: CheckResult, entries: dict[tuple[str, str], Entry], *, force: bool) -> CheckResult:
    finding = check.finding
    if finding is None or (is_protected(finding.clause) and not force):
        return check
    entry = entries.get((finding.check, finding.fingerprint))
    if entry is None:
        return check
    return replace(check, finding=replace(finding, known=Known(harmless(entry.reason), entry.expires.isoformat())))


def _notes(result: Result, baseline: Baseline, today: date) -> Iterator[BaselineNote]:
    checks = {check.id: check for check in result.checks}
    for entry in baseline.entries:
        said = _said(entry, checks.get(entry.check), today)
        if said is not None:
            kind, text = said
            yield BaselineNote(kind, entry.check, entry.fingerprint, f"line {entry.line}: {text}")


def _said(entry: Entry, check: CheckResult | None, today: date) -> tuple[str, str] | None:
    """What is to be said of an entry; None where it holds and covers what was seen."""
    if check is None:
        text = (
            "this run had no such check; if that is neither for its profile nor for an interruption, remove the entry"
        )
        return "unknown check", text
    if check.outcome in {Outcome.INCONCLUSIVE, Outcome.NOT_EXERCISED}:
        return "not looked for", f"the check was {check.outcome.value}, so nothing is known of this deviation"
    if check.finding is None:
        return (
            "no longer seen",
            "the check passed: remove the entry, so that the deviation is not accepted when it returns",
        )
    if check.finding.fingerprint != entry.fingerprint:
        text = f"the check finds another deviation ({check.finding.fingerprint}), which is new: mend that, remove this"
        return "seen otherwise", text
    return _of_a_seen_one(entry, check, today)


def _of_a_seen_one(entry: Entry, check: CheckResult, today: date) -> tuple[str, str] | None:
    if entry.expires < today:
        text = (
            f"expired on {entry.expires.isoformat()}, so it counts again: mend it, or accept it anew with a later date"
        )
        return "expired", text
    if not check.is_known:
        text = f"{check.clause} is of authentication or masking, which no baseline covers without --force: it counts"
        return "not covered", text
    return None
