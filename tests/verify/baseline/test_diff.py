"""What changed between two runs, and between two deployments."""

from __future__ import annotations

import copy
import json
import secrets
import time
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from tests.mutation.small_defects import CutDocument, EmptyDocument
from tests.verify.conftest import target_of
from tests.verify.program import Program
from tests.verify.small_server import KEY, Answer, Asked, Contract, as_json, serving

from billecta_verify.baseline.diff import Tolerance, compare
from billecta_verify.reporting.files import SCHEMA_FILE, document
from billecta_verify.reporting.profile import OTHER, id_form, latency_of
from billecta_verify.runner.run import run

Report = dict[str, Any]
VALIDATOR = jsonschema_rs.validator_for(json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))


SOME = frozenset({"AUTH-1", "PDF-1", "PDF-2", "PDF-4", "SWISH-1", "STATUS-1"})


def judged(contract: Contract, clauses: Collection[str] | None = SOME, **changed: object) -> Report:
    with serving(contract) as base_url:
        found: Report = json.loads(json.dumps(document(run(target_of(base_url, **changed), clauses=clauses))))
    VALIDATOR.validate(found)
    return found


@pytest.fixture(scope="module")
def plain() -> Report:
    return judged(Contract())


@pytest.fixture(scope="module")
def cut() -> Report:
    return judged(CutDocument())


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Program:
    return Program(tmp_path, monkeypatch, capsys)


def written(tmp_path: Path, name: str, report: Report) -> str:
    (tmp_path / name).write_text(json.dumps(report), encoding="utf-8")
    return name


def kinds(old: Report, new: Report, tolerance: Tolerance | None = None) -> dict[str, list[tuple[str | None, ...]]]:
    found: dict[str, list[tuple[str | None, ...]]] = {}
    for change in compare(old, new, tolerance or Tolerance()).changes:
        found.setdefault(change.kind, []).append((change.what, change.old, change.new))
    return found


@pytest.mark.full
def test_another_run_with_another_seed_is_the_same(program: Program, tmp_path: Path) -> None:
    once, again = judged(Contract(), clauses=None), judged(Contract(), clauses=None, seed=4711)
    done = program("diff", written(tmp_path, "old.json", once), written(tmp_path, "new.json", again))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip().splitlines()[-1] == "the same"


def test_a_defect_is_drift_in_verdict_clause_and_finding(
    plain: Report, cut: Report, program: Program, tmp_path: Path
) -> None:
    for name, report in (("old", plain), ("new", cut)):
        (tmp_path / name).mkdir()
        written(tmp_path / name, "report.json", report)
    done = program("diff", "old", "new")
    assert done.returncode == 1
    assert "the whole: conforms → does not conform" in done.stdout
    assert "PDF-2: passed → failed" in done.stdout
    assert "new: PDF-2: 200, application/pdf" in done.stdout
    back = json.loads(program("diff", "--json", "new", "old").stdout)
    assert back["same"] is False
    assert {"kind": "clause", "what": "PDF-2", "old": "failed", "new": "passed"} in back["changes"]
    assert any(change["kind"] == "finding" and change["new"] is None for change in back["changes"])


def test_another_deviation_of_the_same_check_is_a_change(cut: Report) -> None:
    found = kinds(cut, judged(EmptyDocument()))
    assert all(None not in change for change in found["finding"])


class OtherWords(Contract):
    def status(self, asked: Asked, request_id: str) -> Answer:
        answer = super().status(asked, request_id)
        return as_json(200, requeststatus="Pending") if answer.status == 200 else answer


class OtherIds(Contract):
    def new_id(self) -> str:
        return str(secrets.randbelow(10**9) + 10**9)


class OtherHeaders(Contract):
    def finish(self, asked: Asked, answer: Answer) -> Answer:
        return replace(answer, headers=(*answer.headers, ("X-Server-Pool", "b")))


class OtherMediaType(Contract):
    def not_found(self, asked: Asked) -> Answer:
        return Answer(404, b"<h1>Not Found</h1>", "text/html")


class OtherStatus(Contract):
    def refuse_key(self, asked: Asked, resource: str) -> Answer:
        return as_json(401, message="Unauthorized")


class MoreMembers(Contract):
    def not_found(self, asked: Asked) -> Answer:
        return as_json(404, message="Not Found", error="Not Found")


@pytest.mark.parametrize(
    ("make", "kind", "change"),
    [
        (OtherWords, "status words", ("requeststatus", "Created", "Pending")),
        (OtherIds, "id form", ("requestid", "hex32 (upper case)", "digits")),
        (OtherHeaders, "headers", ("fetchInvoicePdf GET 200", None, "x-server-pool")),
        (OtherMediaType, "media types", ("fetchInvoicePdf GET 404", "application/json", "text/html")),
        (OtherStatus, "statuses", ("fetchInvoicePdf GET", "200, 404", "200, 401, 404")),
        (MoreMembers, "members", ("fetchInvoicePdf GET 404", "message: string", "error: string, message: string")),
    ],
)
def test_a_deployment_that_conforms_but_looks_otherwise_is_drift(
    make: Callable[[], Contract], kind: str, change: tuple[str, ...], plain: Report
) -> None:
    other = judged(make())
    assert other["verdict"] == "conforms"
    found = kinds(plain, other)
    assert change in found[kind], found
    assert "clause" not in found


def test_a_slower_deployment_is_drift_beyond_the_tolerance() -> None:
    class Slower(Contract):
        def finish(self, asked: Asked, answer: Answer) -> Answer:
            time.sleep(0.03 if asked.raw_path.endswith("/") and answer.status == 404 else 0)
            return answer

    plain, slower = judged(Contract(), {"PDF-4"}), judged(Slower(), {"PDF-4"})
    close = Tolerance(floor_ms=10)
    assert any("fetchInvoicePdf GET 404 median" in change for change in kinds(plain, slower, close)["latency"])
    assert "latency" not in kinds(plain, slower, replace(close, floor_ms=100_000))
    assert "latency" not in kinds(plain, slower, replace(close, ignores_times=True))
    assert "latency" not in kinds(plain, slower, replace(close, factor=10_000))


def test_headers_that_come_and_go_are_no_drift(plain: Report) -> None:
    class Volatile(Contract):
        def finish(self, asked: Asked, answer: Answer) -> Answer:
            more = (("X-Cache", "HIT"),) if secrets.randbelow(2) else ()
            return replace(answer, headers=(*answer.headers, *more))

    one, other = judged(Volatile()), judged(Volatile())
    assert "headers" not in kinds(one, other)
    assert "headers" not in kinds(plain, one)


def test_no_profile_shows_what_a_deployment_puts_into_it() -> None:
    class Echoes(Contract):
        """Hides the key where words, names and types are expected."""

        def finish(self, asked: Asked, answer: Answer) -> Answer:
            hidden = (f"x-{KEY}", "1"), ("x-46701740605", "1"), ("X-Fine", "1")
            if answer.status == 200 and asked.raw_path.startswith("/database/limepkg-billecta-integration/payments"):
                return replace(as_json(200, requeststatus=KEY), headers=hidden)
            return replace(answer, headers=(*answer.headers, *hidden))

    report = judged(Echoes())
    profile = json.dumps(report["observed_profile"])
    assert KEY.lower() not in profile.lower()
    assert "46701740605" not in profile
    assert OTHER in report["observed_profile"]["status_words"]
    assert "x-fine" in profile


def test_a_profile_stays_small_whatever_a_deployment_does() -> None:
    class Floods(Contract):
        def finish(self, asked: Asked, answer: Answer) -> Answer:
            names = ((f"x-{secrets.token_hex(4)}", "1") for _ in range(20))
            return replace(answer, headers=(*answer.headers, *names))

    profile = judged(Floods(), max_requests=100)["observed_profile"]
    assert all(len(row["other_headers"]) <= 60 for row in profile["answers"])


def test_what_was_not_looked_at_in_one_run_is_no_drift_but_is_said(plain: Report) -> None:
    fewer = copy.deepcopy(plain)
    fewer["observed_profile"]["status_words"] = []
    fewer["observed_profile"]["answers"] = [
        row for row in fewer["observed_profile"]["answers"] if row["operation"] == "fetchInvoicePdf"
    ]
    fewer["target"]["supplied"] = ["api_key"]
    comparison = compare(plain, fewer, Tolerance())
    assert comparison.changes == ()
    assert any("not both runs were given" in note for note in comparison.notes)


COMPARES = ("diff", "--target-file", "fleet.toml", "--deployments")


def two_deployments(north: str, south: str) -> str:
    entries = 'api_key_from = "FLEET_KEY"\ninvoice_id = "1001"\nmax_requests = 60\n'
    deployments = {"north": north, "south": south}
    return "".join(f'[deployments.{name}]\nbase_url = "{url}"\n{entries}' for name, url in deployments.items())


@pytest.mark.full
@pytest.mark.parametrize(
    ("south", "status", "said"),
    [(OtherStatus, 1, "fetchInvoicePdf GET: 200, 404 → 200, 401"), (Contract, 0, "the same")],
)
def test_two_deployments_of_a_target_file_are_judged_and_compared(
    south: type[Contract], status: int, said: str, program: Program, tmp_path: Path
) -> None:
    with serving(Contract()) as one, serving(south()) as two:
        (tmp_path / "fleet.toml").write_text(two_deployments(one, two), encoding="utf-8")
        done = program(*COMPARES, "north", "south", FLEET_KEY=KEY)
    assert done.returncode == status, done.stdout
    assert said in done.stdout


def test_a_deployment_that_is_away_is_not_compared(program: Program, tmp_path: Path) -> None:
    away = "http://127.0.0.1:1/x"
    (tmp_path / "fleet.toml").write_text(two_deployments(away, away), encoding="utf-8")
    done = program(*COMPARES, "north", "south", FLEET_KEY=KEY)
    assert done.returncode == 2
    assert "north was not verified: " in done.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "give two reports (OLD NEW)"),
        (["old.json"], "give two reports (OLD NEW)"),
        (["old.json", "absent.json"], "absent.json does not exist"),
        (["old.json", "text.json"], "text.json is not JSON"),
        (["old.json", "list.json"], "it has no schema_version"),
        (["old.json", "later.json"], "is of version 9.0"),
        (["old.json", "damaged.json"], "is damaged: the whole is not as"),
        (["--target-file", "x.toml", "old.json", "old.json"], "--target-file is for --deployments"),
        (["--deployments", "a", "a"], "a is given twice"),
        (["--deployments", "a", "b"], "needs --target-file FILE"),
        (["--latency-factor", "0.5", "old.json", "old.json"], "must be a number of 1 or more"),
        (["--latencyfactor", "2", "old.json", "old.json"], "unrecognized arguments"),
    ],
)
def test_wrong_use_is_one_sentence_and_status_2(
    arguments: list[str], sentence: str, plain: Report, program: Program, tmp_path: Path
) -> None:
    written(tmp_path, "old.json", plain)
    written(tmp_path, "later.json", {**plain, "schema_version": "9.0"})
    written(tmp_path, "damaged.json", {name: value for name, value in plain.items() if name != "checks"})
    (tmp_path / "text.json").write_text("no", encoding="utf-8")
    (tmp_path / "list.json").write_text("[]", encoding="utf-8")
    done = program("diff", *arguments)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ("5E6FA3C0B1D94D6E8C7F0A1B2C3D4E5F", "hex32 (upper case)"),
        ("5e6fa3c0b1d94d6e8c7f0a1b2c3d4e5f", "hex32 (lower case)"),
        ("5e6fa3c0-b1d9-4d6e-8c7f-0a1b2c3d4e5f", "uuid (lower case)"),
        ("10023", "digits"),
        (10023, "a JSON number"),
        ("pay-17_x", "letters, digits, - and _"),
        ("a b", "another form"),
        (None, "neither text nor number"),
        (True, "neither text nor number"),
    ],
)
def test_an_id_is_known_by_its_form(value: object, form: str) -> None:
    assert id_form(value) == form


def test_a_latency_is_median_and_95th_percentile_in_milliseconds() -> None:
    found = latency_of([number / 1000 for number in range(1, 101)])
    assert (found.count, found.median_ms) == (100, 50.5)
    assert found.p95_ms == pytest.approx(95, abs=0.2)
    assert latency_of([0.25]).p95_ms == 250
