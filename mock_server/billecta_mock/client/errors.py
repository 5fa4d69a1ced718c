"""What can go wrong between a test and the control plane."""

import difflib
from collections.abc import Collection, Iterable
from typing import Protocol


class ControlError(Exception):
    """The control plane refused. The text says what was asked, and in its own words why that cannot be."""

    def __init__(self, asked: str, status: int, message: str) -> None:
        """`status` is that of HTTP: 400, 401, 403, 404, 409 or 507."""
        super().__init__(f"{asked}: {status}, {message}")
        self.status = status
        self.message = message


class UnreachableError(ConnectionError):
    """Nothing answers there, or not as a mock server does."""


class OptionError(TypeError):
    """An argument that there is not, or that is of another kind. The text says what would do."""


class UnknownKeyError(KeyError):
    """A name that no key of the world has. The text says which there are."""

    def __str__(self) -> str:
        """The sentence as it is; a KeyError would quote it."""
        return str(self.args[0])


def refuse_unknown(options: Iterable[str], known: Collection[str]) -> None:
    """Raise OptionError as Python does for named arguments, which these are."""
    for name in options:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            meant = f"did you mean '{close[0]}'?" if close else f"there are {', '.join(sorted(known))}"
            raise OptionError(f"there is no option '{name}'; {meant}")


class _Raised(Protocol):
    @property
    def value(self) -> BaseException: ...


def is_explained(raised: _Raised) -> bool:
    """Whether an error says all there is to say; pytest then shows the line of the test, and not those of this package.

    The modules of this package have it as their `__tracebackhide__`, which pytest asks.
    """
    return isinstance(raised.value, AssertionError | ControlError | OptionError | UnknownKeyError | UnreachableError)


__tracebackhide__ = is_explained
