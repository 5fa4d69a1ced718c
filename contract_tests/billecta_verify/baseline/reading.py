"""A baseline read from its file, in YAML or TOML, with one sentence for whatever is wrong in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final, NoReturn

import jsonschema_rs

from billecta_verify.baseline.entries import Baseline, Entry
from billecta_verify.baseline.places import DataError, Placed, from_toml, from_yaml
from billecta_verify.config.loader import UsageError, closest

SCHEMA_FILE: Final = Path(__file__).with_name("baseline.schema.json")
_READERS: Final[Mapping[str, Callable[[str], Placed]]] = {
    ".yaml": from_yaml,
    ".yml": from_yaml,
    ".toml": from_toml,
}
_RULES: Final = {
    "version": "must be 1",
    "deviations": "must be a list of entries, each with check, fingerprint, reason and expires",
    "check": "must be the name of a check as report.json has it, such as test_status.py::test_…",
    "fingerprint": "must be a fingerprint as report.json has it, such as 1-5e6fa3c0b1d94d6e8c7f",
    "reason": "is empty: say why the deviation is accepted, and what will end it",
    "expires": "must be a date such as 2027-01-31: the last day on which the deviation is accepted",
    "clause": "must be text",
    "observed": "must be text",
}


def read_baseline(file: Path) -> Baseline:
    """The baseline in a file. Raises UsageError with the place and line of what is wrong."""
    try:
        placed = _READERS[form_of(file)](_text(file))
    except DataError as error:
        _refuse(file, error.line, str(error))
    for flaw in _validator().iter_errors(placed.data):
        _refuse(file, *_said(placed, tuple(flaw.instance_path), flaw))
    entries = [_entry(file, placed, number, given) for number, given in enumerate(placed.data["deviations"])]
    _check_once(file, entries)
    return Baseline(file, tuple(entries))


def form_of(file: Path) -> str:
    """The suffix of the file, if it is one that a baseline may have."""
    suffix = file.suffix.lower()
    if suffix not in _READERS:
        raise UsageError(f"the baseline {file} must end in .yaml, .yml or .toml")
    return suffix


@cache
def _validator() -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UsageError(f"the baseline {file} does not exist: --write-baseline {file} makes one from a run") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the baseline {file} cannot be read: {type(error).__name__}") from error


def _said(placed: Placed, path: tuple[str | int, ...], error: jsonschema_rs.ValidationError) -> tuple[int, str]:
    """Where an error is, and what to do about it."""
    rule = error.schema_path[-1] if error.schema_path else ""
    names = [part for part in path if isinstance(part, str)]
    if rule in {"required", "additionalProperties"}:
        return placed.line(path), _wrong_members(_at(placed.data, path), in_entry=bool(path))
    if names and isinstance(path[-1], str):
        return placed.line(path), f"{names[-1]} {_RULES[names[-1]]}"
    what = "an entry must have check, fingerprint, reason and expires" if names else "the file must begin: version: 1"
    return placed.line(path), what


def _wrong_members(given: Mapping[str, Any], *, in_entry: bool) -> str:
    schema = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    if in_entry:
        schema = schema["properties"]["deviations"]["items"]
    unknown = sorted(set(given) - set(schema["properties"]))
    if unknown:
        close = closest(unknown[0], schema["properties"])
        return f"{unknown[0]} is not known" + (f": did you mean {close}?" if close else "")
    missing = next(name for name in schema["required"] if name not in given)
    return f"{missing} is missing; it {_RULES[missing]}".replace("it is empty: say", "must say")


def _at(data: Any, path: tuple[str | int, ...]) -> Any:
    for part in path:
        data = data[part]
    return data


def _entry(file: Path, placed: Placed, number: int, given: Mapping[str, str]) -> Entry:
    path = ("deviations", number)
    try:
        expires = date.fromisoformat(given["expires"])
    except ValueError:
        _refuse(file, placed.line((*path, "expires")), f"expires {_RULES['expires']}")
    return Entry(given["check"], given["fingerprint"], given["reason"].strip(), expires, placed.line(path))


def _check_once(file: Path, entries: list[Entry]) -> None:
    first: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        before = first.setdefault(entry.kind, entry)
        if before is not entry:
            _refuse(file, entry.line, f"this deviation stands already in line {before.line}")


def _refuse(file: Path, line: int, what: str) -> NoReturn:
    place = f"the baseline {file}, line {line}" if line else f"the baseline {file}"
    raise UsageError(f"{place}: {what}")
