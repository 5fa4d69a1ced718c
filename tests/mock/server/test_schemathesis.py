"""Stock schemathesis, as its users run it, finds nothing in the mock."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import billecta_spec
from billecta_mock.server.runner import MockServer

pytestmark = pytest.mark.full

SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
ADMIN_DOCUMENT = Path(__file__).parents[3] / "mock_server/billecta_mock/admin" / "openapi.yaml"
UNDER_MASKING = ("ignored_auth", "missing_required_header", "positive_data_acceptance")
"""What cannot hold: 404 stands in for 401, and Swish has rules for phones and messages that no schema says."""
UNDER_RULES = ("positive_data_acceptance",)
"""What cannot hold: not every text is the name of a world, nor every object a seed."""

AT_ONCE = """
[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 414]

[[operations]]
include-operation-id = "listRequests"
parameters = { "query.wait_seconds" = 0 }

[[operations]]
include-operation-id = "streamRequests"
parameters = { "query.for_seconds" = 0 }

[[operations]]
include-operation-id-regex = "^clear"
checks.use_after_free.enabled = false
"""
"""What waits, and what does not end, is asked not to; a target beyond the bound is a refusal as well; and a list that
was emptied is still a list.
"""


@pytest.fixture
def own_mock() -> Iterator[MockServer]:
    """A server that nobody shares: whoever tries all of the admin API also drops worlds."""
    with MockServer() as server:
        yield server


class Run(NamedTuple):
    """What is tried, under which path, without which checks, and with how many cases at least."""

    document: Path
    base_path: str
    left_out: tuple[str, ...]
    least: int


CONTRACT = Run(billecta_spec.OPENAPI_FILE, "/database/limepkg-billecta-integration", UNDER_MASKING, 100)
CONTROL_PLANE = Run(ADMIN_DOCUMENT, "/__admin", UNDER_RULES, 2000)


@pytest.mark.parametrize("run", [CONTRACT, CONTROL_PLANE], ids=["contract", "admin API"])
def test_schemathesis_finds_no_failure(own_mock: MockServer, tmp_path: Path, run: Run) -> None:
    configuration = tmp_path / "schemathesis.toml"
    checks = "".join(f"[checks.{name}]\nenabled = false\n" for name in run.left_out)
    configuration.write_text(checks + AT_ONCE, encoding="utf-8")
    url = own_mock.origin + run.base_path
    command = [SCHEMATHESIS, "--config-file", configuration, "run", run.document, "--url", url]
    options = ["-H", "x-api-key: ABC123", "--max-examples", "15", "--seed", "1", "--no-color"]
    result = subprocess.run([*command, *options], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout
    cases = re.search(r"(\d+) generated", result.stdout)
    assert cases, result.stdout
    assert int(cases[1]) >= run.least
