"""The way in: a seed file, or a document that came as JSON, made into the dataset of a world."""

from functools import cache
from pathlib import Path
from typing import Final, cast

from billecta_mock.domain.world import Dataset
from billecta_mock.store.seed_builder import build
from billecta_mock.store.seed_validation import SeedDocument, SeedError, SeedSyntaxError, check, operation_ids
from billecta_mock.store.yaml_reader import YamlSource

_SAMPLE: Final = Path(__file__).with_name("database.yaml")

__all__ = ["SeedError", "default_seed", "load_seed", "parse_seed"]


def load_seed(path: Path) -> Dataset:
    """The dataset that a YAML (or JSON) file describes.

    Raises SeedError, with line and pointer, for a file that cannot be read or does not hold a seed.
    """
    return _parse_text(_text(path), str(path))


def parse_seed(document: object, source: str) -> Dataset:
    """The dataset that an already parsed JSON document describes; `source` names it in errors.

    Raises SeedError, with a pointer, for anything that is not a seed; no other exception whatever is given.
    """
    try:
        return _dataset(document)
    except SeedSyntaxError as flaw:
        raise SeedError.at(flaw, source) from None


@cache
def default_seed() -> Dataset:
    """The dataset that ships with the mock. It never changes, so every world may share it."""
    return _parse_text(_SAMPLE.read_text(encoding="utf-8"), _SAMPLE.name)


def _text(path: Path) -> str:
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise SeedError(str(path), "this is no regular file, and reading it might never end; name a YAML file")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise SeedError(str(path), f"byte {error.start} is not UTF-8; save the file as UTF-8") from None
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or "it cannot be opened").lower()
        raise SeedError(str(path), f"the seed file cannot be read ({reason}); name a readable YAML file") from None


def _parse_text(text: str, source: str) -> Dataset:
    yaml = YamlSource(text)
    try:
        return _dataset(yaml.value)
    except SeedSyntaxError as flaw:
        raise SeedError.at(flaw, source, line=yaml.line_of(flaw.path)) from None


def _dataset(document: object) -> Dataset:
    check(document)
    return build(cast("SeedDocument", document), operation_ids())
