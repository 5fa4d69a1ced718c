"""The banner: its lines work as they are pasted, and its token is printed once and nowhere else."""

import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from .conftest import TIMEOUT, Command, RunningMock, Start

needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not on this machine")


def test_without_a_reader_it_goes_on_serving(tmp_path: Path) -> None:
    ready, errors = tmp_path / "ready", tmp_path / "errors"
    line = f"{sys.executable} -m billecta_mock --port 0 --ready-file {ready} 2> {errors} | true"
    shell = subprocess.Popen(["bash", "-c", line], start_new_session=True)
    end = time.monotonic() + 20
    while not ready.exists():
        assert time.monotonic() < end, errors.read_text(encoding="utf-8")
        time.sleep(0.05)
    origin = ready.read_text(encoding="utf-8").strip()
    assert requests.get(f"{origin}/__admin/ready", timeout=TIMEOUT).status_code == 200
    os.killpg(shell.pid, signal.SIGINT)
    shell.wait(TIMEOUT)
    (said,) = errors.read_text(encoding="utf-8").splitlines()
    assert "WARNING standard output cannot be written ([Errno 32] Broken pipe); serving without a banner" in said


def test_a_quiet_mock_prints_nothing_and_says_so_where_a_token_would_be_lost(
    start_mock: Start, mock_command: Command
) -> None:
    assert start_mock("--quiet").stop() == ("", "")
    refused = mock_command("--quiet", "--host", "0.0.0.0", "--port", "0")
    assert refused.returncode == 2
    assert "--quiet needs --admin-token here" in refused.stderr


def test_on_loopback_the_banner_speaks_of_no_token_and_its_values_stand_in_one_column(start_mock: Start) -> None:
    banner = start_mock().stop()[0]
    assert "token" not in banner
    labelled = banner.splitlines()[1:4]
    columns = {re.match(r"  \S+( \S+)* {2,}", line).end() for line in labelled}  # type: ignore[union-attr]
    assert len(columns) == 1


@needs_curl
def test_a_made_up_token_is_printed_once_and_the_banner_s_line_uses_it(start_mock: Start) -> None:
    mock = start_mock("--host", "0.0.0.0")
    control = f"{mock.origin}/__admin/worlds"
    assert requests.get(control, timeout=TIMEOUT).status_code == 401
    banner, errors = finish(mock)
    token = re.search(r"Authorization: Bearer ([^\"]+)", banner)
    assert token
    assert len(token[1]) >= 32
    assert token[1] not in errors
    assert banner.count(token[1]) == 1
    assert "0.0.0.0" not in banner
    assert f"http://{socket.gethostname()}:" in banner


def test_a_token_that_was_given_is_never_printed(start_mock: Start) -> None:
    mock = start_mock("--admin-token", "given-by-the-user")
    answer = requests.get(f"{mock.origin}/__admin/worlds", timeout=TIMEOUT)
    assert answer.status_code == 401
    authorised = {"authorization": "Bearer given-by-the-user"}
    assert requests.get(f"{mock.origin}/__admin/worlds", headers=authorised, timeout=TIMEOUT).status_code == 200
    assert "given-by-the-user" not in "".join(finish(mock))


@needs_curl
@pytest.mark.full
def test_under_tls_the_banner_s_lines_work_as_they_are_pasted(start_mock: Start, tmp_path: Path) -> None:
    folder = tmp_path / "tls files"
    arguments = ("--tls-self-signed", str(folder), "--tls-client-ca", str(folder / "ca.pem"))
    first = start_mock(*arguments)
    banner, _ = finish(first)
    mock = start_mock(*arguments)
    lines = [line.strip() for line in banner.splitlines() if line.strip().startswith("curl")]
    fetch, *_, why = [shlex.split(line.replace(first.origin, mock.origin)) for line in lines]
    quiet = ["--silent", "--fail"]
    assert subprocess.run([*fetch, *quiet], cwd=tmp_path, check=False, timeout=20).returncode == 0
    assert (tmp_path / "faktura.pdf").read_bytes().startswith(b"%PDF-")
    assert b'"why"' in subprocess.run([*why, *quiet], capture_output=True, check=True, timeout=20).stdout


def finish(mock: RunningMock) -> tuple[str, str]:
    """What a mock printed until it was told to stop."""
    output: tuple[str, str] = mock.stop(signal.SIGTERM)
    assert mock.process.returncode == os.EX_OK
    return output


def curl(line: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run([*shlex.split(line), "--silent", "--fail"], capture_output=True, check=False, timeout=20)


@needs_curl
def test_the_banner_s_lines_work_as_they_are_pasted(start_mock: Start, tmp_path: Path) -> None:
    banner = start_mock("--pay-after-seconds", "60").stop(signal.SIGINT)[0]
    mock = start_mock()
    lines = [line.strip() for line in banner.splitlines() if line.strip().startswith("curl")]
    old_origin = re.search(r"http://127\.0\.0\.1:\d+", banner)
    assert old_origin
    document, create, status, why = [line.replace(old_origin[0], mock.origin) for line in lines]
    assert curl(document.replace("faktura.pdf", str(tmp_path / "faktura.pdf"))).returncode == 0
    assert (tmp_path / "faktura.pdf").read_bytes().startswith(b"%PDF-")
    created = curl(create)
    request_id = re.search(rb'"requestid":"(\w+)"', created.stdout)
    assert request_id
    assert b'"requeststatus"' in curl(status.replace("REQUESTID", request_id[1].decode())).stdout
    assert b'"why"' in curl(why).stdout


def test_the_banner_names_the_documentation_pages_and_they_are_there(start_mock: Start) -> None:
    mock = start_mock()
    pages = {f"{mock.origin}/docs", f"{mock.origin}/docs/__admin"}
    assert all(requests.get(page, timeout=10).status_code == 200 for page in pages)
    banner, _ = mock.stop(signal.SIGINT)
    assert pages <= set(banner.split())
