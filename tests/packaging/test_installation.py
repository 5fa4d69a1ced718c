"""The wheel, installed into projects that have dependencies, folders and flags of their own (`make test-install`)."""

import shutil
import sys
import tomllib
from pathlib import Path

import pytest
from tests.packaging.environments import Environment, lowest, run, uv_settings

pytestmark = [pytest.mark.full, pytest.mark.install]

ROOT = Path(__file__).parents[2]
OTHER_PROJECT = Path(__file__).parent / "other_project"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
BASE = PROJECT["dependencies"]
VERIFY = PROJECT["optional-dependencies"]["verify"]

ADVICE = "pip install 'lime-billecta-contract[verify]'"
LARGEST_BASE = 95
"""Megabytes, without pip and without compiled bytecode."""
ENVIRONMENTS = {
    "fastapi": ["pytest==8.4.2", "pytest-asyncio==0.26.0", "fastapi==0.115.14", "requests==2.31.0"],
    "starlette 0.46": ["starlette==0.46.*", "pytest"],
    "urllib3 1": ["urllib3<2", "pytest"],
    "rich 13": ["rich<14", "pytest"],
    "pytest 9.2": ["pytest==9.2.*"],
}
TOLD = {"BILLECTA_BASE_URL": "http://127.0.0.1:9/x", "BILLECTA_API_KEY": "K", "BILLECTA_INVOICE_ID": "1"}
"""Variables that a project may have set for the verifier: its own tests must not be changed by them."""
CHECKS_BY_PYTEST = """
import sys, pytest
from billecta_mock import MockServer
with MockServer() as server:
    url = server.url("database")
    flags = ["--base-url", url, "--api-key", "ABC123", "--invoice-id", "1001"]
    sys.exit(pytest.main(["-p", "no:cacheprovider", "--pyargs", "billecta_verify", *flags, "-k", "pdf"]))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("dist")
    done = run(["make", "build", f"DIST={folder}"], cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = folder.glob("*.whl")
    return str(wheel)


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    project = tmp_path / "project"
    shutil.copytree(OTHER_PROJECT, project, ignore=shutil.ignore_patterns("__pycache__"))
    return Environment(tmp_path / "environment", project)


@pytest.mark.parametrize("requirements", ENVIRONMENTS.values(), ids=list(ENVIRONMENTS))
def test_a_project_is_not_disturbed_by_the_mock_nor_by_the_verifier(
    environment: Environment, wheel: str, requirements: list[str]
) -> None:
    environment.install(wheel, *requirements)
    expect_undisturbed(environment)
    expect_that_the_missing_extra_is_named(environment)
    environment.install(f"{wheel}[verify]", *requirements)
    expect_undisturbed(environment)
    expect_that_the_mock_is_verified(environment)


def test_the_lowest_versions_that_are_allowed_do(environment: Environment, wheel: str) -> None:
    environment.install(f"{wheel}[verify]", *lowest([*BASE, *VERIFY]))
    expect_undisturbed(environment)
    expect_that_the_mock_is_verified(environment)


def test_the_base_is_small_and_without_pytest_and_says_what_an_option_needs(
    environment: Environment, wheel: str
) -> None:
    environment.install(wheel)
    assert environment.megabytes() <= LARGEST_BASE
    assert environment.python("-c", "import pytest").returncode == 1
    mock = environment.run("billecta-mock", "--tls-self-signed", "certificates")
    assert (mock.returncode, mock.stderr.count("\n")) == (2, 1), mock.stderr
    assert "pip install 'lime-billecta-contract[tls]'" in mock.stderr


def test_a_package_of_another_version_is_named(environment: Environment, wheel: str) -> None:
    environment.install(
        wheel, "schemathesis<4", "pytest==8.4.2", "hypothesis", "jinja2", "pikepdf", "platformdirs", "rich"
    )
    program = environment.run("billecta-verify")
    assert (program.returncode, program.stdout, program.stderr.count("\n")) == (2, "", 1)
    assert "schemathesis 3." in program.stderr
    assert ADVICE in program.stderr
    plugin = environment.pytest("--pyargs", "billecta_verify")
    assert (plugin.returncode, ADVICE in plugin.stderr, "Traceback" in plugin.stderr) == (4, True, False)


def test_nothing_is_importable_by_the_names_of_the_three_folders(environment: Environment, wheel: str) -> None:
    environment.install(f"{wheel}[verify]")
    for name in ("spec", "mock_server", "contract_tests"):
        assert environment.python("-P", "-c", f"import {name}").returncode == 1


@pytest.mark.parametrize("tool", ["pipx", "uv"])
def test_the_programs_are_installed_by_what_installs_programs(tmp_path: Path, wheel: str, tool: str) -> None:
    programs = tmp_path / "bin"
    folders = {"PIPX_HOME": "pipx", "UV_TOOL_DIR": "uv"}
    homes = {name: str(tmp_path / folder) for name, folder in folders.items()}
    command = {"pipx": ["pipx", "install"], "uv": ["uv", "tool", "install", "--python", sys.executable]}[tool]
    installed = run(
        [Path(sys.executable).with_name(command[0]), *command[1:], f"{wheel}[verify]"],
        PIPX_BIN_DIR=str(programs), UV_TOOL_BIN_DIR=str(programs), **homes, **uv_settings(),
    )  # fmt: skip
    assert installed.returncode == 0, installed.stderr
    assert run([programs / "billecta-mock", "--version"]).stdout.startswith("billecta-mock ")
    verified = run([programs / "billecta-verify", "--no-color"])
    assert verified.returncode == 0, verified.stdout + verified.stderr


def expect_undisturbed(environment: Environment) -> None:
    check = environment.python("-m", "pip", "check")
    assert check.returncode == 0, check.stdout
    own = environment.pytest("--base-url", "https://own.example", **TOLD)
    assert (own.returncode, "5 passed" in own.stdout or "6 passed" in own.stdout) == (0, True), own.stdout + own.stderr
    folder = environment.pytest("contract_tests", "--base-url=https://own.example")
    assert (folder.returncode, "4 passed" in folder.stdout) == (0, True), folder.stdout + folder.stderr


def expect_that_the_missing_extra_is_named(environment: Environment) -> None:
    program = environment.run("billecta-verify")
    assert (program.returncode, program.stdout, program.stderr.count("\n")) == (2, "", 1)
    assert ADVICE in program.stderr
    plugin = environment.pytest("--billecta-base-url", "https://a.example")
    assert (plugin.returncode, ADVICE in plugin.stderr, "Traceback" in plugin.stderr) == (4, True, False)


def expect_that_the_mock_is_verified(environment: Environment) -> None:
    program = environment.run("billecta-verify", "--no-color")
    assert program.returncode == 0, program.stdout + program.stderr
    plugin = environment.python("-c", CHECKS_BY_PYTEST)
    assert plugin.returncode == 0, plugin.stdout + plugin.stderr
