"""Claims about a journal hold exactly where a slow, plain reading of their definition says that they do."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import combinations_with_replacement

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billecta_mock.domain.journal import Exchange
from billecta_mock.domain.problems import Reason
from billecta_mock.domain.verification.expectations import (
    Expectation,
    Finding,
    find_others,
    list_numbers,
    match_sequence,
    verify,
    verify_sequence,
)
from billecta_mock.domain.verification.filters import ExchangeFilter, Numbered

OPERATIONS = {"c": "createSwishPayment", "s": "getSwishPayment", "f": "fetchInvoicePdf"}
CREATE = ExchangeFilter(operation="createSwishPayment")
STATUS = ExchangeFilter(operation="getSwishPayment")


def exchange(letter: str, phone: str | None = None) -> Exchange:
    at = datetime(2030, 1, 1, tzinfo=UTC)
    method = "POST" if letter == "c" else "GET"
    why = Reason("ok", "done as asked")
    return Exchange(at, method, "/d/l/x", {}, OPERATIONS[letter], "A***3", "Full access", 200, 0.1, why, phone)


def journal(letters: str) -> list[Numbered]:
    return [(number, exchange(letter)) for number, letter in enumerate(letters, 1)]


def exactly(count: int, request: ExchangeFilter) -> Expectation:
    return Expectation(request, count, count)


def at_least(count: int, request: ExchangeFilter) -> Expectation:
    return Expectation(request, count)


def never(request: ExchangeFilter) -> Expectation:
    return Expectation(request, 0, 0)


def failures(findings: Sequence[Finding]) -> list[str]:
    return [finding.failure for finding in findings if finding.failure]


def holds(exchanges: Sequence[Numbered], claims: Sequence[Expectation]) -> bool:
    """Whether some division of the journal into stretches keeps every claim, found by trying all of them."""
    divisions = combinations_with_replacement(range(len(exchanges) + 1), len(claims) - 1)
    return any(is_division(exchanges, claims, (0, *cuts, len(exchanges))) for cuts in divisions)


def is_division(exchanges: Sequence[Numbered], claims: Sequence[Expectation], cuts: Sequence[int]) -> bool:
    for index, claim in enumerate(claims):
        stretch = [each for _, each in exchanges[cuts[index] : cuts[index + 1]]]
        hits = [claim.request.matches(each) for each in stretch]
        if not claim.allows(sum(hits)) or any(is_out_of_place(each, claim, claims) for each in stretch):
            return False
        if index and claim.least and not hits[0]:
            return False
        if index and not claim.least and not begins_after_a_hit(exchanges, claims, cuts, index):
            return False
    return True


def is_out_of_place(each: Exchange, claim: Expectation, claims: Sequence[Expectation]) -> bool:
    wanted_elsewhere = any(other.is_exact and other.request.matches(each) for other in claims)
    return wanted_elsewhere and not claim.request.matches(each)


def begins_after_a_hit(
    exchanges: Sequence[Numbered], claims: Sequence[Expectation], cuts: Sequence[int], index: int
) -> bool:
    """Whether a stretch that may be empty follows a hit of the claim before, or a stretch that has just begun."""
    begin, previous = cuts[index], cuts[index - 1]
    if begin > previous:
        return claims[index - 1].request.matches(exchanges[begin - 1][1])
    return not claims[index - 1].least and (index == 1 or begins_after_a_hit(exchanges, claims, cuts, index - 1))


requests = st.sampled_from([CREATE, STATUS, ExchangeFilter(), ExchangeFilter(method="GET")])
claims = st.one_of(
    st.builds(exactly, st.integers(0, 3), requests),
    st.builds(at_least, st.integers(0, 3), requests),
    st.builds(lambda most, request: Expectation(request, 0, most), st.integers(0, 2), requests),
    st.builds(lambda least, request: Expectation(request, least, least + 1), st.integers(0, 2), requests),
)


@given(st.text("csf", max_size=7), st.lists(claims, min_size=1, max_size=4))
def test_a_sequence_holds_exactly_where_some_division_of_the_journal_keeps_it(
    letters: str, sequence: list[Expectation]
) -> None:
    exchanges = journal(letters)
    kept = match_sequence(exchanges, sequence).claim == len(sequence)
    assert kept == holds(exchanges, sequence)
    assert kept == (failures(verify_sequence(exchanges, sequence)) == [])


@given(st.text("csf", max_size=20), claims)
def test_a_claim_on_its_own_holds_where_its_number_is_right(letters: str, claim: Expectation) -> None:
    exchanges = journal(letters)
    count = sum(claim.request.matches(each) for _, each in exchanges)
    (finding,) = verify(exchanges, [claim])
    assert len(finding.seen) == count
    assert (finding.failure is None) == (claim.least <= count <= (count if claim.most is None else claim.most))


@pytest.mark.parametrize(
    ("letters", "kept"),
    [("ccs", True), ("sccs", True), ("cscs", True), ("ccsf", True), ("cc", False), ("csc", False), ("ccsc", False),
     ("scc", False), ("", False)],
)  # fmt: skip
def test_two_creates_then_a_status_read(letters: str, *, kept: bool) -> None:
    findings = verify_sequence(journal(letters), [exactly(2, CREATE), at_least(1, STATUS)])
    assert (failures(findings) == []) == kept


@pytest.mark.parametrize(("letters", "kept"), [("cc", True), ("cfc", True), ("csc", False), ("ccs", True)])
def test_never_counts_between_its_neighbours(letters: str, *, kept: bool) -> None:
    sequence = [exactly(1, CREATE), never(STATUS), exactly(1, CREATE)]
    assert (failures(verify_sequence(journal(letters), sequence)) == []) == kept


@pytest.mark.parametrize(
    ("letters", "sequence", "sentence"),
    [
        (
            "ccsc",
            [exactly(2, CREATE), at_least(1, STATUS)],
            "wanted exactly 2 requests with operation createSwishPayment; 3 came (#1, #2, #4)",
        ),
        (
            "scc",
            [exactly(2, CREATE), at_least(1, STATUS)],
            "wanted at least 1 request with operation getSwishPayment after #3; none came after it; 1 before (#1)",
        ),
        (
            "csc",
            [exactly(1, CREATE), never(STATUS), exactly(1, CREATE)],
            "wanted no requests with operation getSwishPayment after #1; 1 came after it (#2); none before",
        ),
        ("f", [exactly(1, CREATE)], "wanted exactly 1 request with operation createSwishPayment; none came"),
        ("ff", [Expectation(ExchangeFilter(), 0, 1)], "wanted at most 1 request of any kind; 2 came (#1, #2)"),
    ],
)
def test_what_was_seen_instead_is_said_with_numbers(letters: str, sequence: list[Expectation], sentence: str) -> None:
    assert failures(verify_sequence(journal(letters), sequence)) == [sentence]


def test_what_came_close_is_said_without_a_phone_number() -> None:
    exchanges = [(1, exchange("c", "46701740606")), (2, exchange("s")), (3, exchange("c", "46701740695"))]
    request = ExchangeFilter(operation="createSwishPayment", phone="070-174 06 05")
    (finding,) = verify(exchanges, [Expectation(request)])
    assert finding.failure == "wanted at least 1 request with operation createSwishPayment, phone 46***05; none came"
    assert [(near.number, near.sentence) for near in finding.near] == [
        (3, "phone is 46***95, not 46***05"),
        (1, "phone is 46***06, not 46***05"),
    ]


def test_numbers_that_look_the_same_masked_are_said_to_differ() -> None:
    exchanges = [(1, exchange("c", "46701740705"))]
    (finding,) = verify(exchanges, [Expectation(ExchangeFilter(method="POST", phone="46701740605"))])
    assert finding.near[0].sentence == "phone is another one, which looks the same masked"


def test_what_no_claim_describes_is_found() -> None:
    assert find_others(journal("csf"), [exactly(1, CREATE), never(STATUS)]) == [3]


def test_a_long_list_of_numbers_is_cut() -> None:
    assert list_numbers(range(1, 13)) == "#1, #2, #3, #4, #5, #6, #7, #8, #9, #10 and 2 more"


def test_large_counts_take_no_longer() -> None:
    assert match_sequence(journal("cs" * 5_000), [at_least(4_000, CREATE), at_least(500, STATUS)] * 2).claim == 2
