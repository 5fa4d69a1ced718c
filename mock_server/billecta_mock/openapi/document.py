"""The contract's document: the one that ships with the mock, or a user's variant of it from a file."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import yaml
from jsonschema.exceptions import ValidationError

import billecta_spec
from billecta_mock.openapi.schemas import UnsupportedSpecError

_LONGEST_COMPLAINT: Final = 300


class SpecFileError(ValueError):
    """A file of `--spec-file` that cannot be served. The text is one sentence: which file, where in it, and why."""


def load_contract(file: Path | None) -> dict[str, Any]:
    """The OpenAPI document of this file, or the shipped one; references not resolved. Raises SpecFileError."""
    if file is None:
        return billecta_spec.load_openapi()
    document = _as_json(_parse(_read(file), file), file)
    if not isinstance(document, dict):
        raise SpecFileError(f"{file}: an OpenAPI document is an object; this is none")
    if not isinstance(document.get("openapi"), str) or not document["openapi"].startswith("3.0."):
        raise SpecFileError(f"{file}: /openapi: the version must be there, and be 3.0.0 to 3.0.4")
    for place, target in _references(document, ""):
        _check_reference(document, place, target, file)
    return document


@contextmanager
def as_complaint_of(file: Path | None) -> Iterator[None]:
    """While a document is compiled: whatever is wrong with one that came from a file becomes a SpecFileError.

    What is wrong with the shipped one is a mistake of ours, and is raised as it is.
    """
    try:
        yield
    except (UnsupportedSpecError, LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        if file is None:
            raise
        # Connexion trips over what OpenAPI forbids in words, but not in its schema.
        raise SpecFileError(f"{file}: {_explain(error)}") from error


def _explain(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "a schema that refers to itself is not supported; take it out of the document"
    if not isinstance(error, UnsupportedSpecError):
        return f"this document cannot be served: {type(error).__name__}: {' '.join(str(error).split())}"
    if not isinstance(error.__cause__, ValidationError):
        return str(error)
    flaw = _deepest(error.__cause__)
    place = "".join(f"/{_escape(str(step))}" for step in flaw.absolute_path)
    return f"{place or 'at its root'}: {' '.join(flaw.message.split())[:_LONGEST_COMPLAINT]}"


def _read(file: Path) -> str:
    if file.exists() and not file.is_file():
        raise SpecFileError(f"{file}: this is no regular file; name an OpenAPI document in YAML or JSON")
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise SpecFileError(f"{file}: byte {error.start} is not UTF-8; save the file as UTF-8") from None
    except OSError as error:
        raise SpecFileError(f"{file}: the spec file cannot be read: {error.strerror}") from None


def _parse(text: str, file: Path) -> Any:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return yaml.load(text, Loader=loader)  # noqa: S506 — a safe loader, see above
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise SpecFileError(f"{file}{line}: this is not YAML: {error.problem}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise SpecFileError(f"{file}: this is not YAML: {' '.join(str(error).split())}") from None


def _deepest(flaw: ValidationError) -> ValidationError:
    """Of the reasons why none of several schemas fits, the one furthest inside: it is about what was meant."""
    while flaw.context:
        flaw = max(flaw.context, key=lambda each: len(each.absolute_path))
    return flaw


def _as_json(document: Any, file: Path) -> Any:
    """The document as if it had been JSON, which is what OpenAPI means: keys are text, and so are dates."""
    try:
        return json.loads(json.dumps(document, default=str))
    except (TypeError, ValueError, RecursionError):
        raise SpecFileError(f"{file}: this is no JSON document in YAML; an alias may lead back to itself") from None


def _references(node: Any, place: str) -> Iterator[tuple[str, str]]:
    """Each reference of a document, with its place."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield f"{place}/$ref", node["$ref"]
        for name, each in node.items():
            yield from _references(each, f"{place}/{_escape(name)}")
    elif isinstance(node, list):
        for index, each in enumerate(node):
            yield from _references(each, f"{place}/{index}")


def _check_reference(document: Any, place: str, target: str, file: Path) -> None:
    if not target.startswith("#/"):
        raise SpecFileError(f"{file}: {place}: '{target}' leads out of the document, which is not supported")
    node = document
    for step in target.removeprefix("#/").split("/"):
        name = step.replace("~1", "/").replace("~0", "~")
        if not isinstance(node, dict) or name not in node:
            raise SpecFileError(f"{file}: {place}: there is no '{target}' in the document")
        node = node[name]


def _escape(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
