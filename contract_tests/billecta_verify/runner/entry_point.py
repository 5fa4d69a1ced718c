"""What pytest loads in every project that has the package installed: flags, and the way to the rest.

All else is in `billecta_verify.runner.plugin`, which takes time to import and brings fixtures of common names. It is
loaded when a run names this package or uses one of our flags; a project may also load it itself, by `pytest_plugins` in
its conftest.py. No other run is changed by it, whatever is in the environment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from billecta_verify.config.errors import MissingExtraError, check_extra
from billecta_verify.config.options import OPTIONS, RUN_OPTIONS, Option

NAME: Final = "billecta-verify"
"""The name of this plugin, for `-p no:billecta-verify`."""
OPTIONS_OF_PYTEST: Final = tuple(
    option for option in OPTIONS if option.name not in RUN_OPTIONS or option.name == "target_file"
)

_PREFIX: Final = "--billecta-"
_REST: Final = "billecta_verify.runner.plugin"
_PACKAGE: Final = Path(__file__).parents[1]
_IS_CHECKOUT: Final = (_PACKAGE.parents[1] / "spec/billecta_spec").is_dir()
_CHECKOUT: Final = _PACKAGE.parent if _IS_CHECKOUT and _PACKAGE.parent.name == "contract_tests" else _PACKAGE
"""The folder that holds this package in its own checkout, never a folder of the user's that has the same name."""
_SHARED: Final = frozenset({"base_url"})
"""What pytest-base-url means by its flag is what we mean by ours."""


def destination(option: Option) -> str:
    """Where pytest keeps the value of a flag."""
    return f"billecta_{option.name}"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The flags of billecta-verify that describe the target, under names that no other plugin has."""
    group = parser.getgroup("billecta", "verifying a deployment of the Billecta integration")
    for option in OPTIONS_OF_PYTEST:
        arguments = {**option.arguments(default=None), "dest": destination(option)}
        group.addoption(_long(option), **arguments)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config, parser: pytest.Parser, args: list[str]) -> None:
    """Load the rest where it is wanted, and understand the short names of the flags where nobody else does."""
    if _names_us(args, early_config.invocation_params.dir):
        args[:] = list(_spelled_out(parser, args))
    elif not _uses_a_flag(vars(early_config.known_args_namespace)):
        return
    try:
        check_extra()
    except MissingExtraError as error:
        raise pytest.UsageError(f"billecta-verify: {error}") from None
    early_config.pluginmanager.import_plugin(_REST)


def _names_us(arguments: Sequence[str], directory: Path) -> bool:
    """Whether a run is asked for the checks: by the name of the package, or by a path into this very copy of it."""
    places = [argument.partition("::")[0] for argument in arguments]
    if "--pyargs" in arguments and any(place.split(".")[0] == _PACKAGE.name for place in places):
        return True
    paths = [(directory / place).resolve() for place in places if not place.startswith("-")]
    return any(path == _CHECKOUT or path.is_relative_to(_PACKAGE) for path in paths)


def _uses_a_flag(given: Mapping[str, Any]) -> bool:
    return any(given.get(destination(option)) is not None for option in OPTIONS_OF_PYTEST)


def _spelled_out(parser: pytest.Parser, arguments: list[str]) -> Iterator[str]:
    """The arguments, each of our flags under its long name; what belongs to another plugin stays with it."""
    flags = {option.flag: option for option in OPTIONS_OF_PYTEST}
    rest = iter(arguments)
    for argument in rest:
        flag, equals, value = argument.partition("=")
        option = flags.get(flag)
        if option is None:
            yield argument
        elif _is_free(parser, flag):
            yield _long(option) + equals + value
        elif option.name in _SHARED:
            value = value if equals else next(rest, "")
            yield from (f"{flag}={value}", f"{_long(option)}={value}")
        else:
            yield argument


def _is_free(parser: pytest.Parser, flag: str) -> bool:
    """Whether no other plugin has this flag."""
    try:
        return flag in parser.parse_known_and_unknown_args([flag])[1]
    except pytest.UsageError:  # it is known, and wants a value
        return False


def _long(option: Option) -> str:
    return _PREFIX + option.flag.removeprefix("--")
