"""The templates for pipelines are what the platforms read, and say nothing that the programs do not know."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from billecta_mock.config import OPTIONS as MOCK_OPTIONS
from billecta_verify.config.options import OPTIONS, REPORT_FILES

PAGE = (Path(__file__).parents[2] / "docs/ci.md").read_text(encoding="utf-8")
TEMPLATES = re.findall(r"^## ([^\n]+)$(?:(?!^## ).)*?^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
FLAG = re.compile(r"(?<![\w-])--[a-z][a-z-]*")


class Plain(yaml.SafeLoader):
    """YAML 1.2 as both platforms read it: `on` is a word, and no truth."""


Plain.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in pairs if tag != "tag:yaml.org,2002:bool"]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Plain.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))


def parsed(text: str) -> Any:
    return yaml.load(text, Loader=Plain)  # noqa: S506 — it is a safe loader


def published(name: str) -> Any:
    return json.loads((files("check_jsonschema") / f"builtin_schemas/vendor/{name}.json").read_text(encoding="utf-8"))


def text_of(words: str) -> str:
    return next(text for title, text in TEMPLATES if words in title)


def test_there_are_two_templates_for_each_platform() -> None:
    assert sorted(title.partition(":")[0] for title, _ in TEMPLATES) == ["GitHub Actions"] * 2 + ["GitLab CI"] * 2


@pytest.mark.parametrize(("title", "text"), TEMPLATES, ids=[title for title, _ in TEMPLATES])
def test_a_template_is_valid_by_the_schema_of_its_platform(title: str, text: str) -> None:
    name = "github-workflows" if title.startswith("GitHub") else "gitlab-ci"
    jsonschema.Draft7Validator(published(name)).validate(parsed(text))


def commands(text: str) -> list[str]:
    document = parsed(text)
    steps = [step for job in document.get("jobs", {}).values() for step in job["steps"]]
    scripts = [line for job in document.values() if isinstance(job, dict) for line in job.get("script", [])]
    return [step["run"] for step in steps if "run" in step] + scripts


def test_every_flag_that_a_template_uses_exists() -> None:
    known = {option.flag for option in OPTIONS}
    lines = [line for _, text in TEMPLATES for line in commands(text) if line.startswith("billecta-verify")]
    assert len(lines) == 2
    for line in lines:
        assert set(FLAG.findall(line)) <= known


def test_every_flag_and_variable_that_the_page_names_exists() -> None:
    flags = {option.flag for option in (*OPTIONS, *MOCK_OPTIONS)}
    variables = {option.variable for option in (*OPTIONS, *MOCK_OPTIONS)} | {"BILLECTA_CONTRACT"}
    named = set(FLAG.findall(re.sub(r"^.*curl.*$", "", PAGE, flags=re.MULTILINE)))
    assert named <= flags
    assert set(re.findall(r"BILLECTA_[A-Z_]+", PAGE)) <= variables


def test_every_report_that_a_template_uploads_is_written() -> None:
    named = set(re.findall(r"reports/([\w.]+)", PAGE))
    assert named == {"report.sarif", "junit.xml"}
    assert named <= set(REPORT_FILES.values())


def test_no_secret_stands_on_a_command_line() -> None:
    for _, text in TEMPLATES:
        for line in commands(text):
            assert "secrets." not in line
            assert "API_KEY" not in line
    environment = parsed(text_of("GitHub Actions: verify"))["jobs"]["verify"]["steps"][3]["env"]
    assert environment["BILLECTA_API_KEY"] == "${{ secrets.BILLECTA_API_KEY }}"


def test_reports_are_uploaded_whatever_the_verdict() -> None:
    steps = parsed(text_of("GitHub Actions: verify"))["jobs"]["verify"]["steps"]
    uploads = [step for step in steps if "uses" in step and "if" in step]
    assert len(uploads) == 3
    assert all("always()" in step["if"] or "!cancelled()" in step["if"] for step in uploads)
    assert parsed(text_of("GitLab CI: verify"))["verify-billecta"]["artifacts"]["when"] == "always"


@pytest.mark.full
def test_the_verification_of_a_template_runs_and_leaves_what_is_uploaded(tmp_path: Path) -> None:
    """The step as it stands, without a base URL: the mock is verified."""
    (line,) = [line for line in commands(text_of("GitHub Actions: verify")) if line.startswith("billecta-verify")]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("BILLECTA_", "GITHUB_"))}
    summary = tmp_path / "summary.md"
    environment = {
        **inherited,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "GITHUB_ACTIONS": "true",
        "GITHUB_STEP_SUMMARY": str(summary),
    }
    done = subprocess.run(
        ["bash", "-ec", line], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert {path.name for path in (tmp_path / "reports").iterdir()} == set(REPORT_FILES.values())
    assert summary.read_text(encoding="utf-8") == (tmp_path / "reports/report.md").read_text(encoding="utf-8") + "\n"
