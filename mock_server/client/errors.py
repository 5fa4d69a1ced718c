"""What can go wrong between a test and the control plane."""

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
    """A named argument that there is not. The text says which was probably meant."""


class _Raised(Protocol):
    @property
    def value(self) -> BaseException: ...


def is_explained(raised: _Raised) -> bool:
    """Whether an error says all there is to say; pytest then shows the line of the test, and not those of this package.

    The modules of this package have it as their `__tracebackhide__`, which pytest asks.
    """
    return isinstance(raised.value, AssertionError | ControlError | OptionError | UnreachableError)
