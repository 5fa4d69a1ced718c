"""The mock, as a process of its own, keeps the contract in each of its masking modes."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from tests.tiers import full
from tests.verify.conftest import ON_LOOPBACK

from billecta_verify.fixtures.deployment import UnreachableError
from billecta_verify.reporting.model import Outcome
from billecta_verify.runner.mock_process import MockProcess, mock_target
from billecta_verify.runner.run import run


@pytest.mark.parametrize("masking", ["404", *full(["401", "mixed"])])
def test_the_mock_conforms_in_every_clause(masking: str) -> None:
    with MockProcess(["--masking", masking]) as origin:
        result = run(mock_target(origin, {}))
    assert [clause.clause.id for clause in result.clauses if clause.verdict is not Outcome.PASSED] == ON_LOOPBACK
    assert result.findings == ()
    assert result.counts.requests <= 350
    assert result.counts.payments <= 8


def test_a_mock_that_does_not_start_says_why() -> None:
    with pytest.raises(UnreachableError, match="billecta-mock did not start"), MockProcess(["--masking", "none"]):
        pass


def test_an_interrupted_judge_stops_the_mock_that_it_started(tmp_path: Path) -> None:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("BILLECTA_", "PYTEST_"))}
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "billecta_verify", "--rate-limit", "40"],
        cwd=tmp_path,
        env=inherited,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    port = re.search(r":(\d+)/", process.stdout.readline())
    assert port is not None
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=20)
    assert process.returncode == 130
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(port.group(1))), timeout=2)
