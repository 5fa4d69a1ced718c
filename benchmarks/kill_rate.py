"""How many of the mock's defects the verifier finds, and at what price, beside stock schemathesis on the same defects.

    python -m benchmarks.kill_rate [--every N] [--without-schemathesis]

Each defect is put into a world of its own on one server. The verifier runs whole, with all that the sample world has.
Schemathesis runs as `st run spec/billecta_spec/openapi.yaml` with a valid key and its own defaults; a defect counts as
found when it reports a failure that it does not report of a world without defects. It is asked of every tenth defect
(--every), for each of its runs takes many times as long.
"""

from __future__ import annotations

import argparse
import json
import logging
import subprocess
import sys
import tempfile
import warnings
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from pathlib import Path
from time import perf_counter
from typing import Any

from billecta_mock.defects.catalogue import CATALOGUE
from billecta_mock.server.runner import MockServer
from billecta_verify.runner.mock_process import mock_target
from billecta_verify.runner.run import run

_SPECIFICATION = Path(__file__).parents[1] / "spec/billecta_spec/openapi.yaml"
_LONGEST = 300
_FOREIGN_KEY = "KEY-OF-ELSEWHERE"


@dataclass(frozen=True)
class Score:
    """What one program made of one world."""

    found: frozenset[str]
    requests: int
    payments: int
    seconds: float


class Worlds:
    """Worlds on one server, and what they have been asked."""

    def __init__(self, server: MockServer) -> None:
        self._server = server
        key = {"key": _FOREIGN_KEY, "name": "Elsewhere", "operations": "all", "invoices": "all"}
        self._control("PUT", "/elsewhere", {"keys": [key]})

    def open(self, name: str, *defects: str) -> str:
        """A new world with these defects; returns its base URL."""
        self._control("PUT", f"/{name}")
        self._control("PUT", f"/{name}/defects", list(defects))
        return self._server.url(name)

    def asked(self, name: str) -> tuple[int, int]:
        """How many requests the world has got, and how many payment requests it holds."""
        requests = self._control("GET", f"/{name}/requests?limit=1")["last"]
        return int(requests), len(self._control("GET", f"/{name}/payments")["payments"])

    def _control(self, method: str, path: str, body: Any = None) -> Any:
        connection = HTTPConnection(self._server.origin.removeprefix("http://"), timeout=30)
        text = None if body is None else json.dumps(body)
        connection.request(method, f"/__admin/worlds{path}", text, {"content-type": "application/json"})
        said = connection.getresponse().read()
        connection.close()
        return json.loads(said) if said else None


def judge(base_url: str) -> Score:
    """One whole run of the verifier."""
    result = run(replace(mock_target(base_url, {"foreign_key": _FOREIGN_KEY}), base_url=base_url))
    found = frozenset(finding.clause for finding in result.findings)
    payments = result.counts.payments + result.counts.unexpected_payments
    return Score(found, result.counts.requests, payments, result.seconds)


def schemathesis(base_url: str) -> Score:
    """One run of stock schemathesis; what it found are the messages of its failures."""
    started = perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "junit.xml"
        command = [
            str(Path(sys.executable).with_name("st")), "run", str(_SPECIFICATION), "--url", base_url,
            "--header", "x-api-key: ABC123", "--report", "junit", "--report-junit-path", str(report), "--seed", "1",
        ]  # fmt: skip
        subprocess.run(command, cwd=folder, capture_output=True, timeout=_LONGEST, check=False)
        found = frozenset(_failures(report))
    return Score(found, 0, 0, perf_counter() - started)


def _failures(report: Path) -> Iterator[str]:
    for case in ET.parse(report).iter("testcase"):  # noqa: S314 — the XML is what schemathesis has just written
        for failure in case.iter("failure"):
            titles = [line.strip() for line in (failure.text or failure.get("message") or "").splitlines()]
            yield from (f"{case.get('name')}: {line}" for line in titles if line.startswith("- "))


def kill_rate(worlds: Worlds, program: Callable[[str], Score], names: list[str], *, judges: bool) -> None:
    """Run a program on each defect, and print the row of the table."""
    label = "judge" if judges else "schemathesis"
    plain = program(worlds.open(f"{label}-plain"))
    scores = {name: program(worlds.open(f"{label}-{name}", name)) for name in names}
    killed = [
        name
        for name, score in scores.items()
        if (CATALOGUE[name].clause in score.found if judges else bool(score.found - plain.found))
    ]
    asked = [worlds.asked(f"{label}-{name}") for name in names]
    requests, payments = (sum(column) / len(names) for column in zip(*asked, strict=True))
    seconds = sum(score.seconds for score in scores.values()) / len(names)
    noise = len(plain.found)
    print(
        f"{label:14} {len(killed):4} of {len(names):4} {100 * len(killed) / len(names):6.1f} %"
        f" {requests:9.0f} {payments:9.1f} {seconds:8.1f} {noise:8}",
        flush=True,
    )
    if judges and len(killed) < len(names):
        print("  not found:", ", ".join(sorted(set(names) - set(killed))))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int, default=10, help="schemathesis is asked of each Nth defect (10)")
    parser.add_argument("--judge-every", type=int, default=1, help="the verifier is run on each Nth defect (1)")
    parser.add_argument("--without-schemathesis", action="store_true")
    arguments = parser.parse_args()
    compare(arguments.judge_every, 0 if arguments.without_schemathesis else arguments.every)


def compare(judge_every: int, every: int) -> None:
    """Print the table: the verifier on each so-many-eth defect, and schemathesis, or not at all for 0."""
    warnings.simplefilter("ignore")
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # what is sent is often no HTTP
    print("program           defects found       requests  payments  seconds   on none", flush=True)
    with MockServer() as server:
        worlds = Worlds(server)
        kill_rate(worlds, judge, list(CATALOGUE)[::judge_every], judges=True)
        if every:
            kill_rate(worlds, schemathesis, list(CATALOGUE)[::every], judges=False)
    print("requests, payments and seconds are means per defect; `on none` is what is reported of a world without one")


if __name__ == "__main__":
    main()
