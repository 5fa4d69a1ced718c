"""Whether the mock grows: its memory after each part of a million requests, none of them like another.

The world has rules, faults with a quota, and a journal that somebody follows. Load comes from wrk and goes to 127.0.0.1
only.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from run import CONNECTIONS, HERE, Server, fetch, serving

PARTS = 10
SECONDS = 2
MEGABYTE = 1024 * 1024
API = "/database/limepkg-billecta-integration"
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
    if not shutil.which("wrk"):
        sys.exit("bench: wrk is not on the path; on Debian: apt-get install wrk")
    with tempfile.TemporaryDirectory() as folder, serving(["-m", "mock_server", "--port", "0"], Path(folder)) as mock:
        for kind, rules in (("rules", RULES), ("faults", FAULTS)):
            fetch(f"{mock.origin}{WORLD}/{kind}", "PUT", json.dumps(rules).encode())
        watch(mock, arguments.requests)


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
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "-s", str(HERE / "mixed.lua")]
    environment = {**os.environ, "BENCH_PATH": API, "BENCH_FIRST_NUMBER": str(first_number)}
    arguments = [*command, "-H", "x-api-key: ABC123", origin]
    output = subprocess.run(arguments, capture_output=True, text=True, env=environment, check=True).stdout
    return int(re.search(r"(\d+) requests in", output)[1])  # type: ignore[index]


if __name__ == "__main__":
    main()
