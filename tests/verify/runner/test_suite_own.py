"""Tests of a user's own beside the checks, with the fixtures and the marker of the suite."""

from __future__ import annotations

from pathlib import Path

from tests.verify.small_server import KEY, Contract
from tests.verify.suite import LOADS_THE_PLUGIN, MINE, Suite, known


def test_tests_of_ones_own_run_beside_the_checks_under_the_same_guards(
    suite: Suite, contract: Contract, base_url: str, tmp_path: Path
) -> None:
    (tmp_path / "conftest.py").write_text(LOADS_THE_PLUGIN, encoding="utf-8")
    (tmp_path / "test_mine.py").write_text(
        MINE
        + """
@pytest.mark.clause("PDF-1")
def test_the_invoice_is_there(session, target):
    assert invoice(session, target, **{"x-api-key": target.api_key}).content.startswith(b"%PDF-")

def test_without_a_marker_it_may_only_read(session, target):
    assert invoice(session, target).status_code == 404
    with pytest.raises(Exception, match="under the effect `read`"):
        session.post(f"{target.base_url}/payments/swish/{target.action_id}")

def test_elsewhere_is_out_of_bounds(session):
    with pytest.raises(Exception, match="is not the deployment"):
        session.get("http://127.0.0.1:9/")

def test_cookies_are_not_kept(session):
    assert not session.cookies

def test_of_nobody_elses_business():
    assert True
""",
        encoding="utf-8",
    )
    done = suite("test_mine.py", "--pyargs", "billecta_verify", "--base-url", base_url, "-k", "mine or url",
                 **known(base_url))  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert "URL-1" in done.stdout


def test_a_failed_test_of_ones_own_is_a_finding_of_its_clause(suite: Suite, base_url: str, tmp_path: Path) -> None:
    (tmp_path / "test_mine.py").write_text(
        MINE
        + """
@pytest.mark.clause("PDF-3")
def test_it_has_two_pages(session, target):
    assert len(invoice(session, target).content) > 10 ** 9, f"too short for {target.api_key}"
""",
        encoding="utf-8",
    )
    done = suite("--billecta-base-url", base_url, "--tb=no", "-rN", **known(base_url))
    assert done.returncode == 1
    assert "finding 1: PDF-3" in done.stdout
    assert KEY not in done.stdout
