"""What differs between two documents of report.json, as a list of changes in the order in which they matter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from billecta_verify.diff.profiles import Tolerance, profile_changes

VERDICT: Final = "verdict"
CLAUSE: Final = "clause"
FINDING: Final = "finding"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: what kind of thing, which one, how it was and how it is (None: it was not, or is no more)."""

    kind: str
    what: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """All changes from one report to another, and what has to be known to read them rightly."""

    changes: tuple[Change, ...]
    notes: tuple[str, ...] = field(default=())

    def document(self) -> dict[str, Any]:
        """The comparison as JSON-ready data."""
        return {
            "same": not self.changes,
            "changes": [asdict(change) for change in self.changes],
            "notes": list(self.notes),
        }


def compare(old: Mapping[str, Any], new: Mapping[str, Any], tolerance: Tolerance) -> Comparison:
    """Compare two documents of report.json."""
    changes = [*_verdicts(old, new), *_clauses(old, new), *_findings(old, new)]
    before, after = old.get("observed_profile"), new.get("observed_profile")
    if before and after:
        changes += [Change(*item) for item in profile_changes(before, after, tolerance)]
    return Comparison(tuple(changes), tuple(_notes(old, new)))


def _verdicts(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    if old["verdict"] != new["verdict"]:
        yield Change(VERDICT, "the whole", old["verdict"], new["verdict"])


def _clauses(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    before, after = ({item["id"]: _word(item) for item in report["clauses"]} for report in (old, new))
    for clause in dict.fromkeys([*before, *after]):
        if before.get(clause) != after.get(clause):
            yield Change(CLAUSE, clause, before.get(clause), after.get(clause))


def _word(clause: Mapping[str, Any]) -> str:
    return "known" if clause.get("known") else str(clause["verdict"])


def _findings(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    """A finding is another one as soon as it is of another kind; a check has one finding at most."""
    before, after = ({item["check"]: item for item in report["findings"]} for report in (old, new))
    for check in dict.fromkeys([*before, *after]):
        one, other = before.get(check), after.get(check)
        if _kind(one) != _kind(other):
            yield Change(FINDING, check, _observed(one), _observed(other))


def _kind(finding: Mapping[str, Any] | None) -> str | None:
    return None if finding is None else str(finding.get("fingerprint") or finding["observed"])


def _observed(finding: Mapping[str, Any] | None) -> str | None:
    return None if finding is None else f"{finding['clause']}: {finding['observed']}"


def _notes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    if not (old.get("observed_profile") and new.get("observed_profile")):
        yield "what was observed cannot be compared: one of the reports has no observed profile (version 1.2 has)"
    for name, version in old["tools"].items():
        if name == "lime-billecta-contract" and new["tools"].get(name) != version:
            yield f"judged by other versions of {name} ({version}, {new['tools'].get(name)}), which may look for more"
    missing = set(old["target"]["supplied"]) ^ set(new["target"]["supplied"])
    if missing:
        yield f"not both runs were given {', '.join(sorted(missing))}, so not the same was exercised"
    for name, report in (("old", old), ("new", new)):
        if report["interrupted"]:
            yield f"the {name} run was interrupted: what it did not reach is not exercised"
