"""The options of `billecta-mock`, and the one Settings object: built once from flags, environment and file."""

import argparse
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from enum import StrEnum
from importlib.metadata import version
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final, NoReturn

from billecta_mock.domain.payments import Progression
from billecta_mock.domain.world import Masking, WorldSettings

_HIGHEST_PORT: Final = 65535
_TOKEN: Final = re.compile(r"[A-Za-z0-9._~+/-]{8,200}={0,2}")
_LABEL: Final = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST: Final = re.compile(rf"{_LABEL}(\.{_LABEL})*")
_LONGEST_HOST: Final = 253
_SWITCH: Final = {"true": True, "false": False}


LIST_DEFECTS = "defects"
"""The one command there is beside serving; it comes first on the command line."""
_ONE_PROCESS: Final = (
    "--workers {}: worlds, payments and journals are kept in the memory of one process, and another would not know of "
    "them; serve with one worker, or start a mock on a port of its own for each group of tests"
)


class LogFormat(StrEnum):
    """How a log line is written."""

    TEXT = "text"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Option:
    """One option: `--name` as a flag, `BILLECTA_MOCK_NAME` in the environment, `name` in the configuration file.

    `read` turns text into the value and raises ValueError with the rest of the sentence "… is not". An option without
    a `metavar` is a switch: as a flag it takes no value. What is secret is never repeated in a complaint. A list is
    given by a flag for each value, in the environment with commas between them, in the file as an array.
    """

    name: str
    read: Callable[[str], Any]
    metavar: str | None
    help: str
    is_secret: bool = False
    is_list: bool = False

    @property
    def flag(self) -> str:
        """How it is spelled on the command line."""
        return f"--{self.name.replace('_', '-')}"

    @property
    def variable(self) -> str:
        """How it is spelled in the environment."""
        return f"BILLECTA_MOCK_{self.name.upper()}"


def _whole(lowest: int, highest: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isascii() or not text.isdecimal() or not lowest <= int(text) <= highest:
            raise ValueError(f"a whole number from {lowest} to {highest}")
        return int(text)

    return read


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 86_400:  # noqa: PLR2004 — a day, said in the sentence
        raise ValueError("a number of seconds from 0 to 86400")
    return value


def _names(text: str) -> tuple[str, ...]:
    return tuple(name for each in text.split(",") if (name := each.strip()))


def _hosts(text: str) -> tuple[str, ...]:
    names = _names(text)
    if not names or not all(_is_host(name) for name in names):
        raise ValueError("a host name such as mock.example, or an IP address")
    return names


def _is_host(text: str) -> bool:
    try:
        return bool(ip_address(text))
    except ValueError:
        return len(text) <= _LONGEST_HOST and bool(_HOST.fullmatch(text))


def _switch(text: str) -> bool:
    try:
        return _SWITCH[text.lower()]
    except KeyError:
        raise ValueError("true or false") from None


def _token(text: str) -> str:
    if not _TOKEN.fullmatch(text):
        raise ValueError("8 to 200 letters, digits and - . _ ~ + /, as a bearer token has them (RFC 6750)")
    return text


def _word(words: type[StrEnum]) -> Callable[[str], StrEnum]:
    def read(text: str) -> StrEnum:
        try:
            return words(text)
        except ValueError:
            raise ValueError(f"one of {', '.join(words)}") from None

    return read


def _path(text: str) -> Path:
    if not text:
        raise ValueError("the name of a file or folder")
    return Path(text)


OPTIONS: Final = (
    Option("host", str, "ADDRESS", "address to listen on (127.0.0.1: this machine only)"),
    Option("port", _whole(0, _HIGHEST_PORT), "PORT", "port to listen on; 0 takes a free one (8080)"),
    Option("masking", _word(Masking), "404|401|mixed", "answer to a missing or wrong key (404); mixed: 401 if missing"),
    Option("seed_file", _path, "FILE", "YAML or JSON with the keys and invoices of the world 'database'"),
    Option("progression", _word(Progression), "time|polls|manual", "what moves a payment on (time)"),
    Option("pay_after_seconds", _seconds, "SECONDS", "when a payment becomes Paid, under progression time (4)"),
    Option("pay_after_polls", _whole(0, 1_000_000), "N", "status reads before Paid, under progression polls (2)"),
    Option("defect", _names, "NAME", "deviate from the contract; 'billecta-mock defects' lists how", is_list=True),
    Option("random_seed", _whole(0, 2**63 - 1), "N", "make request ids the same in every run (they can be guessed)"),
    Option("max_worlds", _whole(1, 1_000_000), "N", "worlds that there can be at once (1000)"),
    Option("payments_size", _whole(1, 10_000_000), "N", "payments that each world keeps (20000)"),
    Option("journal_size", _whole(1, 100_000), "N", "exchanges that each world keeps in its journal (1000)"),
    Option("max_rules", _whole(1, 100_000), "N", "rules, and faults, that each world can have (1000)"),
    Option("workers", _whole(1, 1000), "N", "processes that serve; the store is in memory, so there can be 1 only (1)"),
    Option("document_cache_mb", _whole(1, 10_000), "MB", "memory for invoice PDFs that were drawn (32)"),
    Option("ready_file", _path, "FILE", "write the base URL to this file once the server accepts connections"),
    Option("spec_file", _path, "FILE", "OpenAPI document to serve instead of the contract that ships"),
    Option("quiet", _switch, None, "print no banner; warnings go to standard error all the same"),
    Option("watch", _switch, None, "read the seed file and the spec file again when they change"),
    Option("log_format", _word(LogFormat), "text|json", "how log lines are written, to standard error (text)"),
    Option("access_log", _switch, None, "log each request to the API, with key and phone masked"),
    Option("expose", _switch, None, "number each answer with its exchange in the journal, as x-mock-exchange"),
    Option("admin_token", _token, "TOKEN", "bearer token of the admin API; made up where needed", is_secret=True),
    Option("tls_cert", _path, "FILE", "serve https with this certificate chain (PEM)"),
    Option("tls_key", _path, "FILE", "the private key of --tls-cert (PEM, not encrypted)"),
    Option("tls_self_signed", _path, "DIR", "serve https with a certificate made by an authority that is kept in DIR"),
    Option(
        "tls_name", _hosts, "NAME", "name or address to put into the certificate of --tls-self-signed", is_list=True
    ),
    Option("tls_client_ca", _path, "FILE", "let in only clients with a certificate of these authorities (PEM)"),
)
"""Every option, in the order of the help page."""


_CONFIG = Option("config", Path, "FILE", "TOML file with any of these options, named as the flags, with underscores")


_READY_FILE = next(option for option in OPTIONS if option.name == "ready_file")


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
