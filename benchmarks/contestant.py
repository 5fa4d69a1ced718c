"""One server that is measured, and how it is made to keep the contract."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.cases import Case


@dataclass(frozen=True)
class Sample:
    """An answer."""

    status: int
    media_type: str
    body: bytes


@dataclass(frozen=True)
class Reference:
    """What the mock answers, which the others are to answer too: by the name of the case, and the payment's id."""

    request_id: str
    samples: Mapping[str, Sample]

    @property
    def document(self) -> bytes:
        """The invoice as PDF."""
        return self.samples["GET PDF"].body


def send_key(case: Case) -> dict[str, str]:
    """The header that the contract asks for."""
    return {"x-api-key": case.key}


def ask_as_is(case: Case) -> str:
    """The path of the contract."""
    return case.path


@dataclass(frozen=True)
class Contestant:
    """A server to be measured.

    `command` writes what it needs into a folder and gives the command that serves on a port of 127.0.0.1. `path` and
    `headers` say how a case is asked of it. `note` tells how its answers differ from those of the contract.
    `warm_up_seconds` is the load before the first that counts.
    """

    name: str
    version: str
    command: Callable[[Path, int, Reference], list[str]]
    path: Callable[[Case], str] = ask_as_is
    headers: Callable[[Case], dict[str, str]] = send_key
    note: str = ""
    warm_up_seconds: int = 1
