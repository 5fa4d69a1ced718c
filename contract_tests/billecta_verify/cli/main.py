"""The command line of billecta-verify, and how it exits. What does the work is imported once the flags are read."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final, NoReturn

from billecta_verify.config.errors import INTERRUPTED, WRONG_USE, FailureError, UsageError, check_extra
from billecta_verify.config.loader import closest
from billecta_verify.config.options import OPTIONS, FlagParser

_DESCRIPTION: Final = (
    "Verify a deployment of limepkg-billecta-integration against its published contract. Without --base-url, "
    "billecta-mock is started and verified. Without --allow-payments nobody is asked to pay: what is sent are reads, "
    "and creates that must be refused, on numbers reserved for fiction."
)
_EPILOG: Final = (
    "Each flag can also be set in the environment (named in brackets) and in the target file. Exit status: 0 conforms, "
    "1 does not, 2 wrong use or not reachable, 3 nothing wrong but not all could be verified, 130 interrupted. "
    "`billecta-verify diff --help` says how two reports, or two deployments, are compared."
)


_DEBUG: Final = "BILLECTA_DEBUG"


def parse(arguments: Sequence[str] | None, version: str) -> dict[str, Any]:
    """What the flags say, by option; None where one is not given. Raises UsageError."""
    flags, unknown = _parser(version).parse_known_args(arguments)
    if unknown:
        raise UsageError(_unknown(unknown[0]))
    return vars(flags)


def _unknown(argument: str) -> str:
    """Only the name is shown: what stands behind it, or alone, may be a key."""
    if not argument.startswith("-"):
        return "an argument stands without a flag; see billecta-verify --help for what can be set"
    name = argument.partition("=")[0]
    close = closest(name, [option.flag for option in OPTIONS])
    advice = f"did you mean '{close}'?" if close else "see billecta-verify --help for what can be set"
    return f"unknown flag '{name}'; {advice}"


def _parser(version: str) -> argparse.ArgumentParser:
    parser = FlagParser(prog="billecta-verify", description=_DESCRIPTION, epilog=_EPILOG, allow_abbrev=False)
    for option in OPTIONS:
        parser.add_argument(option.flag, **option.arguments(default=None))
    parser.add_argument("--version", action="version", version=f"billecta-verify {version}")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify, report, and return the exit status: 0, 1, 2, 3 or 130."""
    previous = signal.signal(signal.SIGTERM, _interrupt)
    try:
        return _run(list(sys.argv[1:] if arguments is None else arguments))
    except FailureError as error:
        _say(str(error))
        return WRONG_USE
    except KeyboardInterrupt:
        _say("interrupted before the first check")
        return INTERRUPTED
    except Exception as error:
        if os.environ.get(_DEBUG):
            raise
        # Its text may quote what was sent.
        _say(f"failed by itself ({type(error).__name__}): {_DEBUG}=1 shows where")
        return WRONG_USE
    finally:
        signal.signal(signal.SIGTERM, previous)


def _run(arguments: list[str]) -> int:
    if arguments[:1] == ["diff"]:
        check_extra()
        from billecta_verify.cli.commands import compare  # noqa: PLC0415 — `--help` must not wait for what verifies

        return compare(arguments[1:], lambda said: print(said, file=sys.stderr))
    flags = parse(arguments, _version())
    check_extra()
    from billecta_verify.cli.commands import judge  # noqa: PLC0415 — as above

    return judge(flags)


def _version() -> str:
    try:
        return version("lime-billecta-contract")
    except PackageNotFoundError:  # run from a source tree that is not installed
        return "not installed"


def _interrupt(_number: int, _frame: object) -> NoReturn:
    """A pipeline that is cancelled sends SIGTERM: end as for Ctrl-C, with what is known so far."""
    raise KeyboardInterrupt


def _say(sentence: str) -> None:
    print(f"billecta-verify: {sentence}", file=sys.stderr)
