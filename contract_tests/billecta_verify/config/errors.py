"""What ends a run before there is a result, and with which exit status."""

from importlib.util import find_spec
from typing import Final

WRONG_USE: Final = 2
INTERRUPTED: Final = 130

OF_THE_EXTRA: Final = ("hypothesis", "jinja2", "pikepdf", "platformdirs", "pytest", "requests", "rich", "schemathesis")
"""What the extra `verify` installs: the package itself needs none of them, for the mock and its client do not."""


class FailureError(Exception):
    """Nothing can be judged, or kept; one sentence says what, where and how to mend it."""


class UsageError(FailureError, ValueError):
    """The program was used wrongly; one sentence says what, where and how to fix it."""


class MissingExtraError(FailureError):
    """The package is installed without its extra `verify`."""


def check_extra() -> None:
    """Raise MissingExtraError unless everything is installed that the verifier needs."""
    missing = [name for name in OF_THE_EXTRA if find_spec(name) is None]
    if missing:
        raise MissingExtraError(
            f"{' and '.join(missing[:2])} {'is' if len(missing) == 1 else 'are'} not installed; install the extra "
            "'verify', which has what billecta-verify needs: pip install 'lime-billecta-contract[verify]'"
        )
