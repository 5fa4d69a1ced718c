"""The Dockerfile and the compose file: parsed and linted, for no container engine is needed to run the tests."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from dockerfile_parse import DockerfileParser

from billecta_mock.config import build_settings
from billecta_mock.server.runner import MockServer

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "Dockerfile"
HEALTH_ORIGIN = "http://127.0.0.1:8080"


@pytest.fixture(scope="module")
def parsed() -> DockerfileParser:
    return DockerfileParser(str(DOCKERFILE))


@pytest.fixture(scope="module")
def service() -> dict[str, Any]:
    document = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    (service,) = document["services"].values()
    return dict(service)


def values(parsed: DockerfileParser, instruction: str) -> list[str]:
    return [each["value"] for each in parsed.structure if each["instruction"] == instruction]


def health_command(parsed: DockerfileParser) -> list[str]:
    (check,) = values(parsed, "HEALTHCHECK")
    command: list[str] = json.loads(check.partition("CMD ")[2])
    return command


def test_the_linter_of_dockerfiles_finds_nothing() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    result = subprocess.run([hadolint, DOCKERFILE], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (0, "")


def test_it_runs_as_a_user_without_rights_set_after_the_installation(parsed: DockerfileParser) -> None:
    (user,) = values(parsed, "USER")
    assert int(user) >= 1000
    order = [each["instruction"] for each in parsed.structure]
    assert order.index("USER") > max(index for index, name in enumerate(order) if name == "RUN")


def test_it_is_slim_and_of_the_python_that_the_constraints_were_tested_with(parsed: DockerfileParser) -> None:
    assert parsed.baseimage == "python:3.11-slim"
    (install,) = [command for command in values(parsed, "RUN") if "pip install" in command]
    assert "--constraint constraints.txt" in install


def test_everything_that_it_copies_is_there_and_let_through(parsed: DockerfileParser) -> None:
    let_through = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    copied = [source for line in values(parsed, "COPY") for source in line.split()[:-1]]
    assert all((ROOT / source).exists() for source in copied)
    assert {f"!{source}" for source in copied} == {line for line in let_through if line.startswith("!")}
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert '"spec/billecta_spec", "mock_server/billecta_mock", "contract_tests/billecta_verify"' in project
    assert {"spec", "mock_server", "contract_tests"} <= set(copied)


def test_its_environment_is_one_that_the_mock_takes(parsed: DockerfileParser) -> None:
    environment = {name: value for name, value in parsed.envs.items() if name.startswith("BILLECTA_")}
    assert build_settings([], environment).host == "0.0.0.0"
    assert str(build_settings([], environment).port) in values(parsed, "EXPOSE")


def test_its_health_check_passes_on_a_running_mock_and_fails_without_one(parsed: DockerfileParser) -> None:
    program, flag, code = health_command(parsed)
    assert (program, HEALTH_ORIGIN in code) == ("python", True)

    def check(origin: str) -> int:
        command = [sys.executable, flag, code.replace(HEALTH_ORIGIN, origin)]
        return subprocess.run(command, capture_output=True, check=False, timeout=20).returncode

    with MockServer() as server:
        origin = server.origin
        assert check(origin) == 0
    assert check(origin) == 1


def test_compose_publishes_the_port_on_this_machine_only(service: dict[str, Any], parsed: DockerfileParser) -> None:
    (port,) = service["ports"]
    address, outside, inside = port.split(":")
    assert (address, inside) == ("127.0.0.1", values(parsed, "EXPOSE")[0])
    assert urlsplit(f"//{address}:{outside}").port == 8080


def test_compose_gives_the_mock_no_rights_and_time_to_stop(service: dict[str, Any]) -> None:
    assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert int(service["stop_grace_period"].removesuffix("s")) > 10


def test_compose_passes_a_token_on_but_holds_none(service: dict[str, Any]) -> None:
    assert service["environment"] == ["BILLECTA_MOCK_ADMIN_TOKEN"]
