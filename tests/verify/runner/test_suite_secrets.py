"""What pytest shows of a test that fails: neither keys nor ids, whatever it was told to show."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.mutation.small_defects import CutDocument, KeyInQuery
from tests.tiers import full
from tests.verify.conftest import target_of
from tests.verify.small_server import BASE_PATH, KEY, LIMITED_KEY, READ_ONLY_KEY, Contract, serving
from tests.verify.suite import MINE, SECRETS, Suite, known

from billecta_verify.config.loader import Setting
from billecta_verify.runner.check_results import ITSELF_FAILED
from billecta_verify.transport.exchange import Credential, Effect, Exchange, Purpose, Text
from billecta_verify.transport.operations import create_payment
from billecta_verify.transport.recorder import Recorder

INVOICE, ACTION = "77553311", "action-of-somebody"
HELD = (*SECRETS, INVOICE, ACTION)
SHOWN_IN_FULL = ("--tb=long", "-l", "-rA", "-vv", "--junitxml=out.xml", "--log-level=DEBUG")


class Leaky(KeyInQuery, CutDocument):
    """Breaks two clauses, and knows an invoice and an action of other ids."""

    def sees(self, asked: object, invoice_id: str) -> bool:  # type: ignore[override]
        return invoice_id == INVOICE

    def is_action(self, action_id: str) -> bool:
        return action_id == ACTION


def described(base_url: str) -> dict[str, str]:
    return known(base_url, BILLECTA_INVOICE_ID=INVOICE, BILLECTA_ACTION_ID=ACTION, BILLECTA_HIDDEN_INVOICE_ID="")


@pytest.mark.parametrize("workers", [(), *full([("-n", "2")])], ids=["alone", "workers"])
def test_a_failing_check_shows_neither_key_nor_id(suite: Suite, tmp_path: Path, workers: tuple[str, ...]) -> None:
    with serving(Leaky()) as base_url:
        done = suite("--pyargs", "billecta_verify", "--base-url", base_url, *SHOWN_IN_FULL, *workers,
                     "-k", "authentication or document", **described(base_url))  # fmt: skip
    assert " failed" in done.stdout
    assert "expected 401 or 404 with the key in the query; observed 200" in done.stdout
    for text in (done.stdout, done.stderr, (tmp_path / "out.xml").read_text(encoding="utf-8")):
        assert not [secret for secret in HELD if secret in text]


ASSERTS = (
    MINE
    + """
@pytest.mark.clause("PDF-3")
def test_it_is_in_colour(session, target):
    assert b"/DeviceRGB" in invoice(session, target, **{"x-api-key": target.api_key}).content

@pytest.mark.clause("PDF-1")
def test_it_is_there(session, target):
    assert invoice(session, target).status_code == 200, f"nothing for {target.api_key} at {target.invoice_id}"
"""
)


def test_a_failed_assertion_of_ones_own_is_told_by_its_place_alone(suite: Suite, tmp_path: Path) -> None:
    (tmp_path / "test_mine.py").write_text(ASSERTS, encoding="utf-8")
    with serving(Contract()) as base_url:
        done = suite("--assert=rewrite", "--billecta-base-url", base_url, **known(base_url))
    table = done.stdout.partition("= clauses =")[2].partition("= short test summary info =")[0]
    assert "an assertion failed (test_mine.py, line 9)" in table
    assert "an assertion failed (test_mine.py, line 13)" in table
    for content in ("%PDF", KEY, "1001", "DeviceRGB"):
        assert content not in table


REFUSED = (
    MINE
    + """
def create(session, target, action_id):
    url = f"{target.base_url}/payments/swish/{action_id}"
    session.post(url, params={"phone": "46701740605", "message": "a"}, headers={"x-api-key": target.api_key})

@pytest.mark.parametrize("number", range(2))
@pytest.mark.clause("SWISH-1", effect="create")
def test_pays(session, target, number):
    create(session, target, target.action_id)

def test_pays_without_a_marker(session, target):
    create(session, target, target.action_id)

@pytest.mark.clause("PDF-1")
def test_reads(session, target):
    assert invoice(session, target, **{"x-api-key": target.api_key}).status_code == 200
"""
)


def test_what_the_guard_refuses_to_a_test_of_ones_own_is_one_sentence(suite: Suite, tmp_path: Path) -> None:
    (tmp_path / "test_mine.py").write_text(REFUSED, encoding="utf-8")
    with serving(Contract()) as base_url:
        variables = known(base_url, BILLECTA_ALLOW_PAYMENTS="1")
        done = suite("--billecta-base-url", base_url, *SHOWN_IN_FULL, **variables)
    words = " ".join(done.stdout.split())
    assert "this test asked for what the guard refuses: the budget of 1 payment is spent" in words
    assert "this test asked for what the guard refuses: POST under the effect `read`" in words
    assert ITSELF_FAILED not in words
    assert "the key was never tried" not in words
    assert not [secret for secret in HELD if secret in done.stdout]


def test_nothing_that_holds_a_secret_shows_it_when_it_is_printed() -> None:
    target = target_of(f"http://127.0.0.1:1{BASE_PATH}", invoice_id=INVOICE, action_id=ACTION, hidden_invoice_id="9")
    key = Text(KEY, "$BILLECTA_API_KEY")
    action, phone = Text(ACTION, "$BILLECTA_ACTION_ID"), Text(SECRETS[-1], "$PHONE")
    request = create_payment(action, Credential("the valid key", key), phone=phone, message="a")
    exchange = Exchange(
        request, Purpose("a", "PDF-1", Effect.READ), 200, (("X-Key", KEY),), KEY.encode(), KEY.encode(), 0.1
    )
    recorder = Recorder([exchange], words={INVOICE, ACTION})
    for thing in (target, key, request.credential, request, exchange, recorder, Setting(KEY, "--api-key")):
        assert not [secret for secret in (*HELD, LIMITED_KEY, READ_ONLY_KEY) if secret in repr(thing)], repr(thing)
