"""The verifies of answers, by themselves."""

from __future__ import annotations

from random import Random

import pytest
from tests.verify.small_server import DOCUMENT

from billecta_verify.oracles.comparison import compare_responses
from billecta_verify.oracles.pdf import pdf_flaw
from billecta_verify.oracles.schema import error_envelope_flaw, json_flaw
from billecta_verify.oracles.timing import FALSE_ALARM_RATE, Comparison, rank_test
from billecta_verify.transport.exchange import NO_KEY, Effect, Exchange, Purpose, Text
from billecta_verify.transport.operations import fetch_invoice

PURPOSE = Purpose("a check", "MASK-2", Effect.NONE)


def answer(
    status: int = 404,
    body: bytes = b"{}",
    media_type: str = "application/json",
    *,
    invoice_id: str = "1001",
    method: str = "GET",
    **headers: str,
) -> Exchange:
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Exchange(
        request=fetch_invoice(Text.plain(invoice_id), NO_KEY, method=method),
        purpose=PURPOSE,
        status=status,
        headers=(("Content-Type", media_type), ("Content-Length", str(len(body))), *named),
        body=b"" if method == "HEAD" else body,
        wire=body,
        elapsed=0.01,
    )


def test_equal_answers_tell_nothing() -> None:
    assert compare_responses([answer(), answer()], [answer(), answer()]) is None


def test_what_varies_by_itself_tells_nothing() -> None:
    one = [answer(X_Id="1", body=b'{"trace": "a1"}'), answer(X_Id="2", body=b'{"trace": "b2"}')]
    other = [answer(X_Id="3", body=b'{"trace": "c3"}'), answer(X_Id="4", body=b'{"trace": "d4"}')]
    assert compare_responses(one, other) is None


def test_servers_that_take_turns_tell_nothing() -> None:
    known = [answer(Server="a"), answer(Server="b")]
    absent = [answer(Server="b"), answer(Server="a")]
    assert compare_responses(known, absent) is None


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_an_id_that_is_echoed_tells_nothing(method: str) -> None:
    def echo(invoice_id: str) -> Exchange:
        return answer(body=f"no {invoice_id} here: {invoice_id}".encode(), invoice_id=invoice_id, method=method)

    assert compare_responses([echo("1001"), echo("1001")], [echo("9990001234"), echo("9990005678")]) is None


@pytest.mark.parametrize(
    ("known", "what"),
    [
        (answer(401), "status"),
        (answer(Vary="Accept"), "header vary"),
        (answer(media_type="application/json; charset=utf-8"), "content-type"),
        (answer(body=b"{} "), "body"),
        (answer(body=b"[]"), "body"),
    ],
)
def test_a_constant_difference_tells(known: Exchange, what: str) -> None:
    assert what in (compare_responses([known, known], [answer(), answer()]) or "")


def test_a_length_of_head_that_no_echo_explains_tells() -> None:
    known = answer(body=b"x" * 7, method="HEAD")
    absent = answer(body=b"x" * 9, method="HEAD")
    assert compare_responses([known, known], [absent, absent]) == "the Content-Length"


def test_the_exact_test_agrees_with_what_is_counted_by_hand() -> None:
    assert rank_test([1, 2, 3], [4, 5, 6]) == pytest.approx(0.1)
    assert rank_test([1, 2, 3, 4, 5], [6, 7, 8, 9, 10]) == pytest.approx(2 / 252)
    assert rank_test([1, 4], [2, 3]) == 1.0
    assert rank_test([1, 2], [3, 4, 5]) == pytest.approx(2 / 10)
    assert rank_test([1, 3], [2, 4]) == pytest.approx(4 / 6)
    assert rank_test([1, 1, 1], [1, 1, 1]) == 1.0


def test_times_of_one_source_are_hardly_ever_told_apart() -> None:
    """A long tail, as a busy machine has it: among 20,000 comparisons at most a handful may alarm."""
    chance = Random(7)
    alarms = 0
    for _ in range(20_000):
        times = [chance.lognormvariate(-4, 0.8) for _ in range(28)]
        alarms += Comparison(tuple(times[:14]), tuple(times[14:])).tells(looks=4)
    assert alarms <= 20_000 * FALSE_ALARM_RATE


def test_fifty_milliseconds_are_found_on_a_noisy_machine() -> None:
    chance = Random(7)
    found = 0
    for _ in range(200):
        known = tuple(0.1 + chance.lognormvariate(-4.5, 0.6) for _ in range(14))
        absent = tuple(0.05 + chance.lognormvariate(-4.5, 0.6) for _ in range(14))
        found += Comparison(known, absent).tells(looks=4)
    assert found >= 198


def test_a_difference_too_small_to_matter_is_not_told() -> None:
    steady = tuple(0.0500 + i * 1e-6 for i in range(20))
    later = tuple(value + 0.003 for value in steady)
    assert not Comparison(later, steady).tells(looks=1)


def test_a_sound_document_has_no_flaw() -> None:
    sound = answer(200, DOCUMENT, "application/pdf")
    assert pdf_flaw(sound) is None


def test_a_document_that_says_a_wrong_number_of_pages_has_a_flaw() -> None:
    assert b"/Count 1" in DOCUMENT
    wrong = DOCUMENT.replace(b"/Count 1", b"/Count 5")
    assert pdf_flaw(answer(200, wrong, "application/pdf")) == "its number of pages is not the one that it says"


@pytest.mark.parametrize("end", range(0, len(DOCUMENT) - 1, 37))
def test_a_cut_document_has_a_flaw_wherever_it_is_cut(end: int) -> None:
    assert pdf_flaw(answer(200, DOCUMENT[:end], "application/pdf")) is not None


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (b'{"error": "a"}', "application/json"),
        (b'{"error": "a", "message": 1}', "application/json"),
        (b'["error", "message"]', "application/json"),
        (b'{"error": "a", "message": "b"}', "text/html"),
        (b'{"error": "\xe5", "message": "b"}', "application/json"),
        (b'\xef\xbb\xbf{"error": "a", "message": "b"}', "application/json"),
        (b'{"error": "a", "message": "b", "n": NaN}', "application/json"),
        (b"", "application/json"),
    ],
)
def test_what_is_not_the_promised_envelope_has_a_flaw(body: bytes, media_type: str) -> None:
    assert error_envelope_flaw(answer(400, body, media_type)) is not None


@pytest.mark.parametrize(
    "media_type", ["application/json", "application/json; charset=utf-8", "application/problem+json"]
)
def test_any_json_media_type_will_do(media_type: str) -> None:
    assert json_flaw(answer(400, '{"försök": 1}'.encode(), media_type)) is None
