"""The commands, started as real processes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

START_SECONDS = 20
TIMEOUT = 10
API = "/database/limepkg-billecta-integration"
KEY = {"x-api-key": "ABC123"}
PROGRAM = (sys.executable, "-W", "error", "-m", "billecta_mock")
Command = Callable[..., "subprocess.CompletedProcess[str]"]


def environment(**variables: str) -> dict[str, str]:
    """This process's environment without what would steer the commands, and with these variables."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BILLECTA_")}
    return {**kept, **variables}


@pytest.fixture
def mock_command() -> Command:
    """Run `python -m billecta_mock` to its end."""

    def run(*arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "billecta_mock", *arguments],
            capture_output=True,
            text=True,
            env=environment(**variables),
            timeout=START_SECONDS,
            check=False,
        )

    return run


class RunningMock:
    """A mock that was started as a process and is ready."""

    def __init__(self, process: "subprocess.Popen[str]", origin: str) -> None:
        self.process = process
        self.origin = origin

    def stop(self, by: signal.Signals = signal.SIGTERM) -> tuple[str, str]:
        """What it printed to both streams until it ended."""
        self.process.send_signal(by)
        return self.process.communicate(timeout=START_SECONDS)


Start = Callable[..., RunningMock]


@pytest.fixture
def start_mock(tmp_path: Path) -> Iterator[Start]:
    """Start `python -m billecta_mock` on a free port; whatever still runs at the end is stopped."""
    started: list[RunningMock] = []

    def start(*arguments: str) -> RunningMock:
        ready = tmp_path / f"ready-{len(started)}"
        process = subprocess.Popen(
            [*PROGRAM, "--port", "0", "--ready-file", str(ready), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(),
        )
        end = time.monotonic() + START_SECONDS
        while not ready.exists():
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < end, "the mock did not become ready"
            time.sleep(0.02)
        started.append(RunningMock(process, ready.read_text().strip()))
        return started[-1]

    yield start
    for mock in started:
        if mock.process.poll() is None:
            mock.stop()
        for stream in filter(None, (mock.process.stdout, mock.process.stderr)):
            stream.close()
