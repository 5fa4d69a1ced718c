"""What is said, and what is left behind, where a run is described wrongly or cannot begin."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.verify.conftest import target_of
from tests.verify.program import Program, variables_for
from tests.verify.small_server import BASE_PATH, Contract, serving

from billecta_verify.config.options import REPORT_FILES
from billecta_verify.config.profiles import Profile
from billecta_verify.config.target import TargetError
from billecta_verify.reporting.terminal import plan_summary
from billecta_verify.runner.dry_run import dry_run

NOWHERE = f"http://127.0.0.1:1{BASE_PATH}"
REPORTS = sorted(REPORT_FILES.values())


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Program:
    return Program(tmp_path, monkeypatch, capsys)


@pytest.fixture
def left(tmp_path: Path) -> Path:
    """A directory with the reports of an earlier run, and a file of the user's own."""
    directory = tmp_path / "out"
    directory.mkdir()
    for name in (*REPORTS, "notes.txt"):
        (directory / name).write_text("of an earlier run", encoding="utf-8")
    return directory


def names_in(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def test_a_run_that_cannot_begin_leaves_no_report_of_an_earlier_one(program: Program, left: Path) -> None:
    assert program("--report-dir", str(left), **variables_for(NOWHERE)).returncode == 2
    assert names_in(left) == ["notes.txt"]


def test_a_run_with_one_report_leaves_no_other_of_an_earlier_run(program: Program, left: Path) -> None:
    with serving(Contract()) as base_url:
        program("--report-dir", str(left), "--report", "html", "--profile", "smoke", **variables_for(base_url))
    assert names_in(left) == ["notes.txt", "report.html", "report.json"]


def test_a_plan_leaves_the_reports_where_they_are(program: Program, left: Path) -> None:
    assert program("--report-dir", str(left), "--plan", **variables_for(NOWHERE)).returncode == 0
    assert names_in(left) == sorted([*REPORTS, "notes.txt"])


def test_a_fleet_leaves_no_report_of_a_deployment_that_was_not_judged(program: Program, left: Path) -> None:
    text = f'report_dir = "."\n[deployments.out]\nbase_url = "{NOWHERE}"\napi_key_frm = "A"\n'
    (left.parent / "fleet.toml").write_text(text, encoding="utf-8")
    assert program("--target-file", "fleet.toml").returncode == 2
    assert names_in(left) == ["notes.txt"]


def test_a_file_without_a_certificate_is_said_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("not a certificate\n", encoding="utf-8")
    with pytest.raises(TargetError, match="holds no PEM certificate"):
        target_of(NOWHERE, ca_file=tmp_path / "ca.pem")


@pytest.fixture
def port_of_https(tmp_path: Path) -> Iterator[int]:
    """A port that speaks TLS alone."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-keyout", str(key), "-out", str(certificate), "-days", "2", "-subj", "/CN=localhost"],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_shake_hands, args=(server, context), daemon=True).start()
        yield server.getsockname()[1]


def _shake_hands(server: socket.socket, context: ssl.SSLContext) -> None:
    connection, _ = server.accept()
    try:
        context.wrap_socket(connection, server_side=True)
    except OSError:
        connection.close()


def test_plain_http_to_a_port_of_https_is_asked_whether_it_wants_that(program: Program, port_of_https: int) -> None:
    done = program(**variables_for(f"http://127.0.0.1:{port_of_https}{BASE_PATH}"))
    assert done.returncode == 2
    assert "does it want https?" in done.stderr


def test_a_smoke_run_without_an_invoice_has_nothing_to_read() -> None:
    with pytest.raises(TargetError, match="smoke only reads: give --invoice-id"):
        target_of(NOWHERE, profile=Profile.SMOKE, invoice_id=None, hidden_invoice_id=None)


def test_a_smoke_run_says_what_it_leaves_out_and_how_to_have_it(program: Program) -> None:
    with serving(Contract()) as base_url:
        done = program("--profile", "smoke", **variables_for(base_url))
    assert done.words.count("not part of the profile smoke") > 20
    assert "no check of this clause was run" not in done.words
    assert "--profile standard: the rest" in done.words


def test_who_has_given_a_phone_is_asked_for_the_number_of_payments_alone(program: Program) -> None:
    with serving(Contract()) as base_url:
        done = program("--max-requests", "100", BILLECTA_PHONE="46701740605", **variables_for(base_url))
    assert "--allow-payments N: how many payment requests may be made" in done.words
    assert "--phone NUMBER" not in done.words


def test_a_plan_begins_with_its_sum_and_counts_the_creates_that_must_be_refused() -> None:
    plan = dry_run(target_of(NOWHERE))
    first = plan_summary(plan, 200).plain.partition("\n\n")[0].replace("\n", " ")
    creates = [one for one in plan.rehearsal.sent if one.method == "POST" and "/payments/" in one.url]
    assert first.startswith(f"A conforming deployment would get {plan.rehearsal.counts.requests} requests, ")
    assert f"{len(creates) - plan.rehearsal.counts.payments} creates (POST)" in first
