"""The structure: what may import what, and how large things may grow."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parent.parent
PROGRAMS = {
    "billecta_spec": ROOT / "spec/billecta_spec",
    "billecta_mock": ROOT / "mock_server/billecta_mock",
    "billecta_verify": ROOT / "contract_tests/billecta_verify",
}
TOP_LEVEL = {"billecta_spec": 1, "billecta_mock": 14, "billecta_verify": 10}
MODULES = sorted(module for folder in PROGRAMS.values() for module in folder.rglob("*.py"))
PACKAGES = sorted({module.parent for module in MODULES})
MOST_MODULES = 12
MOST_LINES = 400
FEW_LINES = 60
NO_MODULES = {"__init__", "__main__"}
"""What a package and a program need by their form: not counted among the modules."""
CHECKS = "billecta_verify.checks"
"""pytest imports these, nothing else does."""


def name_of(module: Path) -> str:
    return str(module.relative_to(ROOT))


def lines_of(module: Path) -> int:
    return len(module.read_text(encoding="utf-8").splitlines())


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    """All imports, those for type checkers among them."""
    return grimp.build_graph(*PROGRAMS, include_external_packages=False, cache_dir=None)


def test_imports_go_in_one_direction() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_a_module_is_short_enough_to_be_read_at_once(module: Path) -> None:
    assert lines_of(module) <= MOST_LINES


@pytest.mark.parametrize("package", PACKAGES, ids=name_of)
def test_a_package_has_few_enough_modules_to_be_known_by_heart(package: Path) -> None:
    modules = [module.stem for module in package.glob("*.py") if module.stem not in NO_MODULES]
    assert len(modules) <= MOST_MODULES
    assert not [name for name in modules if package.name in name and package.name != "billecta_mock"]


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_top_level_of_a_program_is_seen_at_a_glance(program: str) -> None:
    entries = {
        path.stem for path in PROGRAMS[program].iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert len(entries - NO_MODULES) <= TOP_LEVEL[program]


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_class_has_a_name_of_its_own(program: str) -> None:
    """But for the client, which has the names of what it speaks to the server about."""
    named = defaultdict(set)
    for module in PROGRAMS[program].rglob("*.py"):
        if module.parent.name != "client":
            for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ClassDef):
                    named[node.name].add(name_of(module))
    assert {name: places for name, places in named.items() if len(places) > 1} == {}


def test_a_module_that_one_other_needs_is_worth_a_file(graph: grimp.ImportGraph) -> None:
    lone = [
        module
        for program, folder in PROGRAMS.items()
        for path in folder.rglob("*.py")
        if path.stem not in NO_MODULES
        and lines_of(path) < FEW_LINES
        and (module := ".".join((program, *path.relative_to(folder).with_suffix("").parts))) in graph.modules
        and not module.startswith(CHECKS)
        and len(graph.find_modules_that_directly_import(module)) < 2
    ]
    assert lone == []


def test_no_modules_import_each_other_in_a_circle(graph: grimp.ImportGraph) -> None:
    waiting = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    while free := [module for module, needs in waiting.items() if not needs & waiting.keys()]:
        for module in free:
            del waiting[module]
    assert waiting == {}
