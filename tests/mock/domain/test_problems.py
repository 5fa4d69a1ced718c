"""Every code that the mock can give as a true reason is one that a search of the journal takes."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import billecta_mock
from billecta_mock.domain.invoices import InvoiceState
from billecta_mock.domain.journal import FORMS, can_be_marked
from billecta_mock.domain.problems import ReasonCode
from billecta_mock.domain.validation import SWISH_REFUSALS

ROOT = Path(billecta_mock.__file__).parent
PACKAGES = ("api", "domain", "openapi")
MAKERS = {"Reason", "invalid", "not_found", "_refuse", "_broken", "_unauthenticated"}


def written_codes() -> Iterator[tuple[str, str]]:
    """Each text that is written as the code of a reason, outside the admin API, and where."""
    files = [file for package in PACKAGES for file in (ROOT / package).rglob("*.py")]
    for file in [*files, ROOT / "http.py"]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MAKERS and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant):
                    yield str(first.value), f"{file.name}:{node.lineno}"


def test_a_code_that_is_written_out_is_one_of_swish_and_all_others_are_of_the_one_list() -> None:
    preferences = {("code", "rule_engine.py"), ("example", "rule_engine.py"), ("status", "rule_engine.py")}
    written = {(code, place) for code, place in written_codes() if (code, place.partition(":")[0]) not in preferences}
    assert {code for code, _ in written} == {"BE18", "RP02", "RP06"} <= set(SWISH_REFUSALS), written


def test_the_list_has_what_becomes_of_invoices() -> None:
    assert {f"action_{state.value}" for state in InvoiceState if state is not InvoiceState.OPEN} <= set(ReasonCode)


@pytest.mark.parametrize("mark", [*FORMS, "*", "rule:*", "rule:own", "fault:5*", "defect:pdf-empty", "d*", "prefer*"])
def test_a_mark_that_an_exchange_can_have_can_be_searched_for(mark: str) -> None:
    assert can_be_marked(mark)


@pytest.mark.parametrize("mark", ["", "rules:own", "fault:RESET", "fault:RESET*", "fault:", "rule:", "delayed", "x*"])
def test_one_that_none_can_have_cannot(mark: str) -> None:
    assert not can_be_marked(mark)
