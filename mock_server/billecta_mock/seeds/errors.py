"""What can be wrong with a seed, and where.

Inside the package a problem is a `FlawError`, which knows its place in the document; the loader, which knows the
source as well, makes a `SeedError` of it.
"""

from typing import Self

Path = tuple[str | int, ...]


class FlawError(Exception):
    """A problem at a place in a seed document. `sentence` says what it is and how to mend it, without a full stop."""

    def __init__(self, path: Path, sentence: str) -> None:
        super().__init__(sentence)
        self.path = path
        self.sentence = sentence


class SeedError(ValueError):
    """A seed that cannot be used; the text is one sentence with what, where and how to mend it.

    `line` is the line in a YAML file, counted from 1, `pointer` is a JSON pointer; each is None where it does not
    apply.
    """

    def __init__(self, source: str, sentence: str, *, line: int | None = None, pointer: str | None = None) -> None:
        place = [source, f"line {line}" if line else None, pointer]
        end = "" if sentence.endswith("?") else "."
        super().__init__(f"{', '.join(part for part in place if part)}: {sentence}{end}")
        self.line = line
        self.pointer = pointer

    @classmethod
    def at(cls, flaw: FlawError, source: str, line: int | None = None) -> Self:
        """The error that a flaw in this source is, on this line of it."""
        return cls(source, flaw.sentence, line=line, pointer=json_pointer(flaw.path) or None)


def json_pointer(path: Path) -> str:
    """The JSON pointer (RFC 6901) of a place."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)
