"""What users rely on by name: what they import, the programs and their flags, the plugins, the members of a report.

A name that is taken out of these lists breaks somebody's project: that is a new version, with a line in the CHANGELOG.
"""

import json
import subprocess
import sys
from importlib.metadata import distribution, entry_points

import pytest

import billecta_mock
import billecta_mock.client
from billecta_mock.config import OPTIONS as MOCK_OPTIONS
from billecta_verify.config import errors
from billecta_verify.config.options import OPTIONS as VERIFY_OPTIONS
from billecta_verify.reporting.files import SCHEMA_FILE

EXPECTATIONS = {"at_least", "at_most", "between", "exactly", "never"}
RULES = {"ends", "never_answers", "pays", "refuses", "responds", "waits"}
MOCK_FLAGS = [
    "--access-log",
    "--admin-token",
    "--defect",
    "--document-cache-mb",
    "--expose",
    "--host",
    "--journal-size",
    "--log-format",
    "--masking",
    "--max-rules",
    "--max-worlds",
    "--pay-after-polls",
    "--pay-after-seconds",
    "--payments-size",
    "--port",
    "--progression",
    "--quiet",
    "--random-seed",
    "--ready-file",
    "--seed-file",
    "--spec-file",
    "--tls-cert",
    "--tls-client-ca",
    "--tls-key",
    "--tls-name",
    "--tls-self-signed",
    "--watch",
    "--workers",
]
VERIFY_FLAGS = [
    "--action-id",
    "--allow-inconclusive",
    "--allow-payments",
    "--api-key",
    "--base-url",
    "--baseline",
    "--ca-file",
    "--denied-key",
    "--deployment",
    "--force",
    "--foreign-key",
    "--hidden-invoice-id",
    "--invoice-id",
    "--limited-key",
    "--max-requests",
    "--no-color",
    "--parallel",
    "--phone",
    "--plan",
    "--probe-methods",
    "--profile",
    "--rate-limit",
    "--read-only-key",
    "--report",
    "--report-dir",
    "--seed",
    "--target-file",
    "--timeout",
    "--write-baseline",
]
PLUGINS = ("billecta_mock.server.pytest_plugin", "billecta_verify.runner.entry_point")


def test_what_is_imported_from_the_package_is_there() -> None:
    names = {"MockClient", "MockServer", "Progression", "Settings", "WorldClient"} | EXPECTATIONS | RULES
    assert set(billecta_mock.__all__) >= names
    assert all(getattr(billecta_mock, name) is not None for name in names)
    assert set(billecta_mock.client.__all__) >= EXPECTATIONS | RULES


def test_the_package_brings_two_programs_and_two_plugins() -> None:
    scripts = {each.name: each.value for each in entry_points(group="console_scripts") if "billecta" in each.name}
    assert scripts == {"billecta-mock": "billecta_mock.cli:main", "billecta-verify": "billecta_verify.cli.main:main"}
    plugins = {each.name: each.value for each in entry_points(group="pytest11") if "billecta" in each.name}
    assert plugins == dict(zip(scripts, PLUGINS, strict=True))


def test_the_programs_have_these_flags() -> None:
    assert sorted(option.flag for option in MOCK_OPTIONS) == MOCK_FLAGS
    assert sorted(option.flag for option in VERIFY_OPTIONS) == VERIFY_FLAGS


def test_a_report_has_these_members() -> None:
    schema = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    assert {"schema_version", "verdict", "counts", "clauses", "checks", "findings"} <= set(schema["required"])
    assert "outcome" in schema["$defs"]["check"]["required"]


def test_the_extra_of_the_verifier_is_what_it_looks_for_when_it_starts() -> None:
    wanted = [line for line in distribution("lime-billecta-contract").requires or () if "extra == 'verify'" in line]
    assert sorted(line.split("<")[0].split(">")[0].strip() for line in wanted) == sorted(errors.OF_THE_EXTRA)


@pytest.mark.parametrize("plugin", PLUGINS)
def test_a_plugin_brings_nothing_but_what_pytest_has_already(plugin: str) -> None:
    script = f"import sys, pytest; before = set(sys.modules); import {plugin}; print(*set(sys.modules) - before)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    brought = {name.partition(".")[0] for name in done.stdout.split()}
    assert brought - {"billecta_mock", "billecta_verify"} <= sys.stdlib_module_names
