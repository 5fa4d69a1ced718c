"""The curl line of a finding, as the shell takes it."""

from __future__ import annotations

import shutil
import subprocess
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from billecta_verify.reporting.model import Finding, Level
from billecta_verify.reporting.summary import Group, curl_line, is_by_hand, warning_on
from billecta_verify.reporting.terminal import finding_block
from billecta_verify.transport.exchange import Text
from billecta_verify.transport.operations import (
    CREATE_PAYMENT,
    MISPLACED_KEYS,
    SIMILAR_KEYS,
    create_payment,
    fetch_invoice,
    valid,
)

KEY = "S3cret-Key-of-16"
SECRET = Text(KEY, "$BILLECTA_API_KEY")
INVOICE = Text("77", "$BILLECTA_INVOICE_ID")
FORMS = {**MISPLACED_KEYS, **SIMILAR_KEYS}
BASH = shutil.which("bash")
CURL = '#!/bin/sh\nfor word in "$@"; do printf "%s\\n" "$word"; done\n'
"""Stands in for curl: says what it was given."""


def finding(line: str, operation: str) -> Finding:
    return Finding("AUTH-4", Level.DOCUMENTED, "a.py::test_a", "404", "200", line, (), None, operation=operation)


@pytest.fixture
def pasted(tmp_path: Path) -> object:
    (tmp_path / "curl").write_text(CURL, encoding="utf-8")
    (tmp_path / "curl").chmod(0o700)

    def run(line: str) -> list[str]:
        environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "BILLECTA_API_KEY": KEY, "BILLECTA_INVOICE_ID": "77"}
        done = subprocess.run([str(BASH), "-c", line], env=environment, capture_output=True, text=True, check=True)
        return done.stdout.splitlines()

    return run


@pytest.mark.skipif(BASH is None, reason="no bash to paste into")
@pytest.mark.parametrize("how", FORMS)
def test_a_curl_line_sends_what_was_sent_or_says_that_it_is_by_hand(how: str, pasted: object) -> None:
    request = fetch_invoice(INVOICE, FORMS[how](SECRET))
    line = curl_line("http://h/x", request)
    if is_by_hand(finding(line, request.operation)):
        assert how in {"percent-encoded", "a character in its middle changed"}
        return
    sent = [f"{name}: {value}" if value else f"{name};" for name, value in request.all_headers()]
    words = pasted(line)  # type: ignore[operator]
    assert [word for word, before in zip(words[1:], words[:-1], strict=True) if before == "-H"] == sent
    assert words[-1] == f"http://h/x/{request.url_suffix}"


def test_a_curl_line_that_needs_a_hand_says_so_beside_itself() -> None:
    line = curl_line("http://h/x", fetch_invoice(INVOICE, SIMILAR_KEYS["percent-encoded"](SECRET)))
    said = finding_block(1, Group((finding(line, "fetchInvoicePdf"),)), 200).plain
    assert "by hand: fill in what stands between < and >" in said


def test_a_curl_line_that_makes_a_payment_request_says_so_beside_itself() -> None:
    request = create_payment(Text("a1", "$BILLECTA_ACTION_ID"), valid(SECRET), phone=Text("1", "$PHONE"), message="a")
    found = finding(curl_line("http://h/x", request), CREATE_PAYMENT)
    console = Console(file=StringIO(), width=200)
    console.print(finding_block(1, Group((found,)), 200))
    assert "this makes a payment request" in console.file.getvalue()  # type: ignore[attr-defined]
    assert warning_on(finding("curl -i http://h/x", "fetchInvoicePdf")) == ""
