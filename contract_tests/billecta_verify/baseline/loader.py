"""A baseline read from its file, in YAML or TOML, with the line in each error."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final, NoReturn

import jsonschema_rs
import yaml

from billecta_verify.config.errors import UsageError
from billecta_verify.config.loader import closest

PROTECTED: Final = ("AUTH-", "MASK-")
"""Clauses whose violation opens the deployment: what is found there is covered only by --force."""


Path_ = tuple[str | int, ...]
_TABLE: Final = re.compile(r"^\s*\[\[?\s*([\w.-]+)\s*\]\]?")
_KEY: Final = re.compile(r"^\s*([\w-]+)\s*=")
_RULES: Final = {
    "version": "must be 1",
    "deviations": "must be a list of entries, each with check, fingerprint, reason and expires",
    "check": "must be the name of a check as report.json has it, such as test_payment_status.py::test_…",
    "fingerprint": "must be a fingerprint as report.json has it, such as 1-5e6fa3c0b1d94d6e8c7f",
    "reason": "is empty: say why the deviation is accepted, and what will end it",
    "expires": "must be a date such as 2027-01-31: the last day on which the deviation is accepted",
    "clause": "must be text",
    "observed": "must be text",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A deviation that is accepted up to and with the day `expires` (UTC). `line` is where it stands in its file."""

    check: str
    fingerprint: str
    reason: str
    expires: date
    line: int

    @property
    def kind(self) -> tuple[str, str]:
        """What a finding must have in common with the entry."""
        return self.check, self.fingerprint


@dataclass(frozen=True, slots=True)
class Baseline:
    """A file of entries."""

    file: Path
    entries: tuple[Entry, ...]


def is_protected(clause: str) -> bool:
    """Whether a clause is one of authentication or masking."""
    return clause.startswith(PROTECTED)


class DataError(ValueError):
    """A text that cannot be read; it says why, and `line` where (0: unknown)."""

    def __init__(self, text: str, line: int) -> None:
        super().__init__(text)
        self.line = line


@dataclass(frozen=True, slots=True)
class Placed:
    """Data, and the lines of its members by their path."""

    data: Any
    lines: dict[Path_, int]

    def line(self, path: Path_) -> int:
        """The line of a member, or of what is nearest around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def from_yaml(text: str) -> Placed:
    """Read YAML. Raises DataError, also for a member that is given twice, and for aliases."""
    lines: dict[Path_, int] = {}
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent):
                raise DataError("aliases (*name) are not read here: write it out", _line_of(event.start_mark))
        loader = yaml.SafeLoader(text)
        try:
            node = loader.get_single_node()
            data = None if node is None else _from_node(loader, node, (), lines)
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        raise DataError(f"this is not YAML ({error.problem})", _line_of(error.problem_mark)) from error
    except (yaml.YAMLError, ValueError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"this is not YAML ({type(error).__name__})", 0) from error
    return Placed(data, lines)


def _line_of(mark: Any) -> int:
    return 0 if mark is None else mark.line + 1


def _from_node(loader: yaml.SafeLoader, node: yaml.Node, path: Path_, lines: dict[Path_, int]) -> Any:
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        return [_from_node(loader, item, (*path, number), lines) for number, item in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        return _mapping(loader, node, path, lines)
    return _plain(loader.construct_object(node))


def _mapping(loader: yaml.SafeLoader, node: yaml.MappingNode, path: Path_, lines: dict[Path_, int]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in node.value:
        name, line = str(key.value), key.start_mark.line + 1
        if name in found:
            raise DataError(f"{name} is given twice", line)
        lines[(*path, name)] = line
        found[name] = _from_node(loader, value, (*path, name), lines)
    return found


def from_toml(text: str) -> Placed:
    """Read TOML. Raises DataError."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        raise DataError(f"this is not TOML ({error})", int(found.group(1)) if found else 0) from error
    return Placed(_plain(data), dict(_toml_lines(text)))


def _toml_lines(text: str) -> Iterator[tuple[Path_, int]]:
    """Where tables begin and keys stand; tomllib does not tell. A key within a text of several lines may be one too."""
    table: Path_ = ()
    count: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _TABLE.match(line):
            name = header.group(1)
            table = (name, count.setdefault(name, 0)) if line.lstrip().startswith("[[") else (name,)
            count[name] = count.get(name, 0) + 1
            yield table, number
        elif key := _KEY.match(line):
            yield (*table, key.group(1)), number


def _plain(value: Any) -> Any:
    """The same with dates as text, as JSON has them."""
    if isinstance(value, dict):
        return {name: _plain(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_plain(member) for member in value]
    return value.isoformat() if isinstance(value, date) else value


SCHEMA_FILE: Final = Path(__file__).with_name("baseline.schema.json")
_READERS: Final[Mapping[str, Callable[[str], Placed]]] = {
    ".yaml": from_yaml,
    ".yml": from_yaml,
    ".toml": from_toml,
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
