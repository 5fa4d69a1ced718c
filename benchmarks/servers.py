"""Servers that are started for a measurement: their start, their CPU time, their memory, their end."""

import http.client
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import psutil

from benchmarks.contestant import Sample

START_SECONDS: Final = 60
_STOP_SECONDS: Final = 10
_PAUSE_SECONDS: Final = 0.005
MEGABYTE: Final = 1024 * 1024


@dataclass(frozen=True)
class Probe:
    """The request whose answer shows that a server is there."""

    method: str
    path: str
    status: int
    headers: dict[str, str]


class StartError(RuntimeError):
    """A server did not come to its first answer."""


class Server:
    """A server process and its children."""

    def __init__(self, process: "subprocess.Popen[bytes]", origin: str, start_seconds: float) -> None:
        self.origin = origin
        self.start_seconds = start_seconds
        self._process = psutil.Process(process.pid)

    def cpu_seconds(self) -> float:
        """The CPU time that it has used, in all its threads and processes."""
        return sum(times.user + times.system for times in (process.cpu_times() for process in self._all()))

    def memory(self) -> int:
        """The bytes that it holds in memory."""
        return sum(int(process.memory_info().rss) for process in self._all())

    def _all(self) -> list[psutil.Process]:
        return [self._process, *self._process.children(recursive=True)]


@contextmanager
def serving(command: Sequence[str], origin: str, probe: Probe, folder: Path) -> Iterator[Server]:
    """Start a server in a folder, wait until it answers the probe as it should, and stop it in the end.

    Raises StartError where it ends or does not answer within a minute.
    """
    started = time.perf_counter()
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(list(command), cwd=folder, stdout=output, stderr=output)
    try:
        _wait_for(process, origin, probe, folder)
        yield Server(process, origin, time.perf_counter() - started)
    finally:
        _stop(process)


def ask(origin: str, method: str, path: str, headers: dict[str, str]) -> Sample:
    """One request on a connection of its own."""
    connection = http.client.HTTPConnection(urlsplit(origin).netloc, timeout=START_SECONDS)
    try:
        connection.request(method, path, headers=headers)
        response = connection.getresponse()
        return Sample(response.status, response.headers["content-type"] or "", response.read())
    finally:
        connection.close()


def tell(origin: str, path: str, document: bytes) -> None:
    """PUT a JSON document to an admin API. Raises RuntimeError where it is refused."""
    connection = http.client.HTTPConnection(urlsplit(origin).netloc, timeout=START_SECONDS)
    try:
        connection.request("PUT", path, document, {"content-type": "application/json"})
        response = connection.getresponse()
        said = response.read()
    finally:
        connection.close()
    if response.status >= http.client.BAD_REQUEST:
        raise RuntimeError(f"PUT {path} was answered {response.status}: {said.decode(errors='replace')}")


def _wait_for(process: "subprocess.Popen[bytes]", origin: str, probe: Probe, folder: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            if ask(origin, probe.method, probe.path, probe.headers).status == probe.status:
                return
        except OSError:
            time.sleep(_PAUSE_SECONDS)
    said = (folder / "output").read_text(errors="replace")[-500:]
    raise StartError(f"{' '.join(map(str, process.args))} did not answer {probe.path} with {probe.status}:\n{said}")  # type: ignore[arg-type]


def _stop(process: "subprocess.Popen[bytes]") -> None:
    children = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for child in children:
        if child.is_running():
            child.kill()
