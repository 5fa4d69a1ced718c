"""The deployments of a target file: what is set for each, and what is wrong with one without stopping the others.

```toml
rate_limit = 5                        # for each of them

[deployments.north]
base_url = "https://north.lime-crm.com/database/limepkg-billecta-integration"
invoice_id = "1001"
api_key_from = "NORTH_API_KEY"        # the variable that holds the key
```

Deployments behind one host share a rate limit: their rates together stay what one deployment would get.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from billecta_verify.baseline.apply import baseline_of_run
from billecta_verify.config.errors import UsageError
from billecta_verify.config.loader import (
    Configuration,
    Setting,
    build_config,
    closest,
    described_in,
    given_by,
    target_document,
    target_file,
    variables_named,
    without,
)
from billecta_verify.config.options import BY_NAME, FROM_ENV_SUFFIX, OF_THE_FLEET, OPTIONS
from billecta_verify.config.target import KEYS, REMOTE_RATE

DEFAULT_PARALLEL: Final = 2
MOST_PARALLEL: Final = 16
KEYS_IN_FILE: Final = "keys_in_file"
OF_ONE: Final = frozenset(
    {
        *("base_url", *KEYS, "invoice_id", "hidden_invoice_id", "action_id", "phone", "write_baseline"),
    }
)
"""What belongs to one deployment: a flag or a plain variable would give the key of one customer to all."""
_VARIABLES_OF_ONE: Final = frozenset(option.variable for option in OPTIONS if option.name in OF_ONE)
_IN_FILE_OF_THE_WHOLE: Final = frozenset({"report_dir", "no_color", "parallel"})
_OF_THE_WHOLE: Final = frozenset({"target_file", "plan", *_IN_FILE_OF_THE_WHOLE, *OF_THE_FLEET})
_WHY: Final = {"base_url": "say where the deployment is", "api_key": "name the variable that holds its key"}
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def share_rate_limit(members: Sequence[Member], parallel: int) -> list[Member]:
    """The members, each with its part of the usual rate where others of the same host run at the same time.

    A rate that the user gives is his, and this machine itself needs none.
    """
    hosts = Counter(_host(member) for member in members)
    return [_slowed(member, min(parallel, hosts[_host(member)])) for member in members]


def _host(member: Member) -> str | None:
    target = member.configuration.target if member.configuration else None
    return None if target is None or target.is_loopback or target.rate is not None else target.origin[1]


def _slowed(member: Member, together: int) -> Member:
    if _host(member) is None or together == 1:
        return member
    rate = {BY_NAME["rate_limit"].variable: f"{REMOTE_RATE / together:g}"}
    return replace(member, variables={**member.variables, **rate})


@dataclass(frozen=True, slots=True)
class Member:
    """A deployment by its name: its configuration, or the sentence that says why it has none.

    `variables` are in the environment of the process that verifies it, keys among them. `hidden` are the names of the
    variables that hold the keys of all, which it must not get.
    """

    name: str
    base_url: str | None
    configuration: Configuration | None = field(default=None, repr=False)
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    hidden: frozenset[str] = frozenset()
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Fleet:
    """The deployments to verify, in the order of the file, and what holds for the whole run."""

    members: tuple[Member, ...]
    parallel: int
    report_dir: Path | None
    plan: bool
    no_color: bool


def fleet_of(flags: Mapping[str, Any], environ: Mapping[str, str]) -> Fleet | None:
    """The deployments of the target file; None where it holds one, or there is none. Raises UsageError."""
    path = target_file(flags, environ)
    if path is None:
        return None
    document = target_document(path)
    if "deployments" not in document:
        return None
    return _fleet(path, document, flags, environ)


def _fleet(path: Path, document: dict[str, Any], flags: Mapping[str, Any], environ: Mapping[str, str]) -> Fleet:
    tables = _tables(path, document.pop("deployments"))
    keys_in_file = document.pop(KEYS_IN_FILE, False)
    if not isinstance(keys_in_file, bool):
        raise UsageError(f"the target file {path}: {KEYS_IN_FILE} must be true or false")
    _refuse_what_is_for_one(path, flags, document)
    whole = described_in(path, {name: document.pop(name) for name in _IN_FILE_OF_THE_WHOLE & set(document)}, environ)
    named = variables_named(document).union(*(variables_named(table) for table in tables.values()))
    given = {**whole, **given_by(flags, without(environ, named | _VARIABLES_OF_ONE))}
    shared = _Shared(path, document, given, environ, keys_in_file, frozenset(named))
    values = {name: item.value for name, item in given.items()}
    return Fleet(
        members=tuple(
            shared.member(name, tables[name]) for name in _chosen(path, tables, values.get("deployment", ()))
        ),
        parallel=_parallel(given),
        report_dir=values.get("report_dir"),
        plan=values.get("plan", False),
        no_color=values.get("no_color", False) or bool(environ.get("NO_COLOR")),
    )


@dataclass(frozen=True, slots=True)
class _Shared:
    """What the deployments of a file have in common: entries above the tables, flags and variables."""

    path: Path
    table: Mapping[str, Any]
    given: Mapping[str, Setting]
    environ: Mapping[str, str]
    keys_in_file: bool
    hidden: frozenset[str]

    def member(self, name: str, table: Mapping[str, Any]) -> Member:
        """One deployment: its own table beats the shared entries; flags and variables beat both."""
        try:
            settings = self._settings(f"deployments.{name}.", table)
            configuration = build_config(settings, self.environ)
            baseline_of_run(configuration)
        except UsageError as error:
            return Member(name, None, problem=str(error))  # an address that was not accepted may hold a password
        base_url = None if configuration.target is None else configuration.target.base_url
        return Member(name, base_url, configuration, _as_variables(settings), self.hidden)

    def _settings(self, within: str, table: Mapping[str, Any]) -> dict[str, Setting]:
        self._check_entries("", self.table)
        self._check_entries(within, table)
        own = {name.removesuffix(FROM_ENV_SUFFIX) for name in table}
        rest = {name: value for name, value in self.table.items() if name.removesuffix(FROM_ENV_SUFFIX) not in own}
        settings = {
            **described_in(self.path, rest, self.environ),
            **described_in(self.path, table, self.environ, within),
            **{option: item for option, item in self.given.items() if option not in _OF_THE_WHOLE},
        }
        for needed, name in (("base_url", "base_url"), ("api_key", f"api_key{FROM_ENV_SUFFIX}")):
            if needed not in settings:
                raise UsageError(f"the target file {self.path}: {within}{name} is missing: {_WHY[needed]}")
        return settings

    def _check_entries(self, within: str, entries: Mapping[str, Any]) -> None:
        for option in sorted(_OF_THE_WHOLE & set(entries)):
            raise UsageError(
                f"the target file {self.path}: {within}{option} is for the whole run, not for a deployment"
            )
        for option in sorted(set(KEYS) & set(entries)):
            if not self.keys_in_file:
                raise UsageError(
                    f"the target file {self.path}: {within}{option} stands in the file itself: name a variable by "
                    f"{option}{FROM_ENV_SUFFIX}, or set {KEYS_IN_FILE} = true at the top of the file"
                )


def _tables(path: Path, deployments: object) -> dict[str, dict[str, Any]]:
    if not isinstance(deployments, dict) or not deployments:
        raise UsageError(f"the target file {path}: deployments must hold tables such as [deployments.north]")
    for name, table in deployments.items():
        if not _NAME.fullmatch(name):
            raise UsageError(
                f"the target file {path}: a deployment is called {name[:40]!r}: use letters, digits, - and _, for its "
                "reports go into a directory of that name"
            )
        if not isinstance(table, dict):
            raise UsageError(f"the target file {path}: deployments.{name} must be a table: [deployments.{name}]")
    folded = [name.lower() for name in deployments]
    for name in deployments:
        if folded.count(name.lower()) > 1:
            raise UsageError(f"the target file {path}: deployments.{name} differs from another in case alone")
    return deployments


def _refuse_what_is_for_one(path: Path, flags: Mapping[str, Any], document: Mapping[str, Any]) -> None:
    for option in OPTIONS:
        if option.name in OF_ONE and flags.get(option.name) is not None:
            raise UsageError(
                f"{option.flag} belongs to one deployment, and the target file {path} holds several: set it there"
            )
    for name in ("base_url", "write_baseline"):
        if name in document:
            raise UsageError(f"the target file {path}: {name} belongs to one deployment: put it into its own table")


def _chosen(path: Path, tables: Mapping[str, Any], names: Collection[str]) -> list[str]:
    for name in names:
        if name not in tables:
            close = closest(name, tables)
            advice = f"did you mean {close}?" if close else f"it has {', '.join(tables)}"
            raise UsageError(f"--deployment {name[:64]} is not in the target file {path}: {advice}")
    return [name for name in tables if not names or name in names]


def _parallel(given: Mapping[str, Setting]) -> int:
    if "parallel" not in given:
        return DEFAULT_PARALLEL
    number: int = given["parallel"].value
    if not 1 <= number <= MOST_PARALLEL:
        raise UsageError(f"{given['parallel'].place} must be from 1 to {MOST_PARALLEL}, not {number}")
    return number


def _as_variables(settings: Mapping[str, Setting]) -> dict[str, str]:
    """The settings as a process of its own reads them. Their places are checked already."""
    variables = {option.name: option.variable for option in OPTIONS}
    return {variables[name]: _as_text(item.value) for name, item in settings.items()}


def _as_text(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
