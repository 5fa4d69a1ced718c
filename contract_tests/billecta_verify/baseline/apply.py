"""A run with a baseline: read first, applied to what was found, written where that is asked for."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from billecta_verify.baseline.loader import Baseline, Entry, form_of, is_protected, read_baseline
from billecta_verify.config.errors import UsageError
from billecta_verify.config.loader import Configuration
from billecta_verify.reporting.model import (
    BaselineNote,
    BaselineUse,
    CheckResult,
    Finding,
    Known,
    Outcome,
    Result,
    judged,
)
from billecta_verify.reporting.text import plural, sanitize

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
    return replace(check, finding=replace(finding, known=Known(sanitize(entry.reason), entry.expires.isoformat())))


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
            f"expired on {entry.expires.isoformat()}, so it counts again: mend it, or accept it again with a later date"
        )
        return "expired", text
    if not check.is_known:
        text = f"{check.clause} is of authentication or masking, which no baseline covers without --force: it counts"
        return "not covered", text
    return None


@dataclass(frozen=True, slots=True)
class BaselineOfRun:
    """The baseline that a run is measured by (None: none), and the file to write one to (None: no file)."""

    baseline: Baseline | None
    to_write: Path | None
    force: bool
    today: date

    def applied(self, result: Result) -> Result:
        """The result with what is known marked as such."""
        return result if self.baseline is None else with_baseline(result, self.baseline, self.today, force=self.force)

    def write(self, result: Result) -> str | None:
        """Write the new baseline, if one is asked for; returns what to tell the user. Raises UsageError."""
        if self.to_write is None:
            return None
        suffix = form_of(self.to_write)
        text = written(result, self.baseline, self.today, suffix=suffix, force=self.force)
        try:
            self.to_write.write_text(text, encoding="utf-8")
        except OSError as error:
            raise UsageError(f"the baseline {self.to_write} cannot be written: {error.strerror}") from error
        return self._told(result)

    def _told(self, result: Result) -> str:
        taken = len(coverable(result.findings, force=self.force))
        told = f"{plural(taken, 'deviation')} written to {self.to_write}"
        if taken:
            told += "; fill in each reason, for a baseline with an empty one is refused"
        if left_out := len(result.findings) - taken:
            told += f"; {left_out} of authentication or masking left out, which only --force covers"
        elif self.force:
            told += "; --force: authentication and masking are not left out"
        return told


def baseline_of_run(configuration: Configuration) -> BaselineOfRun:
    """What the configuration says of baselines. Raises UsageError, before anything is sent."""
    baseline = None if configuration.baseline is None else read_baseline(configuration.baseline)
    to_write = configuration.write_baseline
    if to_write is not None:
        form_of(to_write)
        if to_write.exists() and to_write != configuration.baseline:
            raise UsageError(
                f"--write-baseline: {to_write} exists already; name another file, or give it as --baseline too, and "
                "what it says is kept"
            )
    if configuration.force and baseline is None and to_write is None:
        raise UsageError("--force says what a baseline may cover, and there is none: give --baseline FILE")
    return BaselineOfRun(baseline, to_write, configuration.force, datetime.now(UTC).date())
