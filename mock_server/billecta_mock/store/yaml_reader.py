"""A seed file's YAML: the plain values in it, and the line on which each of them stands.

Only what JSON can say is read: dates stay text, `no` and `on` stay words, tags are refused. So a seed means the
same in a file and as the JSON body of a request. The parser's events are read one by one, because its own way of
building a document has no bound on nesting.
"""

import re
from collections.abc import Iterator
from typing import Final

import yaml

from billecta_mock.store.seed_validation import Path, SeedSyntaxError, check_depth

_LOADER: Final = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
_INTEGER: Final = re.compile(r"-?[0-9]+")
_NUMBER: Final = re.compile(r"-?[0-9]+\.[0-9]+(?:[eE][-+]?[0-9]+)?")
_WORDS: Final = {"": None, "~": None, "null": None, "true": True, "false": False}
_LONGEST_INTEGER: Final = 40
_UNFINISHED: Final = object()
_Start = yaml.ScalarEvent | yaml.CollectionStartEvent


class YamlSource:
    """One YAML document: `value` is what it says, in dicts, lists, texts, numbers, booleans and None.

    Raises SeedSyntaxError where the text is not YAML, repeats a key or uses what JSON does not have; `line_of` then
    gives the lines of everything up to there.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._lines: dict[Path, int] = {(): 1}
        self._anchored: dict[str, object] = {}

    @property
    def value(self) -> object:
        """What the document says; None if it is empty."""
        events = self._events()
        first = next(events, None)
        value = None if first is None else self._read(first, events, ())
        if next(events, None) is not None:
            raise SeedSyntaxError((), "the file holds more than one document; keep one of them")
        return value

    def line_of(self, path: Path) -> int:
        """The line of a place, or of the nearest thing around it, counted from 1."""
        while path not in self._lines:
            path = path[:-1]
        return self._lines[path]

    def _read(self, event: yaml.Event, events: Iterator[yaml.Event], path: Path) -> object:
        check_depth(path)
        self._lines.setdefault(path, _line(event))
        if not isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent):
            return self._named(event, path)
        _refuse_tag(event, path)
        self._anchor(event, _UNFINISHED)
        value = self._constructed(event, events, path)
        self._anchor(event, value)
        return value

    def _constructed(self, event: _Start, events: Iterator[yaml.Event], path: Path) -> object:
        if isinstance(event, yaml.ScalarEvent):
            return _number_or_text(event.value, path) if event.implicit[0] else event.value
        return self._list(events, path) if isinstance(event, yaml.SequenceStartEvent) else self._map(events, path)

    def _list(self, events: Iterator[yaml.Event], path: Path) -> list[object]:
        items: list[object] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            items.append(self._read(event, events, (*path, len(items))))
        return items

    def _map(self, events: Iterator[yaml.Event], path: Path) -> dict[str, object]:
        members: dict[str, object] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            name = self._name(event, path, members)
            members[name] = self._read(next(events), events, (*path, name))
        return members

    def _name(self, event: yaml.Event, path: Path, members: dict[str, object]) -> str:
        if not isinstance(event, yaml.ScalarEvent) or event.tag or event.value == "<<":
            raise SeedSyntaxError(path, f"the name on line {_line(event)} is not a plain word; seeds use no merge keys")
        place = (*path, event.value)
        first, self._lines[place] = self._lines.get(place), _line(event)
        if event.value in members:
            raise SeedSyntaxError(place, f"{event.value!r} stands here twice, first on line {first}; keep one of them")
        return event.value

    def _anchor(self, event: _Start, value: object) -> None:
        if event.anchor is not None:
            self._anchored[event.anchor] = value

    def _named(self, alias: yaml.Event, path: Path) -> object:
        name = str(getattr(alias, "anchor", ""))
        if name not in self._anchored:
            raise SeedSyntaxError(path, f"there is no anchor {name!r} above for this alias; write the value out")
        value = self._anchored[name]
        if value is _UNFINISHED:
            raise SeedSyntaxError(path, "an alias stands inside the thing that it names; write the value out")
        return value

    def _events(self) -> Iterator[yaml.Event]:
        try:
            for event in yaml.parse(self._text, Loader=_LOADER):
                if isinstance(event, yaml.NodeEvent | yaml.CollectionEndEvent):
                    yield event
        except yaml.MarkedYAMLError as error:
            self._lines[()] = error.problem_mark.line + 1 if error.problem_mark else 1
            sentence = f"this is neither YAML nor JSON ({error.problem}); mend the indentation or quotes here"
            raise SeedSyntaxError((), sentence) from None
        except yaml.YAMLError as error:
            raise SeedSyntaxError((), f"this is neither YAML nor JSON ({' '.join(str(error).split())})") from None


def _refuse_tag(event: _Start, path: Path) -> None:
    if event.tag is not None:
        tag = event.tag.removeprefix("tag:yaml.org,2002:")
        raise SeedSyntaxError(path, f"the YAML tag {tag!r} is not allowed; write a plain text, number, list or map")


def _number_or_text(word: str, path: Path) -> object:
    if word in _WORDS:
        return _WORDS[word]
    if not _INTEGER.fullmatch(word):
        return float(word) if _NUMBER.fullmatch(word) else word
    if len(word) > _LONGEST_INTEGER:
        raise SeedSyntaxError(path, f"a number of {len(word)} digits is too long; put it in quotes if it is a text")
    return int(word)


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1
