"""report.sarif: findings as SARIF 2.1.0, each at the line of the OpenAPI document that is violated."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final
from urllib.parse import urlsplit

import yaml

from billecta_spec import OPENAPI_FILE
from billecta_verify.reporting.model import Clause, Finding, Level, Outcome, Result
from billecta_verify.reporting.summary import name_of, warning_on

DOCUMENT: Final = "spec/billecta_spec/openapi.yaml"
"""The document as seen from the root of the repository."""

_CARRIER: Final = "x-clauses"


SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
VERSION: Final = "2.1.0"
_LEVELS: Final = {Level.DOCUMENTED: "error", Level.IMPLIED: "error", Level.ADVICE: "warning"}
_SEVERITIES: Final = {"AUTH": "9.1", "PERM": "8.1", "MASK": "5.3", "SEC": "5.3"}
"""What code scanning makes of a violation, as a CVSS base score: data of customers read by anybody; data or calls open
to a key that may not; the existence of a record, or the inside of a server, told to anybody."""
_PROGRAM: Final = "billecta-verify"
_LINK: Final = re.compile(r"([\\\[\]])")
"""In a plain message of SARIF, brackets make a link."""


@dataclass(frozen=True, slots=True)
class Place:
    """A line of the document, counted from 1, the JSON pointer of what begins there, and the operation around it."""

    line: int
    column: int
    pointer: str
    operation: str | None

    @property
    def words(self) -> str:
        """The place for a reader: `createSwishPayment, responses 400`."""
        parts = [part.replace("~1", "/") for part in self.pointer.split("/")[1:]]
        inner = parts[3:] if parts[0] == "paths" else parts
        named = " ".join(inner)
        return ", ".join(word for word in (self.operation, named) if word)


def place_of(clause: str, operation: str | None) -> Place:
    """The best place for a clause: within the operation that was asked, else the first that carries it."""
    found = places_of(clause)
    return next((place for place in found if place.operation == operation), found[0])


def places_of(clause: str) -> tuple[Place, ...]:
    """Every place that carries a clause, in the order of the document; its first line for one that none carries."""
    return _places().get(clause, (Place(1, 1, "", None),))


@cache
def _places() -> Mapping[str, tuple[Place, ...]]:
    root = yaml.compose(OPENAPI_FILE.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    found: defaultdict[str, list[Place]] = defaultdict(list)
    if root is None:
        return {}
    for clause, place in _walk(root, root, "", None):
        found[clause].append(place)
    return {clause: tuple(places) for clause, places in found.items()}


def _walk(node: yaml.Node, begins: yaml.Node, pointer: str, operation: str | None) -> Iterator[tuple[str, Place]]:
    """Every clause below a node with the place that carries it. `begins` is what stands where the node is named."""
    if isinstance(node, yaml.MappingNode):
        operation = _operation_id(node) or operation
        for key, value in node.value:
            if key.value == _CARRIER:
                place = Place(begins.start_mark.line + 1, begins.start_mark.column + 1, pointer, operation)
                yield from ((clause.value, place) for clause in value.value)
            else:
                yield from _walk(value, key, f"{pointer}/{_token(key.value)}", operation)
    elif isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            yield from _walk(item, item, f"{pointer}/{number}", operation)


def _operation_id(node: yaml.MappingNode) -> str | None:
    return next((value.value for key, value in node.value if key.value == "operationId"), None)


def _token(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


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
        "fullName": "Verify of the HTTP API of limepkg-billecta-integration",
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
    """What could not be verified is no result, but a reader has to know of it."""
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
