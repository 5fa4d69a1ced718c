"""`st run` with the files of `examples/schemathesis`, against small deployments that count what reaches them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.verify.cli.test_command_line import environment
from tests.verify.small_server import KEY, Answer, Asked, Contract, as_json, serving

from billecta_spec import OPENAPI_FILE

pytestmark = pytest.mark.full

ROOT = Path(__file__).parents[3]


class NeedsNoKey(Contract):
    def is_key(self, asked: Asked) -> bool:
        return True


class TellsWhatExists(Contract):
    def refuse_key(self, asked: Asked, resource: str) -> Answer:
        return as_json(404, message="Not for you" if "/1001/" in asked.raw_path else "Not Found")


class FailsOnStatus(Contract):
    def status(self, asked: Asked, request_id: str) -> Answer:
        return as_json(500, message="Internal Server Error")


def run(directory: Path, contract: Contract) -> subprocess.CompletedProcess[str]:
    shutil.copytree(ROOT / "examples/schemathesis", directory)
    shutil.copy(OPENAPI_FILE, directory)
    with serving(contract) as base_url:
        variables = {"BILLECTA_BASE_URL": base_url, "BILLECTA_API_KEY": KEY, "BILLECTA_INVOICE_ID": "1001"}
        program = "import sys; from schemathesis.cli import schemathesis; sys.exit(schemathesis())"
        return subprocess.run(
            [sys.executable, "-c", program, "run", "--rate-limit", "500/s",
             "openapi.yaml"],
            cwd=directory, env=environment(**variables), capture_output=True, text=True, timeout=200, check=False,
        )  # fmt: skip


def test_a_conforming_deployment_passes_and_nobody_is_asked_to_pay(tmp_path: Path) -> None:
    contract = Contract()
    done = run(tmp_path / "st", contract)
    assert done.returncode == 0, done.stdout
    assert contract.seen
    assert {asked.method for asked in contract.seen} <= {"GET", "HEAD"}
    assert contract.payments == {}


@pytest.mark.parametrize(
    ("contract", "words"),
    [
        (NeedsNoKey(), "not 401 or 404"),
        (TellsWhatExists(), "is told from one that does not"),
        (FailsOnStatus(), "Server error"),
    ],
    ids=["no key", "masking", "server error"],
)
def test_a_defect_is_found_and_called_by_its_name(tmp_path: Path, contract: Contract, words: str) -> None:
    done = run(tmp_path / "st", contract)
    assert done.returncode == 1, done.stdout + done.stderr
    assert words in done.stdout
    assert {asked.method for asked in contract.seen} <= {"GET", "HEAD"}
