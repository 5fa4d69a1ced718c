"""Running the checks of some clauses, and of them alone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.verify.small_server import Contract

import billecta_verify
from billecta_verify.reporting.model import Result

JUDGED = """
import sys
from billecta_verify.runner import run
from billecta_verify.config.target import Target
assert run.__file__.startswith(sys.argv[2])
print(run.run(Target(base_url=sys.argv[1], api_key="Zx81-Valid-Key", invoice_id="1001"), clauses={"PDF-1"}).verdict)
"""


def test_the_checks_of_other_clauses_are_left_out(judge: Callable[..., Result]) -> None:
    result = judge(Contract(), clauses={"PDF-1", "AUTH-1"})
    assert {check.clause for check in result.checks} == {"PDF-1", "AUTH-1"}


def test_what_else_lies_where_the_package_is_installed_does_not_matter(base_url: str, tmp_path: Path) -> None:
    shutil.copytree(Path(billecta_verify.__file__).parent, tmp_path / "billecta_verify")
    for folder in (tmp_path, tmp_path / "billecta_verify", tmp_path / "billecta_verify/checks"):
        (folder / "backup.bin").write_bytes(b"\xfb\xff")
    done = subprocess.run(
        [sys.executable, "-c", JUDGED, base_url, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout == "conforms\n", done.stderr
