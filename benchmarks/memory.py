"""Whether the mock grows: its memory after each part of a million requests, none of them like another.

The world has rules, faults with a quota, and a journal that somebody follows. Load comes from wrk and goes to 127.0.0.1
only.

    python -m benchmarks.memory [--requests N]
"""

import argparse
import json
import os
import re
import subprocess
import tempfile
from pathlib import Path

from benchmarks.cases import BASE
from benchmarks.field import Field
from benchmarks.load import CONNECTIONS, require_wrk
from benchmarks.own import mock
from benchmarks.servers import MEGABYTE, Server, tell

PARTS = 10
SECONDS = 2
WORLD = "/__admin/worlds/database"
RULES = [
    {"match": {"phone": "46701740621"}, "then": {"life": {"steps": [{"status": "Declined"}]}}},
    {"match": {"message": {"pattern": "^never$"}}, "then": {"refuse": {"code": "RP06"}}},
]
FAULTS = [{"then": {"fault": {"type": "STATUS", "quota": {"requests": 1_000_000, "seconds": 86_400}}}}]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=1_000_000)
    arguments = parser.parse_args()
    require_wrk()
    with tempfile.TemporaryDirectory() as folder, Field(Path(folder), starts=1) as field:
        field.start(mock())
        (server,) = field.servers.values()
        for kind, rules in (("rules", RULES), ("faults", FAULTS)):
            tell(server.origin, f"{WORLD}/{kind}", json.dumps(rules).encode())
        watch(server, arguments.requests)


def watch(mock: Server, requests: int) -> None:
    """Print the memory after each part; the first is the one in which everything that has a bound fills up to it."""
    print(f"{'requests':>10}{'MB':>8}")
    sent, first_number = 0, 0
    while sent < requests:
        part = 0
        while part < requests // PARTS:
            part += load(mock.origin, first_number)
            first_number += 1_000_000
        sent += part
        print(f"{sent:>10}{mock.memory() / MEGABYTE:>8.1f}", flush=True)


def load(origin: str, first_number: int) -> int:
    """Requests that were answered."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "-s", str(Path(__file__).with_name("mixed.lua"))]
    environment = {**os.environ, "BENCH_PATH": BASE, "BENCH_FIRST_NUMBER": str(first_number)}
    arguments = [*command, "-H", "x-api-key: ABC123", origin]
    output = subprocess.run(arguments, capture_output=True, text=True, env=environment, check=True).stdout
    return int(re.search(r"(\d+) requests in", output)[1])  # type: ignore[index]


if __name__ == "__main__":
    main()
