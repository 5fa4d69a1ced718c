"""Known deviations: written from a run, filled in, accepted for a time, and never more than that."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import jsonschema_rs
import pytest
from tests.mutation.small_defects import CutDocument, DocumentAsOctets, EmptyDocument, KeyInQuery
from tests.tiers import full
from tests.verify.conftest import target_of
from tests.verify.program import Program, variables_for
from tests.verify.small_server import KEY, Answer, Asked, Contract, serving

from billecta_verify.baseline.apply import with_baseline, written
from billecta_verify.baseline.fingerprint import PATTERN, steady
from billecta_verify.baseline.loader import Baseline, Entry, read_baseline
from billecta_verify.config.errors import UsageError
from billecta_verify.reporting.files import SCHEMA_FILE
from billecta_verify.reporting.model import CheckResult, Finding, Level, Outcome, Result, Verdict, judged
from billecta_verify.runner.run import run
from billecta_verify.transport.exchange import Effect

REPOSITORY = Path(__file__).parents[3]
TODAY = date(2027, 1, 31)


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Program:
    return Program(tmp_path, monkeypatch, capsys)


def filled_in(file: Path) -> str:
    text = file.read_text(encoding="utf-8")
    empty = re.compile(r'reason( = |: )""')
    return empty.sub(r'reason\1"the vendor mends it in May"', text)


def smoke_of(base_url: str) -> dict[str, str]:
    """A smoke run, which is enough to see what the deployments of these tests do wrong."""
    return {**variables_for(base_url), "BILLECTA_PROFILE": "smoke"}


@pytest.mark.parametrize("suffix", ["yaml", *full(["toml"])])
def test_a_baseline_from_a_run_has_to_be_filled_in_and_then_covers_what_the_run_found(
    suffix: str, program: Program, tmp_path: Path
) -> None:
    file = tmp_path / f"known.{suffix}"
    with serving(CutDocument()) as base_url:
        first = program("--write-baseline", file.name, **variables_for(base_url))
        assert first.returncode == 1
        assert "fill in each reason" in first.stdout
        unfilled = program("--baseline", file.name, **variables_for(base_url))
        assert unfilled.returncode == 2
        assert re.search(rf"{file.name}, line \d+: reason is empty: say why", unfilled.stderr)
        file.write_text(filled_in(file), encoding="utf-8")
        # Another seed: what is left to chance is no other deviation.
        second = program("--baseline", file.name, "--seed", "4711", "--report-dir", "out", **variables_for(base_url))
    assert second.returncode == 0, second.stdout
    assert "the vendor mends it in May" in second.words
    assert second.stdout.strip().splitlines()[-1].startswith("known deviations only")
    report = json.loads((tmp_path / "out/report.json").read_text(encoding="utf-8"))
    jsonschema_rs.validator_for(json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))).validate(report)
    assert report["verdict"] == "known deviations only"
    assert {finding["known"]["reason"] for finding in report["findings"]} == {"the vendor mends it in May"}
    assert 'failures="0"' in (tmp_path / "out/junit.xml").read_text(encoding="utf-8")
    assert KEY not in file.read_text(encoding="utf-8")


def test_an_entry_that_is_no_longer_seen_is_said(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "known.yaml"
    with serving(CutDocument()) as base_url:
        program("--write-baseline", file.name, **smoke_of(base_url))
    file.write_text(filled_in(file), encoding="utf-8")
    with serving(Contract()) as base_url:
        done = program("--baseline", file.name, **smoke_of(base_url))
    assert done.returncode == 0
    assert "no longer seen: test_invoice_pdf.py::" in done.stdout
    assert "remove the entry" in done.words


def test_another_deviation_of_the_same_check_is_new(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "known.yaml"
    with serving(CutDocument()) as base_url:
        program("--write-baseline", file.name, **smoke_of(base_url))
    file.write_text(filled_in(file), encoding="utf-8")
    with serving(EmptyDocument()) as base_url:
        done = program("--baseline", file.name, **smoke_of(base_url))
    assert done.returncode == 1
    assert "seen otherwise" in done.stdout


def test_authentication_is_covered_by_force_alone_and_the_output_says_so(program: Program, tmp_path: Path) -> None:
    with serving(KeyInQuery()) as base_url:
        variables = smoke_of(base_url)
        plain = program("--write-baseline", "plain.yaml", **variables)
        assert "of authentication or masking left out, which only --force covers" in plain.stdout
        assert "AUTH-" not in (tmp_path / "plain.yaml").read_text(encoding="utf-8")
        program("--write-baseline", "forced.yaml", "--force", **variables)
        forced = tmp_path / "forced.yaml"
        assert "AUTH-" in forced.read_text(encoding="utf-8")
        forced.write_text(filled_in(forced), encoding="utf-8")
        refused = program("--baseline", forced.name, **variables)
        assert refused.returncode == 1
        assert "not covered" in refused.stdout
        assert "--force" in refused.stdout
        accepted = program("--baseline", forced.name, "--force", "--report-dir", "out", **variables)
    assert accepted.returncode == 0, accepted.stdout
    assert re.search(
        r"--force was used: the baseline covers \d+ findings? of authentication or masking", accepted.words
    )
    assert json.loads((tmp_path / "out/report.json").read_text(encoding="utf-8"))["baseline"]["forced"] > 0


def test_a_file_that_exists_is_not_overwritten_unless_it_is_the_baseline_whose_reasons_are_kept(
    program: Program, tmp_path: Path
) -> None:
    file = tmp_path / "known.yaml"
    with serving(CutDocument()) as base_url:
        program("--write-baseline", file.name, **smoke_of(base_url))
        file.write_text(filled_in(file), encoding="utf-8")
        refused = program("--write-baseline", file.name, **smoke_of(base_url))
        assert refused.returncode == 2
        assert "exists already" in refused.stderr
        program("--baseline", file.name, "--write-baseline", file.name, **smoke_of(base_url))
    kept = read_baseline(file)
    assert {entry.reason for entry in kept.entries} == {"the vendor mends it in May"}


ENTRY = """
  - check: "test_payment_status.py::test_x"
    fingerprint: 1-0123456789abcdef0123
    reason: soon
    expires: 2027-01-31
"""


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (f"version: 1\ndeviations:{ENTRY}".replace("soon", '"  "'), "line 5: reason is empty"),
        (f"version: 1\ndeviations:{ENTRY}".replace("reason: soon", "note: soon"), "line 3: note is not known"),
        (f"version: 1\ndeviations:{ENTRY}".replace("    reason: soon\n", ""), "line 3: reason is missing"),
        (f"version: 1\ndeviations:{ENTRY}".replace("2027-01-31", "2027-02-31x"), "line 6: expires must be a date"),
        (f"version: 1\ndeviations:{ENTRY}".replace("2027-01-31", '"2027-02-31"'), "line 6: expires must be a date"),
        (f"version: 1\ndeviations:{ENTRY}".replace("1-0123456789abcdef0123", "12"), "line 4: fingerprint must be"),
        (f"version: 1\ndeviations:{ENTRY}{ENTRY}", "line 8: this deviation stands already in line 3"),
        (f"version: 1\ndeviations:{ENTRY}    reason: again\n", "line 7: reason is given twice"),
        ("version: 2\ndeviations: []\n", "line 1: version must be 1"),
        ("version: 1\ndeviations: {}\n", "line 2: deviations must be a list"),
        ("version: 1\nversions: 1\ndeviations: []\n", "versions is not known: did you mean version?"),
        ("version: 1\ndeviations: [\n", "line 3: this is not YAML"),
        ("version: 1\ndeviations: &a [*a]\n", "line 2: aliases"),
        ("- 1\n", "line 1: the file must begin"),
        ("", "line 1: the file must begin"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_baseline_is_said_with_its_line(text: str, sentence: str, tmp_path: Path) -> None:
    file = tmp_path / "known.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as raised:
        read_baseline(file)
    assert sentence in str(raised.value)
    assert "\n" not in str(raised.value)


TOML = """version = 1

[[deviations]]
check = "test_payment_status.py::test_x"
fingerprint = "1-0123456789abcdef0123"
reason = "soon"
expires = 2027-01-31
"""


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (TOML.replace("soon", ""), "line 6: reason is empty"),
        (TOML + TOML.partition("\n\n")[2].replace("soon", ""), "line 11: reason is empty"),
        (TOML.replace("expires", "expire"), "line 3: expire is not known: did you mean expires?"),
        (TOML.replace("= 1\n", "=\n"), "line 1: this is not TOML"),
    ],
)
def test_so_it_is_in_toml(text: str, sentence: str, tmp_path: Path) -> None:
    file = tmp_path / "known.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as raised:
        read_baseline(file)
    assert sentence in str(raised.value)


@pytest.mark.parametrize("arguments", [["--force"], ["--baseline", "absent.yaml"], ["--baseline", "known.json"]])
def test_a_baseline_that_cannot_be_used_is_wrong_use_before_anything_is_sent(
    arguments: list[str], program: Program
) -> None:
    contract = Contract()
    with serving(contract) as base_url:
        done = program(*arguments, **variables_for(base_url))
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert contract.seen == []


def result_with(judged_by: Result, finding: Finding) -> Result:
    """A result in which one check of one clause has failed."""
    check = CheckResult(finding.check, finding.clause, "x", Effect.READ, Outcome.FAILED, "", finding, 1, 0, 0.1)
    clauses = [judged(item.clause, [check] if item.clause.id == finding.clause else []) for item in judged_by.clauses]
    return replace(judged_by, clauses=tuple(clauses))


@pytest.fixture(scope="module")
def conforming() -> Result:
    with serving(Contract()) as base_url:
        return run(target_of(base_url), clauses={"STATUS-1"})


def found(check: str = "test_payment_status.py::test_x", clause: str = "STATUS-1") -> Finding:
    return Finding(clause, Level.DOCUMENTED, check, "200", "404", None, (), None, "1-0123456789abcdef0123")


@pytest.mark.parametrize(
    ("expires", "verdict", "kinds"),
    [
        (date(2027, 1, 31), Verdict.KNOWN, []),
        (date(2027, 1, 30), Verdict.DOES_NOT_CONFORM, ["expired"]),
    ],
)
def test_an_entry_holds_up_to_and_with_its_last_day(
    expires: date, verdict: Verdict, kinds: list[str], conforming: Result
) -> None:
    entry = Entry("test_payment_status.py::test_x", "1-0123456789abcdef0123", "soon", expires, 3)
    result = with_baseline(result_with(conforming, found()), Baseline(Path("known.yaml"), (entry,)), TODAY, force=False)
    assert result.verdict is verdict
    assert result.baseline is not None
    assert [note.kind for note in result.baseline.notes] == kinds


def test_one_known_deviation_of_a_clause_does_not_hide_another(conforming: Result) -> None:
    entry = Entry("test_payment_status.py::test_y", "1-0123456789abcdef0123", "soon", TODAY, 3)
    both = result_with(conforming, found())
    other = result_with(conforming, found("test_payment_status.py::test_y"))
    joined = replace(
        both,
        clauses=tuple(
            judged(one.clause, [*one.checks, *two.checks]) for one, two in zip(both.clauses, other.clauses, strict=True)
        ),
    )
    result = with_baseline(joined, Baseline(Path("known.yaml"), (entry,)), TODAY, force=False)
    assert result.verdict is Verdict.DOES_NOT_CONFORM
    assert [finding.known is not None for finding in result.findings] == [False, True]


def test_what_is_written_is_read_again_whatever_was_observed(conforming: Result, tmp_path: Path) -> None:
    odd = replace(found(), observed='a "quote", a \\, a tab\t, \x7f, \u2028 and \U0001f4a9')
    for suffix in (".yaml", ".toml"):
        file = tmp_path / f"known{suffix}"
        text = written(result_with(conforming, odd), None, TODAY, suffix=suffix, force=False)
        file.write_text(text.replace('""', '"why"'), encoding="utf-8")
        (entry,) = read_baseline(file).entries
        assert (entry.check, entry.fingerprint, entry.expires) == (odd.check, odd.fingerprint, date(2027, 5, 1))


def test_a_fingerprint_is_the_same_for_each_seed_and_another_for_each_kind() -> None:
    class OctetsInLatin(DocumentAsOctets):
        """The same check fails otherwise: another media type."""

        def finish(self, asked: Asked, answer: Answer) -> Answer:
            return replace(answer, media_type="text/html") if answer.status == 200 else answer

    seen: list[dict[str, str]] = []
    for contract, seed in ((DocumentAsOctets(), 1), (DocumentAsOctets(), 99), (OctetsInLatin(), 1)):
        with serving(contract) as base_url:
            result = run(target_of(base_url, seed=seed, payments=0, phones=()), clauses={"PDF-1", "HTTP-1"})
        seen.append({finding.check: finding.fingerprint for finding in result.findings})
        assert all(re.fullmatch(PATTERN, finding.fingerprint) for finding in result.findings)
    assert seen[0] == seen[1]
    common = seen[0].keys() & seen[2].keys()
    assert common
    assert all(seen[0][check] != seen[2][check] for check in common)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("404, application/json, 27 bytes", "404, application/json, 311 bytes", True),
        ("404, application/json, 27 bytes", "401, application/json, 27 bytes", False),
        ("the status: 404 against 401", "the status: 404 against 403", False),
        (
            "what exists takes +53 ms (chance 1e-05, 20 pairs)",
            "what exists takes +9 ms (chance 3e-09, 3 pairs)",
            True,
        ),
        ("byte 117 of the body is not UTF-8", "byte 4 of the body is not UTF-8", True),
        ("id 5e6fa3c0b1d94d6e8c7f0a1b2c3d4e5f", "id 0a1b2c3d4e5f5e6fa3c0b1d94d6e8c7f", True),
        ("an object with error: string", "an object with error: number", False),
        ("an object with error: string, 2 other members", "an object with error: string, 1 other member", True),
    ],
)
def test_a_text_is_steady_where_only_sizes_times_and_ids_differ(one: str, other: str, *, same: bool) -> None:
    assert (steady(one) == steady(other)) is same


def test_the_example_of_the_page_is_a_baseline_whose_check_exists(tmp_path: Path) -> None:
    page = (REPOSITORY / "docs/baseline.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    file = tmp_path / "known.yaml"
    file.write_text(text, encoding="utf-8")
    (entry,) = read_baseline(file).entries
    module, _, name = entry.check.partition("::")
    assert f"def {name}(" in (REPOSITORY / "contract_tests/billecta_verify/checks" / module).read_text(encoding="utf-8")
