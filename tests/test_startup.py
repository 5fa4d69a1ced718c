"""What starts the programs brings in no more than they need, and takes nothing from whoever shares the process."""

import subprocess
import sys

import pytest

UNUSED = ("httpx", "rich", "werkzeug", "requests.sessions", "jinja2.environment", "pytest", "billecta_mock.admin.api")
STARTED = "from billecta_mock.server.app import create_app, load_dataset; from billecta_mock.config import Settings"
MADE = f"{STARTED}; create_app(Settings(), load_dataset(Settings()))"


def run(*lines: str) -> str:
    """What these lines print in a process of their own."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "\n".join(lines)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_mock_starts_without_what_it_does_not_use() -> None:
    loaded = run(MADE, "import sys; print(*sys.modules)").split()
    assert "connexion.spec" in loaded
    assert not [name for name in UNUSED if name in loaded]


@pytest.mark.parametrize(
    ("line", "printed"),
    [
        ("import connexion; print(connexion.AsyncApp.__name__)", "AsyncApp"),
        ("from connexion import AsyncApp; print(AsyncApp(__name__).__class__.__name__)", "AsyncApp"),
        (
            "from connexion.middleware import MiddlewarePosition; print(MiddlewarePosition.__name__)",
            "MiddlewarePosition",
        ),
        ("from connexion.middleware.routing import RoutingMiddleware as R; print(R.__name__)", "RoutingMiddleware"),
        ("import requests; print(requests.Session().__class__.__name__)", "Session"),
        ("import requests; from requests.adapters import HTTPAdapter as A; print(A.__name__)", "HTTPAdapter"),
        ("import requests.adapters; print(requests.adapters.HTTPAdapter.__name__)", "HTTPAdapter"),
        ("from jinja2 import Template; print(Template('{{ 1 + 1 }}').render())", "2"),
    ],
)
def test_others_in_the_process_find_whole_what_the_mock_left_out(line: str, printed: str) -> None:
    assert run("import warnings; warnings.simplefilter('ignore')", MADE, line) == printed


def test_one_who_has_connexion_already_keeps_it() -> None:
    before = "import warnings; warnings.simplefilter('ignore'); import connexion; app = connexion.AsyncApp"
    assert run(before, MADE, "import connexion; print(app is connexion.AsyncApp)") == "True"


def test_the_judge_says_its_help_without_what_judges() -> None:
    said = run(
        "import contextlib, io, sys; from billecta_verify.cli.main import main",
        "with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()): main(['--help'])",
        "print(*sys.modules)",
    )
    assert "billecta_verify.config.options" in said.split()
    assert not [name for name in ("pytest", "hypothesis", "requests", "rich", "pikepdf") if name in said.split()]
