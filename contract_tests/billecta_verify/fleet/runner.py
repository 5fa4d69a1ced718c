"""Judges deployments side by side, each in a process of its own, so that none can disturb another.

A process gets its settings by its environment, where other users of the machine cannot see them, and a session of its
own, so that Ctrl-C reaches this one alone: it ends the others in good order, and each writes what it knows.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Final

from billecta_verify.config.options import PREFIX
from billecta_verify.fleet.targets import Member
from billecta_verify.reporting.files import discard_reports

WRONG_USE: Final = 2
INTERRUPTED: Final = 130
REPORT: Final = "report.json"
OUTPUT: Final = "output.txt"
"""What a run says on its terminal."""

FAILED_BY_ITSELF: Final = "failed by itself"
_POLL: Final = 0.05
_TIME_TO_END: Final = 30.0
_ROOT: Final = str(Path(__file__).parents[2])


@dataclass(frozen=True, slots=True)
class MemberRun:
    """How the verification of one deployment ended: exit status, report, or the sentence that says why there is none.

    `failed` is whether it was the verifier that failed.
    """

    member: Member
    status: int
    report: Mapping[str, Any] | None = None
    sentence: str | None = None
    seconds: float = 0.0
    failed: bool = False


@dataclass(slots=True)
class _Under:
    """A verification under way."""

    member: Member
    directory: Path
    process: subprocess.Popen[bytes]
    began: float = field(default_factory=monotonic)


def run_members(
    members: Sequence[Member], parallel: int, directory: Path, told: Callable[[str, MemberRun | None], None]
) -> list[MemberRun]:
    """Verify each, at most so many at a time; reports go to `directory` / name. Returns the runs in the same order.

    `told` hears of each that begins (None) and ends. An interruption ends them all, and is a status of each.
    """
    done: dict[str, MemberRun] = {}
    for member in members:
        discard_reports(directory / member.name)
        (directory / member.name / OUTPUT).unlink(missing_ok=True)
        if member.problem is not None:
            done[member.name] = MemberRun(member, WRONG_USE, sentence=member.problem)
            told(member.name, done[member.name])
    waiting = [member for member in members if member.name not in done]
    under: list[_Under] = []
    try:
        while waiting or under:
            while waiting and len(under) < parallel:
                told(waiting[0].name, None)
                under.append(_started(waiting.pop(0), directory))
            _collect(under, done, told)
            sleep(_POLL)
    except KeyboardInterrupt:
        _end(under)
    finally:
        _kill(under)
        _collect(under, done, told)
    return [done.get(member.name) or MemberRun(member, INTERRUPTED, sentence="not begun") for member in members]


def _started(member: Member, directory: Path) -> _Under:
    own = directory / member.name
    own.mkdir(parents=True, exist_ok=True)
    with (own / OUTPUT).open("wb") as output, (own / _errors(member)).open("wb") as errors:
        process = subprocess.Popen(  # noqa: S603 — our own interpreter and module
            [sys.executable, "-P", "-m", "billecta_verify", "--report-dir", str(own), "--no-color"],
            env=_environment(member),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            start_new_session=True,
        )
    return _Under(member, own, process)


def _environment(member: Member) -> dict[str, str]:
    """Our own, without what is set for other deployments."""
    secret = set(member.hidden)
    rest = {name: text for name, text in os.environ.items() if not name.startswith(PREFIX) and name not in secret}
    path = os.pathsep.join([_ROOT, *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**rest, "PYTHONPATH": path, **member.variables}


def _collect(under: list[_Under], done: dict[str, MemberRun], told: Callable[[str, MemberRun | None], None]) -> None:
    """Note those that have ended, and take them off the list."""
    for item in [item for item in under if item.process.poll() is not None]:
        under.remove(item)
        done[item.member.name] = _ended(item)
        told(item.member.name, done[item.member.name])


def _ended(item: _Under) -> MemberRun:
    errors = item.directory / _errors(item.member)
    last = errors.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
    errors.unlink()
    sentence = last[0].removeprefix("billecta-verify: ") if last else None
    status = item.process.returncode
    if status < 0:
        status, sentence = INTERRUPTED, sentence or "ended before the first check"
    failed = sentence is not None and sentence.startswith(FAILED_BY_ITSELF)
    report = _report(item.directory / REPORT)
    return MemberRun(item.member, status, report, sentence, monotonic() - item.began, failed)


def _report(file: Path) -> dict[str, Any] | None:
    try:
        report: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    return report


def _end(under: Sequence[_Under]) -> None:
    """Ask each to end and to write what it knows, and give them time for it."""
    for item in under:
        item.process.terminate()
    deadline = monotonic() + _TIME_TO_END
    for item in under:
        try:
            item.process.wait(max(0.0, deadline - monotonic()))
        except subprocess.TimeoutExpired:
            continue  # it is killed next


def _kill(under: Sequence[_Under]) -> None:
    for item in under:
        if item.process.poll() is None:
            item.process.kill()
            item.process.wait()


def _errors(member: Member) -> str:
    return f".{member.name}.errors"
