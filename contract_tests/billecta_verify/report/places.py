"""Where a clause stands in the OpenAPI document: the line of the operation, parameter or response that carries it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

import yaml

from billecta_spec import OPENAPI_FILE

DOCUMENT: Final = "spec/billecta_spec/openapi.yaml"
"""The document as seen from the root of the repository."""

_CARRIER: Final = "x-clauses"


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
