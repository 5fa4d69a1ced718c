"""Everything that can be set, under one name for its flag, its variable and its entry in the target file."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn

from billecta_verify.config.errors import UsageError
from billecta_verify.config.profiles import profile_named
from billecta_verify.config.target import DEFAULT_MAX_REQUESTS, DEFAULT_SEED, DEFAULT_TIMEOUT, KEYS

PREFIX: Final = "BILLECTA_"
JSON_REPORT: Final = "json"
"""The report that holds everything that the others show, and that programs read: it is always written."""
REPORT_FILES: Final = {
    JSON_REPORT: "report.json",
    "junit": "junit.xml",
    "sarif": "report.sarif",
    "html": "report.html",
    "markdown": "report.md",
    "har": "report.har",
}
"""The file of each report, by the name that a user asks for it with."""


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


class FlagParser(argparse.ArgumentParser):
    """Raises UsageError with one sentence for wrong flags, instead of printing the whole usage."""

    def error(self, message: str) -> NoReturn:
        """Raise UsageError; the name of a subcommand stands before what is wrong."""
        command = self.prog.partition(" ")[2]
        raise UsageError((f"{command}: " if command else "") + message.removeprefix("argument "))


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


def report_names(text: str) -> tuple[str, ...]:
    """The names in a list such as `html,sarif`, and the one that is always written. Raises ValueError."""
    names = {name.strip().lower() for name in text.split(",")}
    if not names <= set(REPORT_FILES):
        raise ValueError(f"must be some of {', '.join(REPORT_FILES)}, separated by commas")
    return tuple(name for name in REPORT_FILES if name in names | {JSON_REPORT})


OPTIONS: Final = (
    Option("target_file", "TOML file that describes the target", Path, "FILE"),
    Option("base_url", "address of the deployment, up to limepkg-billecta-integration", metavar="URL"),
    Option("api_key", "a valid key; better given by the environment, for a command line can be seen", metavar="KEY"),
    Option("limited_key", "a valid key that may not see every invoice", metavar="KEY"),
    Option("read_only_key", "a valid key that may not create payments", metavar="KEY"),
    Option("denied_key", "a valid key that may use none of the operations", metavar="KEY"),
    Option("foreign_key", "a key of another database, which must be refused here", metavar="KEY"),
    Option("invoice_id", "an invoice that the API key may read; this or --action-id is needed", metavar="ID"),
    Option("hidden_invoice_id", "an invoice that exists and that the limited key may not see", metavar="ID"),
    Option("action_id", "the public id of an invoice action that can be paid", metavar="ID"),
    Option("allow_payments", "how many payment requests may be made (default 0)", _whole_number, "N", "payments"),
    Option("phone", "a number that may be asked to pay; repeatable", metavar="NUMBER", field="phones", repeatable=True),
    Option("rate_limit", "most requests per second (default 8, or none on this machine)", _number, "N", "rate"),
    Option("profile", "how much is asked: smoke, standard (the default) or deep", profile_named, "NAME"),
    Option("max_requests", f"most requests in all (default {DEFAULT_MAX_REQUESTS})", _whole_number, "N"),
    Option("probe_methods", "send DELETE, PUT and PATCH to another machine as well, with a key", _truth),
    Option("seed", f"seed of everything left to chance (default {DEFAULT_SEED})", _whole_number, "N"),
    Option("timeout", f"seconds to wait for an answer (default {DEFAULT_TIMEOUT:g})", _number, "SECONDS"),
    Option("ca_file", "certificate of a private authority, PEM", Path, "FILE"),
    Option("report_dir", "directory for the reports", Path, "DIR"),
    Option("report", f"which reports, separated by commas (default: {','.join(REPORT_FILES)})", report_names, "NAMES"),
    Option("baseline", "YAML or TOML file of known deviations, which do not count until they expire", Path, "FILE"),
    Option("write_baseline", "write what is found as a baseline, its reasons to be filled in", Path, "FILE"),
    Option("force", "let a baseline cover authentication and masking as well; the output says so", _truth),
    Option("deployment", "only this deployment of the target file; repeatable", metavar="NAME", repeatable=True),
    Option("parallel", "how many deployments of the file are verified at a time (default 2)", _whole_number, "N"),
    Option("plan", "show what would be sent, and send nothing", _truth),
    Option("allow_inconclusive", "exit 0 when nothing is wrong but something could not be verified", _truth),
    Option("no_color", "no colours (also NO_COLOR)", _truth),
)

BY_NAME: Final = {option.name: option for option in OPTIONS}
OF_THE_FLEET: Final = frozenset({"deployment", "parallel"})
OF_THE_PROGRAM: Final = frozenset({"baseline", "write_baseline", "force", *OF_THE_FLEET})
"""What billecta-verify alone understands; a pytest run has no use for it."""
RUN_OPTIONS: Final = frozenset(
    {"target_file", "report_dir", "report", "plan", "allow_inconclusive", "no_color", *OF_THE_PROGRAM}
)
SECRETS: Final = frozenset({*KEYS, "phone"})
"""What a target file may leave to a variable, which `api_key_from` and its like name."""
FROM_ENV_SUFFIX: Final = "_from"
