"""Phones, pacing, targets, verdicts and curl lines, by themselves."""

from __future__ import annotations

from email.utils import formatdate
from time import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.verify.conftest import ON_LOOPBACK, target_of

from billecta_verify.config.phones import FICTION, canonical, is_harmless
from billecta_verify.config.target import Target, TargetError
from billecta_verify.fixtures.generation import drawn, generated_requests, overlong_messages, overlong_phones
from billecta_verify.oracles.schema import PLACES
from billecta_verify.reporting.model import CheckResult, Outcome, clauses, verdict_of
from billecta_verify.reporting.summary import curl_line
from billecta_verify.runner.dry_run import dry_run
from billecta_verify.transport.exchange import Effect, Request, Text
from billecta_verify.transport.operations import MISPLACED_KEYS, SIMILAR_KEYS, create_payment, fetch_invoice, valid
from billecta_verify.transport.rate_limit import FIRST_SPACING, LONGEST_WAIT, WIDEST_SPACING, RateLimiter, retry_after
from billecta_verify.transport.safety import plain_twin

SECRET = Text("s3cret-key", "$BILLECTA_API_KEY")


@pytest.mark.parametrize("phone", ["+46 70-174 06 05", "0046701740605", "070-1740605", "46701740605", "٤٦٧٠١٧٤٠٦٠٥"])
def test_a_fictional_number_is_known_in_any_spelling(phone: str) -> None:
    assert canonical(phone) in FICTION
    assert is_harmless(phone)


@pytest.mark.parametrize("phone", ["46701234567", "0701740604", "46701740700", "+4670174060", "467012345670000000000"])
def test_any_other_number_is_not_harmless(phone: str) -> None:
    assert not is_harmless(phone)


@given(st.sampled_from(FICTION), st.text(max_size=12))
def test_no_number_slips_through_in_disguise(number: str, noise: str) -> None:
    foreign = "46701234567" + noise
    assert not is_harmless(foreign) or canonical(foreign) in FICTION
    assert is_harmless(number)


def test_generated_phones_are_too_long_and_harmless_and_follow_the_seed() -> None:
    phones = drawn(overlong_phones(), 1, 20)
    assert phones == drawn(overlong_phones(), 1, 20)
    assert all(len(phone) > 20 and is_harmless(phone) for phone in phones)
    assert all(len(message) > 50 for message in drawn(overlong_messages(), 1, 20))


@pytest.mark.parametrize("operation_id", PLACES)
def test_generated_requests_follow_the_seed_and_create_nothing(operation_id: str) -> None:
    def generated(seed: int) -> list[Request]:
        return generated_requests(operation_id, valid(SECRET), seed, 8, absent_action=Text.plain("ABSENT"))

    assert generated(1) == generated(1)
    for request in generated(2):
        phones = [text.sent for name, text in request.query if name.lower() == "phone"]
        assert all(is_harmless(phone) for phone in phones)


def test_after_each_429_requests_follow_each_other_more_slowly_up_to_a_bound() -> None:
    now = [100.0]
    rate_limiter = RateLimiter(None, now=lambda: now[0], pause=lambda seconds: now.__setitem__(0, now[0] + seconds))
    spacings = []
    for _ in range(4):
        rate_limiter.hold(0)
        rate_limiter.wait()
        before = now[0]
        rate_limiter.wait()
        spacings.append(now[0] - before)
    assert spacings == pytest.approx([FIRST_SPACING, 2 * FIRST_SPACING, WIDEST_SPACING, WIDEST_SPACING])


def test_requests_are_spaced_evenly_and_a_hold_is_kept() -> None:
    now, pauses = [0.0], []

    def pause(seconds: float) -> None:
        pauses.append(round(seconds, 3))
        now[0] += seconds

    rate_limiter = RateLimiter(4, now=lambda: now[0], pause=pause)
    rate_limiter.wait()
    rate_limiter.wait()
    rate_limiter.hold(2)
    rate_limiter.wait()
    assert pauses == [0.25, 2.0]


@pytest.mark.parametrize(("value", "seconds"), [(None, 1), ("7", 7), ("99999", LONGEST_WAIT), ("-1", 1), ("soon", 1)])
def test_retry_after_is_heeded_within_a_bound(value: str | None, seconds: float) -> None:
    assert retry_after(value) == seconds


def test_retry_after_may_be_a_date() -> None:
    assert 3 < retry_after(formatdate(time() + 5, usegmt=True)) <= 5


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("HTTPS://Host/My App/limepkg-billecta-integration/", "https://host/My%20App/limepkg-billecta-integration"),
        ("http://[::1]:8080/a%20b/x", "http://[::1]:8080/a%20b/x"),
    ],
)
def test_a_base_url_may_end_in_a_slash_and_hold_spaces(given: str, kept: str) -> None:
    assert Target(base_url=given, api_key="k", invoice_id="1").base_url == kept


@pytest.mark.parametrize("key", ["", "with space", "å", "line\nbreak"])
def test_a_key_that_no_header_can_carry_is_refused(key: str) -> None:
    with pytest.raises(TargetError):
        Target(base_url="http://localhost/x", api_key=key, invoice_id="1")


@pytest.mark.parametrize("phone", ["123", "4670123456789012", "abc", "+46 (0)70 174 06 05 00"])
def test_a_phone_that_is_none_is_refused_without_being_shown(phone: str) -> None:
    with pytest.raises(TargetError) as caught:
        target_of("http://localhost/x", phones=(phone,))
    assert phone not in str(caught.value)


def test_plain_http_is_looked_for_where_a_server_may_answer_it() -> None:
    assert plain_twin(target_of("https://host/x")) == ("http", "host", 80)
    assert plain_twin(target_of("https://host:8443/x")) == ("http", "host", 8443)
    assert plain_twin(target_of("http://localhost/x")) is None


def check(outcome: Outcome) -> CheckResult:
    return CheckResult("a", "PDF-1", "a", Effect.READ, outcome, None, None, 1, 0, 0.1)


@pytest.mark.parametrize(
    ("outcomes", "verdict"),
    [
        ("failed passed inconclusive", "failed"),
        ("passed inconclusive", "inconclusive"),
        ("passed not_exercised", "passed"),
        ("inconclusive not_exercised", "inconclusive"),
        ("not_exercised", "not exercised"),
        ("", "not exercised"),
    ],
)
def test_a_clause_is_judged_by_all_of_its_checks(outcomes: str, verdict: str) -> None:
    assert verdict_of([check(Outcome[name.upper()]) for name in outcomes.split()]) == verdict


@pytest.mark.parametrize("make", [*MISPLACED_KEYS.values(), *SIMILAR_KEYS.values()])
def test_a_curl_line_never_shows_a_key(make: object) -> None:
    credential = make(SECRET)  # type: ignore[operator]
    line = curl_line("http://h/x", fetch_invoice(Text("77", "$BILLECTA_INVOICE_ID"), credential))
    assert SECRET.sent not in line
    assert SECRET.sent.swapcase() not in line
    assert SECRET.sent[1:] not in line
    assert "$BILLECTA_INVOICE_ID" in line


def test_a_curl_line_can_be_pasted() -> None:
    request = create_payment(
        Text("a1", "$BILLECTA_ACTION_ID"), valid(SECRET), phone=Text("1", "$PHONE"), message="a b'c"
    )
    assert curl_line("http://h/x", request) == (
        'curl -i -X POST -H "x-api-key: $BILLECTA_API_KEY" '
        '"http://h/x/payments/swish/$BILLECTA_ACTION_ID?phone=$PHONE&message=a+b%27c"'
    )


def test_every_clause_of_the_register_has_a_check() -> None:
    result = dry_run(target_of("http://127.0.0.1:1/database/x")).rehearsal
    assert {clause.clause.id for clause in result.clauses if clause.checks} == set(clauses())
    assert len(clauses()) == 36
    assert [c.clause.id for c in result.clauses if c.verdict is not Outcome.PASSED] == ON_LOOPBACK
