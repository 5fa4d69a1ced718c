"""The one Settings object: built once from flags, environment and file, then passed down."""

import argparse
import tomllib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, NoReturn

from billecta_mock.domain.payments import Progression
from billecta_mock.domain.world import Masking, WorldSettings
from billecta_mock.options import OPTIONS, LogFormat, Option

LIST_DEFECTS = "defects"
"""The one command there is beside serving; it comes first on the command line."""

_CONFIG = Option("config", Path, "FILE", "TOML file with any of these options, named as the flags, with underscores")


_READY_FILE = next(option for option in OPTIONS if option.name == "ready_file")


_ONE_PROCESS: Final = (
    "--workers {}: worlds, payments and journals are kept in the memory of one process, and another would not know of "
    "them; serve with one worker, or start a mock on a port of its own for each group of tests"
)


class SettingsError(ValueError):
    """A setting that cannot be used. The text says which, where it came from, and what it must be."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set about a mock server. Sizes are in the unit of their names."""

    host: str = "127.0.0.1"
    port: int = 8080
    masking: Masking = Masking.ALWAYS
    seed_file: Path | None = None
    progression: Progression = Progression.TIME
    pay_after_seconds: float = 4.0
    pay_after_polls: int = 2
    defect: tuple[str, ...] = ()
    random_seed: int | None = None
    max_worlds: int = 1000
    payments_size: int = 20_000
    journal_size: int = 1000
    max_rules: int = 1000
    workers: int = 1
    document_cache_mb: int = 32
    ready_file: Path | None = None
    spec_file: Path | None = None
    quiet: bool = False
    watch: bool = False
    log_format: LogFormat = LogFormat.TEXT
    access_log: bool = False
    expose: bool = False
    admin_token: str | None = field(default=None, repr=False)
    tls_cert: Path | None = None
    tls_key: Path | None = None
    tls_self_signed: Path | None = None
    tls_name: tuple[str, ...] = ()
    tls_client_ca: Path | None = None

    def world_settings(self) -> WorldSettings:
        """How a world behaves until it is told otherwise."""
        return WorldSettings(
            masking=self.masking,
            progression=self.progression,
            pay_after_seconds=self.pay_after_seconds,
            pay_after_polls=self.pay_after_polls,
        )


def build_settings(arguments: Sequence[str], environment: Mapping[str, str]) -> Settings:
    """The settings of one run: a flag goes before the environment, the environment before the file.

    Raises SettingsError for what cannot be used or is not known; leaves by SystemExit for `--help` and `--version`.
    """
    flags = _parse_flags(arguments)
    config = flags.pop("config") or environment.get(_CONFIG.variable)
    from_file = _read_config(Path(config)) if config else {}
    _refuse_unknown_variables(environment)
    values: dict[str, Any] = {}
    for option in OPTIONS:
        for source, given in (
            (option.flag, flags[option.name]),
            (option.variable, environment.get(option.variable) or None),  # an empty one is as good as none
            (f"{config}: {option.name}", from_file.get(option.name)),
        ):
            if given is not None:
                values[option.name] = _read(option, given, source)
                break
    settings = Settings(**values)
    if settings.watch and not (settings.seed_file or settings.spec_file):
        raise SettingsError("--watch needs --seed-file or --spec-file: there is no file to watch")
    if settings.workers > 1:
        raise SettingsError(_ONE_PROCESS.format(settings.workers))
    return settings


def find_ready_file(arguments: Sequence[str], environment: Mapping[str, str]) -> Path | None:
    """The ready file of a run, even of one that will be refused for its other options; None where nothing is to start.

    A file of an earlier run must not be found by whoever waits for this one, whatever becomes of it.
    """
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    parser.add_argument("-h", "--help", "--version", dest="only_asks", action="store_true")
    for option in (_READY_FILE, _CONFIG):
        parser.add_argument(option.flag, dest=option.name, nargs="?")
    flags, _ = parser.parse_known_args(arguments)
    if flags.only_asks:
        return None
    given = flags.ready_file or environment.get(_READY_FILE.variable)
    config = flags.config or environment.get(_CONFIG.variable)
    if not given and config:
        with suppress(SettingsError):
            given = _read_config(Path(config)).get(_READY_FILE.name)
    return Path(given) if given else None


def _read(option: Option, given: str, source: str) -> Any:
    try:
        return option.read(given)
    except ValueError as expected:
        shown = "what was given" if option.is_secret else f"'{given}'"
        raise SettingsError(f"{source}: {shown} is not {expected}") from None


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, in place of the whole usage."""

    def error(self, message: str) -> NoReturn:
        message = message.replace("ignored explicit argument", "takes no value, but was given")
        raise SettingsError(message.removeprefix("argument "))


def _parse_flags(arguments: Sequence[str]) -> dict[str, Any]:
    flags, unknown = _parser().parse_known_args(arguments)
    if unknown:
        name = unknown[0].partition("=")[0]
        if not name.startswith("-") and get_close_matches(name, [LIST_DEFECTS]):
            raise SettingsError(f"unknown option '{name}'; did you mean the command '{LIST_DEFECTS}'?")
        known = [option.flag for option in (*OPTIONS, _CONFIG)]
        raise SettingsError(f"unknown option '{name}'{_did_you_mean(name, known) or '; --help lists all'}")
    return {name: ",".join(given) if isinstance(given, list) else given for name, given in vars(flags).items()}


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="billecta-mock",
        usage="%(prog)s [OPTION ...]\n       %(prog)s defects [WORD ...] [--group GROUP] [--clause CLAUSE] [--json]",
        description="Emulate the third-party API of limepkg-billecta-integration.",
        epilog="Every option is also an environment variable: BILLECTA_MOCK_PORT for --port, and so on. "
        "'billecta-mock defects' lists the names for --defect: all, or those that have the given words in them.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {version('lime-billecta-contract')}")
    for option in (*OPTIONS, _CONFIG):
        if option.metavar is None:
            parser.add_argument(option.flag, dest=option.name, action="store_const", const="true", help=option.help)
        else:
            action = "append" if option.is_list else "store"
            parser.add_argument(option.flag, dest=option.name, metavar=option.metavar, help=option.help, action=action)
    return parser


def _read_config(file: Path) -> dict[str, str]:
    """The options of a configuration file as text, so that they are read as those of other sources are."""
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{file}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{file}: is not UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file}: is not TOML: {error}") from None
    names = [each.name for each in fields(Settings)]
    for name in document:
        if name not in names:
            raise SettingsError(f"{file}: unknown option '{name}'{_did_you_mean(name, names)}")
    return {name: _as_text(value) for name, value in document.items()}


def _as_text(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _refuse_unknown_variables(environment: Mapping[str, str]) -> None:
    known = [option.variable for option in (*OPTIONS, _CONFIG)]
    for name in environment:
        if name.startswith("BILLECTA_MOCK_") and name not in known:
            raise SettingsError(f"{name}: unknown environment variable{_did_you_mean(name, known)}")


def _did_you_mean(word: str, known: Sequence[str]) -> str:
    close = get_close_matches(word, known, n=1)
    return f"; did you mean '{close[0]}'?" if close else ""
