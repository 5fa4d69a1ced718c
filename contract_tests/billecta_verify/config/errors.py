"""What ends a run before there is a result, and with which exit status."""

from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec
from typing import Final

WRONG_USE: Final = 2
INTERRUPTED: Final = 130

_DISTRIBUTION: Final = "lime-billecta-contract"

OF_THE_EXTRA: Final = ("hypothesis", "jinja2", "pikepdf", "platformdirs", "pytest", "requests", "rich", "schemathesis")
"""What the extra `verify` installs: the package itself needs none of them, for the mock and its client do not."""


class FailureError(Exception):
    """Nothing can be verified, or kept; one sentence says what, where and how to mend it."""


class UsageError(FailureError, ValueError):
    """The program was used wrongly; one sentence says what, where and how to fix it."""


class MissingExtraError(FailureError):
    """The package is installed without its extra `verify`."""


def check_extra() -> None:
    """Raise MissingExtraError unless everything is installed that the verifier needs, in a version that it can use."""
    missing = [name for name in OF_THE_EXTRA if find_spec(name) is None]
    if missing:
        flaw = f"{' and '.join(missing[:2])} {'is' if len(missing) == 1 else 'are'} not installed"
    else:
        flaw = _find_wrong_version()
    if flaw:
        raise MissingExtraError(
            f"{flaw}; install the extra 'verify', which has what billecta-verify needs: "
            "pip install 'lime-billecta-contract[verify]'"
        )


def _find_wrong_version() -> str:
    """Which package of the extra has a version that it does not allow; empty if none has, or if that is not known."""
    from packaging.requirements import Requirement  # noqa: PLC0415 — comes with the extra

    try:
        requirements = [Requirement(line) for line in requires(_DISTRIBUTION) or ()]
    except PackageNotFoundError:  # run from a source tree that is not installed
        return ""
    for requirement in requirements:
        if requirement.name in OF_THE_EXTRA and (found := version(requirement.name)) not in requirement.specifier:
            return f"{requirement.name} {found} is installed, and {requirement.specifier} is needed"
    return ""
