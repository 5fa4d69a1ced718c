"""How much of the machine the mock needs for a request, beside a bare ASGI function under the same uvicorn.

Each round puts the same load on both, one after the other, and compares them within the round: the machine may be
busy with other things, and a ratio of neighbours suffers least from that. The figures are medians over the rounds.
Load comes from wrk and goes to 127.0.0.1 only.
"""

import argparse
import itertools
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

HERE = Path(__file__).parent
KEY = {"x-api-key": "ABC123"}
CONNECTIONS = 16
START_SECONDS = 20
WARM_UP_SECONDS = 1
_first_numbers = itertools.count(0, 1_000_000)


@dataclass(frozen=True)
class Measure:
    """One load on one server: requests per second, and CPU microseconds of the server per request."""

    rate: float
    cpu: float


@dataclass(frozen=True)
class Case:
    """One kind of request, and the answer that the bare function gives in its place."""

    name: str
    method: str
    path: str
    status: int
    media_type: str


class Server:
    """A server process that was started for the benchmark."""

    def __init__(self, process: subprocess.Popen[bytes], origin: str) -> None:
        self.origin = origin
        self._process = psutil.Process(process.pid)

    def cpu_seconds(self) -> float:
        times = self._process.cpu_times()
        return times.user + times.system

    def memory(self) -> int:
        """The bytes that it holds in memory."""
        held: int = self._process.memory_info().rss
        return held


@contextmanager
def serving(command: list[str], folder: Path) -> Iterator[Server]:
    ready = folder / "ready"
    ready.unlink(missing_ok=True)
    process = subprocess.Popen([sys.executable, *command, "--ready-file", str(ready)], stdout=subprocess.DEVNULL)
    try:
        yield Server(process, wait_for(ready, process))
    finally:
        process.terminate()
        process.wait(timeout=START_SECONDS)


def wait_for(ready: Path, process: subprocess.Popen[bytes]) -> str:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if ready.exists() and (origin := ready.read_text().strip()):
            return origin
        if process.poll() is not None:
            break
        time.sleep(0.02)
    sys.exit(f"bench: {' '.join(process.args)} did not become ready")  # type: ignore[arg-type]


def measure(server: Server, case: Case, seconds: float) -> Measure:
    """A server under load that it has had for a while: one that was idle is slow at first, whatever it does."""
    load(server, case, WARM_UP_SECONDS)
    return load(server, case, seconds)


def load(server: Server, case: Case, seconds: float) -> Measure:
    """Put wrk's load on a server; leave by SystemExit if it was answered anything but what the case expects."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds:.0f}s", "-H", "x-api-key: ABC123"]
    if case.method == "POST":
        command += ["-s", str(HERE / "create.lua")]
    first_number = str(next(_first_numbers))
    environment = {**os.environ, "BENCH_PATH": case.path, "BENCH_FIRST_NUMBER": first_number}
    before = server.cpu_seconds()
    output = subprocess.run([*command, server.origin + case.path], capture_output=True, env=environment, check=True)
    used, text = server.cpu_seconds() - before, output.stdout.decode()
    if "Non-2xx" in text or "Socket errors" in text:
        sys.exit(f"bench: {case.name} was not answered as it should be:\n{text}")
    requests = int(re.search(r"(\d+) requests in", text)[1])  # type: ignore[index]
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1])  # type: ignore[index]
    return Measure(rate, used / requests * 1e6)


def fetch(url: str, method: str = "GET", body: bytes | None = None) -> tuple[int, str, bytes]:
    request = urllib.request.Request(url, data=body, headers=KEY, method=method)  # noqa: S310 — our own server
    with urllib.request.urlopen(request) as response:  # noqa: S310
        return response.status, response.headers["content-type"], response.read()


def compare(mock: Server, case: Case, folder: Path, rounds: int, seconds: float) -> list[tuple[Measure, Measure]]:
    """Pairs of measures, mock and bare, of one case."""
    status, media_type, body = fetch(mock.origin + case.path + _sample_query(case), case.method)
    if (status, media_type) != (case.status, case.media_type):
        sys.exit(f"bench: {case.name} gave {status} {media_type}")
    answer = folder / "body"
    answer.write_bytes(body)
    bare = [str(HERE / "bare.py"), "--status", str(status), "--media-type", media_type, "--body", str(answer)]
    with serving(bare, folder) as limit:
        return [(measure(mock, case, seconds), measure(limit, case, seconds)) for _ in range(rounds)]


def _sample_query(case: Case) -> str:
    return "?phone=46701740605&message=Invoice+123" if case.method == "POST" else ""


def report(case: Case, pairs: list[tuple[Measure, Measure]]) -> str:
    rate, bare_rate = (statistics.median(pair[side].rate for pair in pairs) for side in (0, 1))
    cpu, bare_cpu = (statistics.median(pair[side].cpu for pair in pairs) for side in (0, 1))
    cpu_ratio = statistics.median(mock.cpu / bare.cpu for mock, bare in pairs)
    rate_ratio = statistics.median(mock.rate / bare.rate for mock, bare in pairs)
    return (
        f"{case.name:<16}{rate:>10.0f}{bare_rate:>10.0f}{rate_ratio:>8.2f}"
        f"{cpu:>12.0f}{bare_cpu:>10.0f}{cpu_ratio:>8.2f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3)
    arguments = parser.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("bench: wrk makes the load and is not installed; on Debian: apt-get install wrk")
    with tempfile.TemporaryDirectory() as name:
        run(Path(name), arguments.rounds, arguments.seconds)


def run(folder: Path, rounds: int, seconds: float) -> None:
    mock_command = ["-m", "mock_server", "--port", "0", "--pay-after-seconds", "3600"]
    with serving(mock_command, folder) as mock:
        base = "/database/limepkg-billecta-integration"
        created = fetch(f"{mock.origin}{base}/payments/swish/action123?phone=46701740606&message=Hej", "POST")
        request_id = json.loads(created[2])["requestid"]
        cases = (
            Case("GET status", "GET", f"{base}/payments/swish/{request_id}", 200, "application/json"),
            Case("GET invoice PDF", "GET", f"{base}/fetch-invoice-pdf/1001/", 200, "application/pdf"),
            Case("POST create", "POST", f"{base}/payments/swish/action123", 201, "application/json"),
        )
        print(f"{CONNECTIONS} connections, {rounds} rounds of {seconds:.0f} s each; medians, ratios within a round\n")
        print(f"{'':<16}{'requests/s':>10}{'bare':>10}{'ratio':>8}{'CPU µs/req':>12}{'bare':>10}{'ratio':>8}")
        for case in cases:
            print(report(case, compare(mock, case, folder, rounds, seconds)), flush=True)


if __name__ == "__main__":
    main()
