"""What a user reads: whole words, findings alike told once, and the cause on the last line."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from io import StringIO

import pytest
from rich.console import Console
from tests.verify.small_server import Asked, Contract

from billecta_verify.config.errors import UsageError
from billecta_verify.config.loader import resolve
from billecta_verify.reporting.model import CheckResult, Clause, Counts, Finding, Level, Outcome, Result, judged
from billecta_verify.reporting.summary import grouped, name_of
from billecta_verify.reporting.terminal import Progress, clause_table, closing_line, finding_block, show
from billecta_verify.reporting.text import UNBOUNDED, Cell, lines, table
from billecta_verify.transport.exchange import Effect


def finding(check: str = "test_a.py::test_a_key[no key]", observed: str = "200, application/pdf, 7 bytes") -> Finding:
    page = ("Unauthorized (401): Invalid or missing API key",)
    return Finding("AUTH-2", Level.DOCUMENTED, check, "401 or 404", observed, f"curl -i {check}", page, None)


def check(outcome: Outcome, reason: str | None = None, clause: str = "PDF-1") -> CheckResult:
    return CheckResult(f"test_a.py::{clause}", clause, "a", Effect.READ, outcome, reason, None, 1, 0, 0.1)


def result_of(checks: Iterable[CheckResult], *, unexpected: int = 0, **changed: object) -> Result:
    clauses = [
        judged(Clause(item.clause, Level.DOCUMENTED, "a promise", ("the page",), None), [item]) for item in checks
    ]
    known: dict[str, object] = {"key_accepted": True, **changed}
    counts = Counts(3, 1, unexpected, 0)
    return Result(tuple(clauses), counts, {"base_url": "http://h"}, 1, "2026-01-01T00:00:00Z", 1.0, {}, **known)  # type: ignore[arg-type]


PASSED = check(Outcome.PASSED)
LEFT_OUT = check(Outcome.NOT_EXERCISED, "--limited-key: a valid key", "MASK-4")
UNKNOWN = check(Outcome.INCONCLUSIVE, "the key was not accepted", "SWISH-1")


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (result_of([PASSED]), "conforms: 1 clause passed (3 requests, 1 payment,"),
        (result_of([PASSED, LEFT_OUT]), "conforms, as far as verified: 1 clause passed, 1 not exercised ("),
        (result_of([PASSED, UNKNOWN]), "inconclusive: 1 clause inconclusive, 1 passed ("),
        (
            result_of([UNKNOWN], key_accepted=False, cause="the key is not valid"),
            "inconclusive: the key is not valid; 1 clause inconclusive (",
        ),
        (result_of([PASSED], key_accepted=False), "inconclusive: 1 clause passed"),
        (result_of([PASSED], unexpected=1), "1 payment, 1 payment request that nobody asked for, 1.0 s"),
        (result_of([PASSED, LEFT_OUT], interrupted=True), "interrupted: ended by Ctrl-C or SIGTERM"),
    ],
)
def test_the_last_line_says_verdict_and_cause(result: Result, words: str) -> None:
    said = closing_line(result, UNBOUNDED).plain.strip()
    assert words in said
    assert "\n" not in said


def test_a_reason_that_stands_above_is_not_said_again() -> None:
    result = result_of([UNKNOWN, check(Outcome.INCONCLUSIVE, UNKNOWN.reason, "SWISH-2"), LEFT_OUT])
    said = clause_table(result, UNBOUNDED).plain
    assert said.count("the key was not accepted") == 1
    assert "as SWISH-1" in said


@pytest.mark.parametrize("accepted", [True, False])
def test_how_to_go_further_is_said_only_where_the_key_is_good(accepted: bool) -> None:  # noqa: FBT001
    console = Console(file=StringIO(), width=UNBOUNDED)
    show(result_of([LEFT_OUT, UNKNOWN], key_accepted=accepted), console)
    assert ("To go further" in console.file.getvalue()) is accepted  # type: ignore[attr-defined]


def test_findings_alike_are_told_once_and_each_by_name() -> None:
    alike = [finding(f"test_a.py::test_a_key[{name}]", f"200, application/pdf, {name} bytes") for name in range(9)]
    groups = grouped([*alike, finding(observed="500, text/html, 7 bytes")])
    assert [len(group.findings) for group in groups] == [9, 1]
    said = finding_block(1, groups[0], UNBOUNDED).plain
    assert said.count("the page") == 1
    assert said.count("curl -i") == 3
    assert "and 6 more, each in report.json" in said
    assert "a key: 2" in said


def test_the_name_of_a_check_is_its_sentence_and_its_variant() -> None:
    assert name_of(finding()) == "a key: no key"


def test_a_deployment_with_many_findings_is_told_briefly(judge: Callable[..., Result]) -> None:
    class Open(Contract):
        def is_key(self, asked: Asked) -> bool:
            return True

    result = judge(Open(), clauses={"AUTH-2", "AUTH-4", "MASK-1"})
    console = Console(file=StringIO(), width=UNBOUNDED)
    show(result, console)
    assert 4 * len(grouped(result.findings)) < len(result.findings)
    assert console.file.getvalue().count("expected") == len(grouped(result.findings))  # type: ignore[attr-defined]


@pytest.mark.parametrize("width", [40, 60, 80, UNBOUNDED])
def test_no_word_is_broken_at_any_width(width: int) -> None:
    words = ["the", "path", "of", "limepkg-billecta-integration", "gave", "application/problem+json", "for", "it"]
    row = [Cell("STATUS-1"), Cell("inconclusive"), Cell("documented"), Cell(" ".join(words))]
    for said in (lines(" ".join(words), width), table(("clause", "verdict", "level", "evidence"), [row], width).plain):
        assert set(words) <= set(said.split())
        assert all(len(line) <= width for line in said.splitlines())


def test_each_area_is_said_once() -> None:
    console = Console(file=StringIO(), width=UNBOUNDED)
    with Progress(console) as progress:
        for name in ("test_http", "test_urls", "test_http", "test_urls"):
            progress.check_finished(CheckResult(
                f"{name}.py::a", "URL-1", "a", Effect.READ, Outcome.PASSED, None, None, 1, 0, 0.1
            ))  # fmt: skip
    said = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    assert said == ["http: 1 passed", "urls: 1 passed", "looking back at the run: 2 passed"]


@pytest.mark.parametrize("name", ["BILLECTA_MOCK_PORT", "BILLECTA_SECURE_TOKEN", "NO_BILLECTA_ACTON_ID"])
def test_variables_of_other_programs_are_left_alone(name: str) -> None:
    assert resolve({}, {name: "x"}).target is None


def test_a_nearly_right_variable_is_a_slip() -> None:
    with pytest.raises(UsageError, match="did you mean BILLECTA_LIMITED_KEY"):
        resolve({}, {"BILLECTA_LIMITEDKEY": "x"})


def test_a_contract_that_is_kept_gives_no_block(judge: Callable[..., Result]) -> None:
    assert grouped(judge(Contract(), clauses={"URL-1"}).findings) == []
