"""Documented examples of responses, as answers that can be sent."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from billecta_mock.http import JSON, Answer, json_answer

_ONLY: Final = "example"
"""The name of an example that stands alone, without one."""


def compile_examples(status: int, content: Mapping[str, Any]) -> dict[str, Answer]:
    """The examples of a response by name, in the order of the document; of two with one name, the first."""
    found: dict[str, Answer] = {}
    for media_type, declared in content.items():
        for name, value in _examples(declared):
            found.setdefault(name, _as_answer(status, media_type, value))
    return found


def _examples(declared: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    if "example" in declared:
        yield _ONLY, declared["example"]
    for name, example in declared.get("examples", {}).items():
        if "value" in example:
            yield name, example["value"]


def _as_answer(status: int, media_type: str, value: Any) -> Answer:
    """For a range of media types the value tells which one is meant: a page begins with a tag."""
    if media_type == JSON or (media_type.startswith("*") and not isinstance(value, str)):
        return json_answer(status, value)
    concrete = "text/html" if media_type.startswith("*") else media_type
    return Answer(status, concrete, str(value).encode())
