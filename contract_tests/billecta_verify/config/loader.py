"""Flags, environment and target file, made into one configuration. A flag beats the environment beats the file."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from billecta_verify.config.errors import UsageError
from billecta_verify.config.options import (
    BY_NAME,
    FROM_ENV_SUFFIX,
    OF_THE_FLEET,
    OPTIONS,
    PREFIX,
    REPORT_FILES,
    RUN_OPTIONS,
    SECRETS,
    Option,
)
from billecta_verify.config.profiles import DEEP_REQUESTS, Profile
from billecta_verify.config.target import Target, TargetError

_LOOKS_LIKE_A_VARIABLE: Final = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
_OF_A_FILE: Final = (
    set(BY_NAME) - {"target_file", "deployment"}
    | {f"{name}{FROM_ENV_SUFFIX}" for name in SECRETS}
    | {"deployments", "keys_in_file"}
)
"""What may stand in a target file, some of it in one with several deployments alone."""
_LIMITS: Final = frozenset({"rate", "max_requests", "seed", "timeout", "profile"})


@dataclass(frozen=True, slots=True)
class Configuration:
    """A whole run. Without a target (None) the mock is verified, within the same `limits`."""

    target: Target | None
    limits: Mapping[str, Any]
    report_dir: Path | None = None
    reports: tuple[str, ...] = tuple(REPORT_FILES)
    baseline: Path | None = None
    write_baseline: Path | None = None
    force: bool = False
    plan: bool = False
    allow_inconclusive: bool = False
    no_color: bool = False


@dataclass(frozen=True, slots=True)
class Setting:
    """A value, and where the user has put it: a flag, a variable, or an entry of the target file."""

    value: Any = field(repr=False)
    place: str


def resolve(flags: Mapping[str, Any], environ: Mapping[str, str]) -> Configuration:
    """The configuration that flags (None: not given), environment and target file describe. Raises UsageError."""
    return build_config(merge_sources(flags, environ), environ)


def merge_sources(flags: Mapping[str, Any], environ: Mapping[str, str]) -> dict[str, Setting]:
    """What is set by any of the three, for a target file with one deployment. Raises UsageError."""
    path = target_file(flags, environ)
    if path is None:
        return _without_fleet(given_by(flags, environ), "needs a target file with several deployments (--target-file)")
    document = target_document(path)
    if "deployments" in document:
        raise UsageError(f"the target file {path} holds several deployments, which only billecta-verify itself takes")
    given = given_by(flags, without(environ, variables_named(document)))
    given = {**described_in(path, document, environ), **given}
    return _without_fleet(given, f"needs several deployments, and the target file {path} holds one")


def target_file(flags: Mapping[str, Any], environ: Mapping[str, str]) -> Path | None:
    """The target file that is named by the flag or the variable."""
    text = flags.get("target_file") or environ.get(BY_NAME["target_file"].variable)
    return Path(text) if text else None


def without(environ: Mapping[str, str], names: Collection[str]) -> dict[str, str]:
    """The environment without some variables."""
    return {name: text for name, text in environ.items() if name not in names}


def _without_fleet(given: dict[str, Setting], why: str) -> dict[str, Setting]:
    for name in sorted(OF_THE_FLEET & set(given)):
        raise UsageError(f"{given[name].place} {why}")
    return given


def build_config(given: Mapping[str, Setting], environ: Mapping[str, str]) -> Configuration:
    """The configuration of what is set. Raises UsageError."""
    values = {name: item.value for name, item in given.items()}
    described = {BY_NAME[name].field or name: item for name, item in given.items() if name not in RUN_OPTIONS}
    if "profile" in described and described["profile"].value is Profile.DEEP:
        described.setdefault("max_requests", Setting(DEEP_REQUESTS, "the profile deep"))
    if "report" in given and "report_dir" not in given:
        raise UsageError(f"{given['report'].place} needs a directory for the reports (--report-dir)")
    return Configuration(
        target=_target(described, environ),
        limits={name: item.value for name, item in described.items() if name in _LIMITS},
        report_dir=values.get("report_dir"),
        reports=values.get("report", tuple(REPORT_FILES)),
        baseline=values.get("baseline"),
        write_baseline=values.get("write_baseline"),
        force=values.get("force", False),
        plan=values.get("plan", False),
        allow_inconclusive=values.get("allow_inconclusive", False),
        no_color=values.get("no_color", False) or bool(environ.get("NO_COLOR")),
    )


def _target(described: Mapping[str, Setting], environ: Mapping[str, str]) -> Target | None:
    if "base_url" not in described:
        _check_empty(environ)
        stray = [item.place for name, item in described.items() if name not in _LIMITS]
        if stray:
            raise UsageError(
                f"{stray[0]} is given but no base URL: give --base-url, or leave both out to verify billecta-mock"
            )
        return None
    try:
        return Target(**{"api_key": "", **{name: item.value for name, item in described.items()}})
    except TargetError as error:
        raise UsageError(error.naming({name: item.place for name, item in described.items()})) from error


def _check_empty(environ: Mapping[str, str]) -> None:
    """A pipeline sets a variable that it does not know to nothing: the mock must not be verified in its place."""
    variable = BY_NAME["base_url"].variable
    if environ.get(variable) == "":
        raise UsageError(
            f"{variable} is set but empty: set it to the deployment's base URL, or unset it to verify billecta-mock"
        )


def given_by(flags: Mapping[str, Any], environ: Mapping[str, str]) -> dict[str, Setting]:
    """What flags and environment say. An empty variable says nothing: pipelines set unknown secrets to that."""
    _check_variables(environ)
    given: dict[str, Setting] = {}
    for option in OPTIONS:
        if flags.get(option.name) is not None:
            given[option.name] = Setting(_parsed(option, flags[option.name], option.flag), option.flag)
        elif environ.get(option.variable):
            text = environ[option.variable]
            value = _parsed(option, text.split(",") if option.repeatable else text, option.variable)
            given[option.name] = Setting(value, option.variable)
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


def target_document(path: Path) -> dict[str, Any]:
    """A target file as it stands there. Raises UsageError."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(f"the target file {path} does not exist") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the target file {path} cannot be read: {type(error).__name__}") from error
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"the target file {path} is not TOML: {error}") from error


def described_in(
    path: Path, table: Mapping[str, Any], environ: Mapping[str, str], within: str = ""
) -> dict[str, Setting]:
    """What a table of a target file sets; `within` is how its members are called. Raises UsageError."""
    described: dict[str, Setting] = {}
    for name, value in table.items():
        option = name.removesuffix(FROM_ENV_SUFFIX)
        place = f"the target file {path}: {within}{name}"
        if option != name and option in SECRETS:
            described[option] = Setting(_from_variable(BY_NAME[option], value, place, environ), place)
        else:
            described[name] = Setting(_file_value(path, name, value, within), place)
    return described


def variables_named(table: Mapping[str, Any]) -> set[str]:
    """The variables of their own names that a table sends us to."""
    known = {option.variable for option in OPTIONS}
    ends = {f"{name}{FROM_ENV_SUFFIX}" for name in SECRETS}
    return {value for name, value in table.items() if name in ends and isinstance(value, str)} - known


def _from_variable(option: Option, name: object, place: str, environ: Mapping[str, str]) -> Any:
    """The value in the variable of that name. A name that does not look like one may be a key, and is not shown."""
    if not isinstance(name, str) or not name.isidentifier():
        raise UsageError(f"{place} must be the name of a variable, such as NORTH_API_KEY")
    text = environ.get(name)
    if not text:
        shown = f"the variable {name}" if _LOOKS_LIKE_A_VARIABLE.fullmatch(name) else "a variable"
        raise UsageError(f"{place} sends to {shown}, which is not set (it takes the name of a variable, not a key)")
    return _parsed(option, text.split(",") if option.repeatable else text, place)


def _file_value(path: Path, name: str, value: Any, within: str) -> Any:
    if name not in _OF_A_FILE & set(BY_NAME):
        close = closest(name.replace("-", "_").lower(), _OF_A_FILE)
        advice = f"did you mean {close}?" if close else "see billecta-verify --help for what can be set"
        raise UsageError(f"the target file {path} sets {within}{name}, which is not known: {advice}")
    option = BY_NAME[name]
    if isinstance(value, list) != option.repeatable or isinstance(value, dict):
        raise UsageError(
            f"the target file {path}: {within}{name} must be {'a list' if option.repeatable else 'one value'}"
        )
    given = [str(item) for item in value] if option.repeatable else str(value)
    return _parsed(option, given, f"the target file {path}: {within}{name}")
