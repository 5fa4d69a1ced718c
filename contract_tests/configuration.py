"""Flags, environment and target file, made into one configuration. A flag beats the environment beats the file."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from contract_tests.target import DEFAULT_MAX_REQUESTS, DEFAULT_SEED, DEFAULT_TIMEOUT, Target, TargetError

PREFIX: Final = "BILLECTA_"


class UsageError(ValueError):
    """The program was used wrongly; one sentence says what, where and how to mend it."""


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that can be set: `--some-name`, `BILLECTA_SOME_NAME`, or `some_name` in the target file.

    `parse` reads its text and raises ValueError. `field` is its name in Target where that is another.
    """

    name: str
    help: str
    parse: Callable[[str], Any] = str
    metavar: str = ""
    field: str = ""
    repeatable: bool = False

    @property
    def flag(self) -> str:
        """The command-line flag."""
        return "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        """The environment variable."""
        return PREFIX + self.name.upper()

    @property
    def is_switch(self) -> bool:
        """Whether the flag takes no value."""
        return self.parse is _truth

    def arguments(self, *, default: object) -> dict[str, Any]:
        """What argparse and pytest want to know of the flag. Values stay text: all three sources are parsed alike."""
        common: dict[str, Any] = {"dest": self.name, "default": default, "help": f"{self.help} [{self.variable}]"}
        if self.is_switch:
            return {**common, "action": "store_const", "const": "true"}
        action = "append" if self.repeatable else "store"
        return {**common, "action": action, "metavar": self.metavar or self.name.upper()}


def _truth(text: str) -> bool:
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    try:
        return words[text.strip().lower()]
    except KeyError:
        raise ValueError("must be true or false") from None


def _whole_number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError("must be a whole number") from None


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError("must be a number") from None


OPTIONS: Final = (
    Option("target_file", "TOML file that describes the target", Path, "FILE"),
    Option("base_url", "address of the deployment, up to limepkg-billecta-integration", metavar="URL"),
    Option("api_key", "a valid key; better given by the environment, for a command line can be seen", metavar="KEY"),
    Option("limited_key", "a valid key that may not see every invoice", metavar="KEY"),
    Option("read_only_key", "a valid key that may not create payments", metavar="KEY"),
    Option("invoice_id", "an invoice that the API key may read; this or --action-id is needed", metavar="ID"),
    Option("hidden_invoice_id", "an invoice that exists and that the limited key may not see", metavar="ID"),
    Option("action_id", "the public id of an invoice action that can be paid", metavar="ID"),
    Option("allow_payments", "how many payment requests may be made (default 0)", _whole_number, "N", "payments"),
    Option("phone", "a number that may be asked to pay; repeatable", metavar="NUMBER", field="phones", repeatable=True),
    Option("rate_limit", "most requests per second (default 8, or none on this machine)", _number, "N", "rate"),
    Option("max_requests", f"most requests in all (default {DEFAULT_MAX_REQUESTS})", _whole_number, "N"),
    Option("seed", f"seed of everything left to chance (default {DEFAULT_SEED})", _whole_number, "N"),
    Option("timeout", f"seconds to wait for an answer (default {DEFAULT_TIMEOUT:g})", _number, "SECONDS"),
    Option("ca_file", "certificate of a private authority, PEM", Path, "FILE"),
    Option("report_dir", "directory for report.json and junit.xml", Path, "DIR"),
    Option("plan", "show what would be sent, and send nothing", _truth),
    Option("allow_inconclusive", "exit 0 when nothing is wrong but something could not be judged", _truth),
    Option("no_color", "no colours (also NO_COLOR)", _truth),
)

_BY_NAME: Final = {option.name: option for option in OPTIONS}
_OF_THE_RUN: Final = frozenset({"target_file", "report_dir", "plan", "allow_inconclusive", "no_color"})
_LIMITS: Final = frozenset({"rate", "max_requests", "seed", "timeout"})


@dataclass(frozen=True, slots=True)
class Configuration:
    """A whole run. Without a target (None) the mock is judged, within the same `limits`."""

    target: Target | None
    limits: Mapping[str, Any]
    report_dir: Path | None = None
    plan: bool = False
    allow_inconclusive: bool = False
    no_color: bool = False


@dataclass(frozen=True, slots=True)
class _Given:
    """A value, and where the user has put it: a flag, a variable, or an entry of the target file."""

    value: Any
    place: str


def resolve(flags: Mapping[str, Any], environ: Mapping[str, str]) -> Configuration:
    """The configuration that flags (None: not given), environment and target file describe. Raises UsageError."""
    given = _given(flags, environ)
    if "target_file" in given:
        given = {**_in_file(given["target_file"].value), **given}
    values = {name: item.value for name, item in given.items()}
    described = {_BY_NAME[name].field or name: item for name, item in given.items() if name not in _OF_THE_RUN}
    return Configuration(
        target=_target(described),
        limits={name: item.value for name, item in described.items() if name in _LIMITS},
        report_dir=values.get("report_dir"),
        plan=values.get("plan", False),
        allow_inconclusive=values.get("allow_inconclusive", False),
        no_color=values.get("no_color", False) or bool(environ.get("NO_COLOR")),
    )


def _target(described: Mapping[str, _Given]) -> Target | None:
    if "base_url" not in described:
        stray = [item.place for name, item in described.items() if name not in _LIMITS]
        if stray:
            raise UsageError(
                f"{stray[0]} is given but no base URL: give --base-url, or leave both out to judge billecta-mock"
            )
        return None
    try:
        return Target(**{"api_key": "", **{name: item.value for name, item in described.items()}})
    except TargetError as error:
        raise UsageError(error.naming({name: item.place for name, item in described.items()})) from error


def _given(flags: Mapping[str, Any], environ: Mapping[str, str]) -> dict[str, _Given]:
    """What flags and environment say. An empty variable says nothing: pipelines set unknown secrets to that."""
    _check_variables(environ)
    given: dict[str, _Given] = {}
    for option in OPTIONS:
        if flags.get(option.name) is not None:
            given[option.name] = _Given(_parsed(option, flags[option.name], option.flag), option.flag)
        elif environ.get(option.variable):
            text = environ[option.variable]
            value = _parsed(option, text.split(",") if option.repeatable else text, option.variable)
            given[option.name] = _Given(value, option.variable)
    return given


def _check_variables(environ: Mapping[str, str]) -> None:
    """A variable that is nearly one of ours is a slip. Others may be those of another program, such as the mock's."""
    known = {option.variable.removeprefix(PREFIX): option.variable for option in OPTIONS}
    for name in sorted(environ):
        rest = name.removeprefix(PREFIX)
        if rest == name or rest in known or rest.startswith("MOCK_") or not environ[name]:
            continue
        close = closest(rest, known)
        if close:
            raise UsageError(f"the variable {name} is not known: did you mean {known[close]}?")


def closest(name: str, known: Collection[str]) -> str | None:
    """The known name that is most like this one, if any is."""
    return next(iter(difflib.get_close_matches(name, known, n=1)), None)


def _parsed(option: Option, given: Any, place: str) -> Any:
    try:
        if option.repeatable:
            return tuple(option.parse(str(item).strip()) for item in given)
        return option.parse(str(given))
    except ValueError as error:
        shown = "" if "key" in option.name else f", not {str(given)[:40]!r}"
        raise UsageError(f"{place} {error}{shown}") from error


def _in_file(path: Path) -> dict[str, _Given]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(f"the target file {path} does not exist") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the target file {path} cannot be read: {type(error).__name__}") from error
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"the target file {path} is not TOML: {error}") from error
    return {
        name: _Given(_file_value(path, name, value), f"the target file {path}: {name}")
        for name, value in document.items()
    }


def _file_value(path: Path, name: str, value: Any) -> Any:
    if name not in _BY_NAME or name == "target_file":
        close = closest(name.replace("-", "_").lower(), _BY_NAME)
        advice = f"did you mean {close}?" if close else "see billecta-verify --help for what can be set"
        raise UsageError(f"the target file {path} sets {name}, which is not known: {advice}")
    option = _BY_NAME[name]
    if isinstance(value, list) != option.repeatable or isinstance(value, dict):
        raise UsageError(f"the target file {path}: {name} must be {'a list' if option.repeatable else 'one value'}")
    given = [str(item) for item in value] if option.repeatable else str(value)
    return _parsed(option, given, f"the target file {path}: {name}")
