"""report.sarif: findings as SARIF 2.1.0, each at the line of the OpenAPI document that is violated."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from billecta_verify.report.curl import warning_on
from billecta_verify.report.groups import name_of
from billecta_verify.report.model import Clause, Finding, Level, Outcome, Result
from billecta_verify.report.places import DOCUMENT, Place, place_of, places_of

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
VERSION: Final = "2.1.0"

_LEVELS: Final = {Level.DOCUMENTED: "error", Level.IMPLIED: "error", Level.ADVICE: "warning"}
_SEVERITIES: Final = {"AUTH": "9.1", "PERM": "8.1", "MASK": "5.3", "SEC": "5.3"}
"""What code scanning makes of a violation, as a CVSS base score: data of customers read by anybody; data or calls open
to a key that may not; the existence of a record, or the inside of a server, told to anybody."""
_PROGRAM: Final = "billecta-verify"
_LINK: Final = re.compile(r"([\\\[\]])")
"""In a plain message of SARIF, brackets make a link."""


def render(result: Result) -> str:
    """The text of report.sarif."""
    return json.dumps(document(result), indent=2, ensure_ascii=False) + "\n"


def document(result: Result) -> dict[str, Any]:
    """The result as a SARIF log with one run."""
    return {"$schema": SCHEMA, "version": VERSION, "runs": [_run(result)]}


def _run(result: Result) -> dict[str, Any]:
    numbers = {item.clause.id: number for number, item in enumerate(result.clauses)}
    base_url = str(result.target["base_url"])
    parts = urlsplit(base_url)
    return {
        "tool": {"driver": _driver(result)},
        "automationDetails": {"id": f"{_PROGRAM}/{parts.netloc}{parts.path}/"},
        "invocations": [_invocation(result)],
        "columnKind": "unicodeCodePoints",
        "results": [_finding(finding, numbers) for finding in result.findings],
        "properties": {"verdict": result.verdict.value, "baseUrl": base_url, "seed": result.seed},
    }


def _driver(result: Result) -> dict[str, Any]:
    version = result.tools.get("lime-billecta-contract")
    return {
        "name": _PROGRAM,
        "fullName": "Judge of the HTTP API of limepkg-billecta-integration",
        **({"version": version} if version else {}),
        "rules": [_rule(item.clause) for item in result.clauses],
    }


def _rule(clause: Clause) -> dict[str, Any]:
    area = clause.id.partition("-")[0]
    severity = {"security-severity": _SEVERITIES[area]} if area in _SEVERITIES else {}
    return {
        "id": clause.id,
        "shortDescription": {"text": _plain(clause.promise)},
        "fullDescription": {"text": _plain(clause.promise)},
        "defaultConfiguration": {"level": _LEVELS[clause.level]},
        "help": {"text": _help(clause), "markdown": _help_in_markdown(clause)},
        "properties": {
            "tags": [clause.level.value, *(["security"] if severity else [])],
            "precision": "very-high",
            **severity,
        },
    }


def _help(clause: Clause) -> str:
    lines = [clause.promise, *(f"The page: “{words}”" for words in clause.rests_on)]
    return _plain("\n".join([*lines, *([f"Inferred: {clause.reason}"] if clause.reason else [])]))


def _help_in_markdown(clause: Clause) -> str:
    """Clauses are our own words, but they hold braces, brackets and stars that Markdown would take for its own."""
    quotes = [f"> {_marked(words)}" for words in clause.rests_on]
    inferred = [_marked(f"Inferred: {clause.reason}")] if clause.reason else []
    return "\n\n".join([f"**{clause.id}** ({clause.level.value}): {_marked(clause.promise)}", *quotes, *inferred])


def _marked(text: str) -> str:
    return re.sub(r"([\\`*_\[\]<>#|])", r"\\\1", text)


def _finding(finding: Finding, numbers: dict[str, int]) -> dict[str, Any]:
    best = place_of(finding.clause, finding.operation)
    others = [place for place in places_of(finding.clause) if place != best]
    accepted = finding.known
    return {
        "ruleId": finding.clause,
        "ruleIndex": numbers[finding.clause],
        "kind": "fail",
        "level": _LEVELS[finding.level],
        "message": {"text": _plain(_message(finding))},
        "locations": [_location(best)],
        **({"relatedLocations": [_related(place, number) for number, place in enumerate(others, 1)]} if others else {}),
        "partialFingerprints": {"billectaDeviation/v1": finding.fingerprint, **_line_hash(finding)},
        **({"suppressions": [{"kind": "external", "justification": _plain(accepted.reason)}]} if accepted else {}),
        "properties": {"check": finding.check, "level": finding.level.value, "repeat": finding.curl},
    }


def _line_hash(finding: Finding) -> dict[str, str]:
    """What GitHub tells alerts apart by: without it all findings of a clause would be one, for their line is one."""
    return {"primaryLocationLineHash": f"{finding.fingerprint}:1"}


def _message(finding: Finding) -> str:
    said = f"{finding.clause}: {name_of(finding)}. Expected {finding.expected}; observed {finding.observed}."
    warning = f" ({warning_on(finding)})" if warning_on(finding) else ""
    return f"{said} Repeat{warning}: {finding.curl}" if finding.curl else said


def _location(place: Place) -> dict[str, Any]:
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": DOCUMENT, "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": place.line, "startColumn": place.column},
        },
        "logicalLocations": [{"fullyQualifiedName": f"#{place.pointer}"}],
    }


def _related(place: Place, number: int) -> dict[str, Any]:
    return {"id": number, **_location(place), "message": {"text": _plain(f"also promised by {place.words}")}}


def _invocation(result: Result) -> dict[str, Any]:
    began = datetime.fromisoformat(result.started)
    ended = (began + timedelta(seconds=result.seconds)).isoformat(timespec="seconds").replace("+00:00", "Z")
    return {
        "executionSuccessful": not result.interrupted,
        "startTimeUtc": result.started,
        "endTimeUtc": ended,
        "toolExecutionNotifications": _notifications(result),
    }


def _notifications(result: Result) -> list[dict[str, Any]]:
    """What could not be judged is no result, but a reader has to know of it."""
    cause = [{"level": "error", "message": {"text": _plain(result.cause)}}] if result.cause else []
    unknown = [
        {
            "level": "warning",
            "message": {"text": _plain(f"{check.clause}: {check.title}: inconclusive: {check.reason}")},
            "associatedRule": {"id": check.clause},
        }
        for check in result.checks
        if check.outcome is Outcome.INCONCLUSIVE
    ]
    return cause + unknown


def _plain(text: str) -> str:
    return _LINK.sub(r"\\\1", text)
