"""Which requests a rule is for."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Sighting(NamedTuple):
    """A request as rules see it. None stands for what it does not have, or what is not known of it.

    `phone` is normalised, `client` the address that it came from.
    """

    operation: str | None
    method: str
    key_name: str | None = None
    key_value: str | None = None
    resource: str | None = None
    phone: str | None = None
    message: str | None = None
    client: str = ""


class TextForm(StrEnum):
    """How a text is described."""

    EQUALS = "equals"
    PREFIX = "prefix"
    PATTERN = "pattern"


@dataclass(frozen=True, slots=True)
class TextMatch:
    """A text that is wanted: the whole of it, its beginning, or a pattern that `accepts` stands for."""

    form: TextForm
    text: str
    accepts: Callable[[str], bool]


def equal_to(text: str) -> TextMatch:
    """This text and no other."""
    return TextMatch(TextForm.EQUALS, text, text.__eq__)


def beginning_with(prefix: str) -> TextMatch:
    """Every text that begins with this one."""
    return TextMatch(TextForm.PREFIX, prefix, lambda text: text.startswith(prefix))


@dataclass(frozen=True, slots=True)
class Matcher:
    """What a request must have: each field that is not None must fit.

    `key` is the name of a key or the key itself, `resource` the id in the path, `phone` a normalised number.
    """

    operation: str | None = None
    method: str | None = None
    key: str | None = None
    resource: str | None = None
    phone: str | None = None
    message: TextMatch | None = None

    def fits(self, seen: Sighting) -> bool:
        """Whether the rule is for this request."""
        return (
            self.operation in (None, seen.operation)
            and self.method in (None, seen.method)
            and self.key in (None, seen.key_name, seen.key_value)
            and self.resource in (None, seen.resource)
            and self.phone in (None, seen.phone)
            and (self.message is None or (seen.message is not None and self.message.accepts(seen.message)))
        )
