"""Load from wrk, and what it says of it."""

import itertools
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.cases import Case

CONNECTIONS: Final = 16
_FIRST_REFUSAL: Final = 300
_HERE: Final = Path(__file__).parent
_MILLISECONDS: Final = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}
_first_numbers = itertools.count(0, 1_000_000)


class LoadError(RuntimeError):
    """A server answered otherwise than the case has it, so its figures would say nothing."""


@dataclass(frozen=True)
class Load:
    """What wrk measured: requests, their rate per second, and latencies in milliseconds."""

    requests: int
    rate: float
    p50: float
    p99: float


def require_wrk() -> None:
    """End with a sentence where the load generator is missing."""
    if shutil.which("wrk") is None:
        sys.exit("bench: wrk makes the load and is not installed; on Debian: apt-get install wrk")


def put_load(origin: str, case: Case, path: str, seconds: int, headers: dict[str, str]) -> Load:
    """Put load on a server for so many whole seconds. Raises LoadError where it answers anything else."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency"]
    if case.method == "POST":
        command += ["-s", str(_HERE / "create.lua")]
    for name, value in headers.items():
        command += ["-H", f"{name}: {value}"]
    variables = {"BENCH_PATH": path, "BENCH_FIRST_NUMBER": str(next(_first_numbers))}
    done = subprocess.run(
        [*command, origin + path], capture_output=True, text=True, env={**os.environ, **variables}, check=True
    )
    load = _read(done.stdout)
    refused = int(_find(r"Non-2xx or 3xx responses: (\d+)", done.stdout, "0"))
    if "Socket errors" in done.stdout or refused != (load.requests if case.status >= _FIRST_REFUSAL else 0):
        raise LoadError(f"{case.name} was not answered as it should be:\n{done.stdout}")
    return load


def _read(text: str) -> Load:
    return Load(
        requests=int(_find(r"(\d+) requests in", text)),
        rate=float(_find(r"Requests/sec:\s+([\d.]+)", text)),
        p50=_latency("50%", text),
        p99=_latency("99%", text),
    )


def _latency(share: str, text: str) -> float:
    value, unit = re.search(rf"{share}\s+([\d.]+)(us|ms|s|m)\b", text).groups()  # type: ignore[union-attr]
    return float(value) * _MILLISECONDS[unit]


def _find(pattern: str, text: str, otherwise: str | None = None) -> str:
    found = re.search(pattern, text)
    if found is None and otherwise is None:
        raise LoadError(f"wrk said something else than expected:\n{text}")
    return found[1] if found else str(otherwise)
