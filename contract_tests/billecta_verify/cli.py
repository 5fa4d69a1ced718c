"""billecta-verify: what it is told, and how it exits. What does the work is imported once the flags are understood."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Final, NoReturn

from billecta_verify.command_line import parse
from billecta_verify.config.errors import INTERRUPTED, WRONG_USE, FailureError

_DEBUG: Final = "BILLECTA_DEBUG"


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge, report, and return the exit status: 0, 1, 2, 3 or 130."""
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
        from billecta_verify.session import compare  # noqa: PLC0415 — `--help` must not wait for what judges

        return compare(arguments[1:], lambda said: print(said, file=sys.stderr))
    flags = parse(arguments, _version())
    from billecta_verify.session import judge  # noqa: PLC0415 — as above

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
