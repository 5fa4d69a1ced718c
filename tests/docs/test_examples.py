"""The documentation is true: its shell lines run, its Python runs, what it shows is what comes out."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from billecta_mock.server.runner import MockServer
from billecta_mock.store.seed import SeedError, load_seed

pytestmark = pytest.mark.full

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    *(
        ROOT / "docs" / f"{name}.md"
        for name in (
            "baseline",
            "ci",
            "clients",
            "defects",
            "faults",
            "fleet",
            "journal",
            "mock",
            "operation",
            "readiness",
            "scenarios",
        )
    ),
]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not on this machine")
ORIGIN = "http://127.0.0.1:8080"
STOP_ALL = "trap 'kill $(jobs -p) 2> /dev/null || true' EXIT"
ENVIRONMENT = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
"""The commands of this installation come first, as in a virtual environment that is active."""


def blocks(page: Path) -> list[tuple[str, str]]:
    """The fenced blocks of a page: language and text."""
    return BLOCK.findall(page.read_text(encoding="utf-8"))


@pytest.fixture
def mock() -> Iterator[MockServer]:
    with MockServer() as server:
        yield server


@needs_curl
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_shell_lines_of_a_page_run_and_give_what_it_shows(page: Path, mock: MockServer, tmp_path: Path) -> None:
    found = blocks(page)
    assert any(language == "sh" for language, _ in found)
    for (language, text), (following, shown) in zip(found, [*found[1:], ("", "")], strict=True):
        if language != "sh":
            continue
        script = text.replace(ORIGIN, mock.origin).replace("curl ", "curl --silent --show-error ")
        result = subprocess.run(
            ["bash", "-ec", f"{STOP_ALL}\n{script}"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
            env=ENVIRONMENT,
            timeout=120,
        )
        if following == "json":
            assert json.loads(result.stdout) == json.loads(shown), text
        if following == "text":
            assert result.stdout == shown, text


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_python_of_a_page_runs(page: Path) -> None:
    for language, text in blocks(page):
        if language == "python":
            exec(compile(text, page.name, "exec"), {})  # noqa: S102 — our own documentation


def test_the_example_of_a_seed_file_is_one(tmp_path: Path) -> None:
    (text,) = [text for language, text in blocks(ROOT / "docs" / "seed.md") if language == "yaml"]
    file = tmp_path / "seed.yaml"
    file.write_text(text, encoding="utf-8")
    dataset = load_seed(file)
    assert (len(dataset.keys), len(dataset.invoices)) == (1, 1)


def test_the_error_that_the_page_on_seeds_shows_is_the_one_that_comes(tmp_path: Path) -> None:
    found = dict(reversed(blocks(ROOT / "docs" / "seed.md")))
    file = tmp_path / "seed.yaml"
    file.write_text(found["yaml"].replace("vat: 25", "vat: 24"), encoding="utf-8")
    with pytest.raises(SeedError) as raised:
        load_seed(file)
    assert str(raised.value).replace(str(file), "seed.yaml") in found["text"]


@needs_curl
def test_the_invoice_fetched_by_the_readme_is_a_pdf(mock: MockServer, tmp_path: Path) -> None:
    first = next(text for language, text in blocks(ROOT / "README.md") if language == "sh")
    subprocess.run(["bash", "-ec", first.replace(ORIGIN, mock.origin)], cwd=tmp_path, capture_output=True, check=True)
    assert (tmp_path / "faktura.pdf").read_bytes().startswith(b"%PDF-")


def test_every_link_between_the_pages_leads_somewhere() -> None:
    for page in [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
