"""report.json: the whole result as data, described by report.schema.json."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from billecta_verify.report.model import SCHEMA_VERSION, CheckResult, ClauseResult, Result

SCHEMA_FILE: Final = Path(__file__).with_name("report.schema.json")


def document(result: Result) -> dict[str, Any]:
    """The result as JSON-ready data."""
    return {
        "schema_version": SCHEMA_VERSION,
        "verdict": result.verdict.value,
        "interrupted": result.interrupted,
        "key_accepted": result.key_accepted,
        "cause": result.cause,
        "started": result.started,
        "seconds": round(result.seconds, 3),
        "seed": result.seed,
        "target": dict(result.target),
        "tools": dict(result.tools),
        "counts": asdict(result.counts),
        "clauses": [_clause(item) for item in result.clauses],
        "checks": [_check(item) for item in result.checks],
        "findings": [_plain(asdict(item)) for item in result.findings],
        "baseline": None if result.baseline is None else _plain(asdict(result.baseline)),
        "observed_profile": None if result.observed_profile is None else _plain(asdict(result.observed_profile)),
    }


def render(result: Result) -> str:
    """The text of report.json."""
    return json.dumps(document(result), indent=2, ensure_ascii=False) + "\n"


def _clause(item: ClauseResult) -> dict[str, Any]:
    return {
        "id": item.clause.id,
        "level": item.clause.level.value,
        "promise": item.clause.promise,
        "verdict": item.verdict.value,
        "known": item.is_known,
        "evidence": item.evidence,
        "checks": [check.id for check in item.checks],
    }


def _check(item: CheckResult) -> dict[str, Any]:
    members = asdict(item)
    del members["finding"]
    return {**members, "seconds": round(item.seconds, 3)}


def _plain(value: Any) -> Any:
    """The same with lists for tuples, however deep."""
    if isinstance(value, Mapping):
        return {name: _plain(member) for name, member in value.items()}
    return [_plain(member) for member in value] if isinstance(value, list | tuple) else value
