"""YAML and TOML as plain data, with the line on which each member stands, for errors that say where they are."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import yaml

Path_ = tuple[str | int, ...]

_TABLE: Final = re.compile(r"^\s*\[\[?\s*([\w.-]+)\s*\]\]?")
_KEY: Final = re.compile(r"^\s*([\w-]+)\s*=")


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
