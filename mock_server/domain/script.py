"""What a world was told to do other than a plain deployment does."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Script:
    """The defects of a world, by name."""

    defects: tuple[str, ...] = ()


PLAIN = Script()
"""Nothing."""
