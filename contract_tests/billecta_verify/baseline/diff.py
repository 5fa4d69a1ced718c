"""What changed between two results, in what they promise and in how they look, and how a terminal shows it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from http import HTTPStatus
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import jsonschema_rs
from rich.text import Text

from billecta_verify.config.errors import UsageError
from billecta_verify.reporting.files import SCHEMA_FILE
from billecta_verify.reporting.model import SCHEMA_VERSION
from billecta_verify.reporting.text import lines, plural

_Row = Mapping[str, Any]
_Difference = tuple[str, str, str | None, str | None]
"""Kind, what, old, new."""

DEFAULT_FACTOR: Final = 3.0
DEFAULT_FLOOR_MS: Final = 100.0
_ENOUGH: Final = {"median_ms": 5, "p95_ms": 20}
"""So many answers on both sides make a figure worth comparing."""
_ENOUGH_TO_BE_STEADY: Final = 20
"""So many answers in a row have a header by chance less often than once in a million, if every other answer has it."""
_BY_CHANCE: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS})
"""What depends on who else asks at the time."""


VERDICT: Final = "verdict"
CLAUSE: Final = "clause"
FINDING: Final = "finding"
_NAME = "report.json"


@dataclass(frozen=True, slots=True)
class Tolerance:
    """A time has changed when it is more than `factor` times the other and more than `floor_ms` away from it."""

    factor: float = DEFAULT_FACTOR
    floor_ms: float = DEFAULT_FLOOR_MS
    ignores_times: bool = False

    def exceeded(self, one: float, other: float) -> bool:
        """Whether two times in milliseconds differ by more than that."""
        low, high = sorted((one, other))
        return not self.ignores_times and high > low * self.factor and high - low > self.floor_ms


def profile_changes(old: Mapping[str, Any], new: Mapping[str, Any], tolerance: Tolerance) -> Iterator[_Difference]:
    """Each difference between two members `observed_profile` of report.json."""
    yield from _words("status words", "requeststatus", old["status_words"], new["status_words"])
    yield from _words("id form", "requestid", old["request_id_forms"], new["request_id_forms"])
    before, after = _by_kind(old), _by_kind(new)
    yield from _statuses(before, after)
    volatile = _volatile(before) | _volatile(after)
    differences = [
        difference
        for kind in sorted(before.keys() & after.keys())
        for difference in _of_one_kind(" ".join(map(str, kind)), before[kind], after[kind], tolerance, volatile)
    ]
    yield from sorted(differences, key=lambda difference: difference[0])


def _by_kind(profile: Mapping[str, Any]) -> dict[tuple[str, str, int], _Row]:
    rows = profile["answers"]
    return {(row["operation"], row["method"], row["status"]): row for row in rows if row["status"] not in _BY_CHANCE}


def _statuses(before: Mapping[Any, _Row], after: Mapping[Any, _Row]) -> Iterator[_Difference]:
    """Which statuses an operation answers with a method. A method that one run alone has sent says nothing."""
    for operation, method in sorted({kind[:2] for kind in before} & {kind[:2] for kind in after}):
        seen = [
            sorted(str(status) for *asked, status in rows if asked == [operation, method]) for rows in (before, after)
        ]
        yield from _words("statuses", f"{operation} {method}", *seen)


def _volatile(rows: Mapping[Any, _Row]) -> set[str]:
    """Headers that come and go: of few answers it says nothing that they have one."""
    return {name for row in rows.values() for name in row["other_headers"]}


def _of_one_kind(
    what: str, one: _Row, other: _Row, tolerance: Tolerance, volatile: Collection[str]
) -> Iterator[_Difference]:
    yield from _words("media types", what, one["media_types"], other["media_types"])
    yield from _words("members", what, one["members"], other["members"])
    counts = one["latency"]["count"], other["latency"]["count"]
    doubtful = set(volatile) if min(counts) < _ENOUGH_TO_BE_STEADY else set()
    gone = sorted(set(one["headers"]) - set(other["headers"]) - set(other["other_headers"]) - doubtful)
    come = sorted(set(other["headers"]) - set(one["headers"]) - set(one["other_headers"]) - doubtful)
    if gone or come:
        yield "headers", what, ", ".join(gone) or None, ", ".join(come) or None
    for figure, enough in _ENOUGH.items():
        before, after = one["latency"][figure], other["latency"][figure]
        if min(counts) >= enough and tolerance.exceeded(before, after):
            yield "latency", f"{what} {figure.removesuffix('_ms')}", f"{before:g} ms", f"{after:g} ms"


def _words(kind: str, what: str, old: Sequence[str], new: Sequence[str]) -> Iterator[_Difference]:
    """Two sets of words. Where one run saw none at all, it did not look."""
    if old and new and set(old) != set(new):
        yield kind, what, ", ".join(sorted(old)), ", ".join(sorted(new))


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: what kind of thing, which one, how it was and how it is (None: it was not, or is no more)."""

    kind: str
    what: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class ReportComparison:
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


def compare(old: Mapping[str, Any], new: Mapping[str, Any], tolerance: Tolerance) -> ReportComparison:
    """Compare two documents of report.json."""
    changes = [*_verdicts(old, new), *_clauses(old, new), *_findings(old, new)]
    before, after = old.get("observed_profile"), new.get("observed_profile")
    if before and after:
        changes += [Change(*item) for item in profile_changes(before, after, tolerance)]
    return ReportComparison(tuple(changes), tuple(_notes(old, new)))


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
            yield f"verified by other versions of {name} ({version}, {new['tools'].get(name)}), which may look for more"
    missing = set(old["target"]["supplied"]) ^ set(new["target"]["supplied"])
    if missing:
        yield f"not both runs were given {', '.join(sorted(missing))}, so not the same was exercised"
    for name, report in (("old", old), ("new", new)):
        if report["interrupted"]:
            yield f"the {name} run was interrupted: what it did not reach is not exercised"


def read_report(path: Path) -> dict[str, Any]:
    """The document in a file, or in the report.json of a directory. Raises UsageError."""
    file = path / _NAME if path.is_dir() else path
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(f"the report {file} does not exist: --report-dir DIR writes one") from None
    except OSError as error:
        raise UsageError(f"the report {file} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"the report {file} is not JSON: give a report.json of billecta-verify") from error
    _check(file, document)
    found: dict[str, Any] = document
    return found


def _check(file: Path, document: Any) -> None:
    version = document.get("schema_version") if isinstance(document, dict) else None
    if not isinstance(version, str):
        raise UsageError(f"the report {file} is no report.json of billecta-verify: it has no schema_version")
    if version != SCHEMA_VERSION:
        raise UsageError(
            f"the report {file} is of version {version[:10]}, and this program compares reports of version "
            f"{SCHEMA_VERSION}: verify again"
        )
    flaw = next(_validator().iter_errors(document), None)
    if flaw is not None:
        place = "/".join(map(str, flaw.instance_path)) or "the whole"
        raise UsageError(f"the report {file} is damaged: {place} is not as report.schema.json has it")


@cache
def _validator() -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))


def difference_blocks(comparison: ReportComparison, names: tuple[str, str], width: int) -> Iterator[Text]:
    """The changes by kind, then what has to be known of them, then how many there are."""
    yield Text(f"from {names[0]} to {names[1]}")
    for kind, changes in groupby(comparison.changes, key=lambda change: change.kind):
        yield Text(f"\n{kind}", "bold")
        for change in changes:
            yield Text("  " + lines(_told(change), width - 4, indent="    "), _style(change))
    for note in comparison.notes:
        yield Text("\n" + lines(f"note: {note}", width), "yellow")
    yield Text("\n" + (plural(len(comparison.changes), "change") if comparison.changes else "the same"), "bold")


def _told(change: Change) -> str:
    if change.old is None:
        return f"{change.what}: new: {change.new}"
    if change.new is None:
        return f"{change.what}: gone: {change.old}"
    return f"{change.what}: {change.old} → {change.new}"


def _style(change: Change) -> str:
    if change.kind in {"verdict", "clause"}:
        return {"failed": "red", "does not conform": "red", "passed": "green", "conforms": "green"}.get(
            change.new or "", ""
        )
    if change.kind == "finding":
        return "green" if change.new is None else "red"
    return ""
