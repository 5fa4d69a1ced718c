"""A seed file's YAML: the plain values in it, and the line on which each of them stands.

Only what JSON can say is read: dates stay text, `no` and `on` stay words, tags are refused. So a seed means the
same in a file and as the JSON body of a request.
"""

import re
from collections.abc import Iterator
from typing import Final

import yaml

from mock_server.seeds.errors import FlawError, Path

_LOADER: Final = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
_INTEGER: Final = re.compile(r"-?[0-9]+")
_NUMBER: Final = re.compile(r"-?[0-9]+\.[0-9]+(?:[eE][-+]?[0-9]+)?")
_WORDS: Final = {"": None, "~": None, "null": None, "true": True, "false": False}
_TAG: Final = "tag:yaml.org,2002:"
_PLAIN_TAGS: Final = frozenset(_TAG + name for name in ("str", "null", "bool", "int", "float", "timestamp"))
_CONTAINER_TAGS: Final = frozenset({_TAG + "map", _TAG + "seq"})
_LONGEST_INTEGER: Final = 40
_QUOTED: Final = frozenset("'\"|>")
_UNFINISHED: Final = object()


class YamlSource:
    """One YAML document, its values and their lines. Raises FlawError for a text that is not YAML."""

    def __init__(self, text: str) -> None:
        self._root = _composed(text)
        self._built: dict[yaml.Node, object] = {}

    @property
    def value(self) -> object:
        """What the document says, in dicts, lists, texts, numbers, booleans and None.

        Raises FlawError where it repeats a key or uses what JSON does not have.
        """
        return None if self._root is None else self._build(self._root, ())

    def line_of(self, path: Path) -> int:
        """The line of a place, or of the nearest thing around it, counted from 1."""
        node, line = self._root, 1 if self._root is None else _line(self._root)
        for step in path:
            node, line = _child(node, step, line)
        return line

    def _build(self, node: yaml.Node, path: Path) -> object:
        if node not in self._built:
            self._built[node] = _UNFINISHED
            self._built[node] = self._constructed(node, path)
        if self._built[node] is _UNFINISHED:
            raise FlawError(path, "an alias stands inside the thing that it names; write the value out")
        return self._built[node]

    def _constructed(self, node: yaml.Node, path: Path) -> object:
        if isinstance(node, yaml.ScalarNode):
            return _scalar(node, path)
        if node.tag not in _CONTAINER_TAGS:
            raise _tag_refused(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self._build(item, (*path, index)) for index, item in enumerate(node.value)]
        return {key: self._build(value, (*path, key)) for key, value in _members(node, path)}


def _composed(text: str) -> yaml.Node | None:
    try:
        return yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        problem = error.problem or "it cannot be read"
        raise FlawError(
            (), f"this is not YAML ({problem}, at line {line}); mend the indentation or quotes there"
        ) from None
    except (yaml.YAMLError, RecursionError) as error:
        raise FlawError((), f"this is not YAML ({' '.join(str(error).split())})") from None


def _members(node: yaml.Node, path: Path) -> Iterator[tuple[str, yaml.Node]]:
    seen: dict[str, int] = {}
    for key_node, value_node in node.value:
        key = _key(key_node, path)
        if key in seen:
            raise FlawError((*path, key), f"{key!r} stands here twice, first on line {seen[key]}; keep one of them")
        seen[key] = _line(key_node)
        yield key, value_node


def _key(node: yaml.Node, path: Path) -> str:
    if isinstance(node, yaml.ScalarNode) and node.tag in _PLAIN_TAGS:
        return str(node.value)
    raise FlawError(
        path, f"the name on line {_line(node)} is not a plain word; seeds use no merge keys or nested names"
    )


def _scalar(node: yaml.ScalarNode, path: Path) -> object:
    if node.tag not in _PLAIN_TAGS:
        raise _tag_refused(node, path)
    if node.style in _QUOTED:
        return node.value
    if node.value in _WORDS:
        return _WORDS[node.value]
    return _number(node.value, path)


def _number(text: str, path: Path) -> object:
    if len(text) > _LONGEST_INTEGER and _INTEGER.fullmatch(text):
        raise FlawError(path, f"a number of {len(text)} digits is too long; put it in quotes if it is a text")
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else text


def _tag_refused(node: yaml.Node, path: Path) -> FlawError:
    name = node.tag.removeprefix(_TAG)
    return FlawError(
        path, f"the YAML tag {name!r} is not allowed; seeds have only texts, numbers, booleans, lists and maps"
    )


def _child(node: yaml.Node | None, step: str | int, line: int) -> tuple[yaml.Node | None, int]:
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], _line(node.value[step])
    if isinstance(node, yaml.MappingNode):
        for key_node, value_node in reversed(node.value):
            if key_node.value == step:
                return value_node, _line(key_node)
    return None, line


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
