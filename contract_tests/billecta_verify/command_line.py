"""The command line of billecta-verify: its help, and one sentence for whatever is wrong with it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any, Final, NoReturn

from billecta_verify.config.loader import UsageError, closest
from billecta_verify.config.options import OPTIONS

_DESCRIPTION: Final = (
    "Judge a deployment of limepkg-billecta-integration against its published contract. Without --base-url, "
    "billecta-mock is started and judged. Without --allow-payments nobody is asked to pay: what is sent are reads, and "
    "creates that must be refused, on numbers reserved for fiction."
)
_EPILOG: Final = (
    "Each flag can also be set in the environment (named in brackets) and in the target file. Exit status: 0 conforms, "
    "1 does not, 2 wrong use or not reachable, 3 nothing wrong but not all could be judged, 130 interrupted. "
    "`billecta-verify diff --help` says how two reports, or two deployments, are compared."
)


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, in place of the whole usage."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(message.removeprefix("argument "))


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
    parser = _Parser(prog="billecta-verify", description=_DESCRIPTION, epilog=_EPILOG, allow_abbrev=False)
    for option in OPTIONS:
        parser.add_argument(option.flag, **option.arguments(default=None))
    parser.add_argument("--version", action="version", version=f"billecta-verify {version}")
    return parser
