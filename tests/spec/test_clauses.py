"""The register of clauses, held against its own rules."""

import pytest

import billecta_spec

CLAUSES = billecta_spec.load_clauses()
OPERATIONS = {"fetchInvoicePdf", "createSwishPayment", "getSwishPayment"}


def test_the_register_holds_36_clauses_each_once() -> None:
    ids = [clause["id"] for clause in CLAUSES]
    assert len(ids) == len(set(ids)) == 36


@pytest.mark.parametrize("clause", CLAUSES, ids=lambda clause: clause["id"])
def test_a_clause_has_a_level_operations_a_promise_and_the_words_it_rests_on(clause: dict[str, object]) -> None:
    assert clause["level"] in ("documented", "implied", "advice")
    assert clause["operations"]
    assert set(clause["operations"]) <= OPERATIONS
    assert str(clause["promise"]).endswith(".")
    assert clause["rests_on"]


@pytest.mark.parametrize("clause", CLAUSES, ids=lambda clause: clause["id"])
def test_a_clause_says_why_it_follows_unless_the_page_says_it_itself(clause: dict[str, object]) -> None:
    assert ("reason" in clause) == (clause["level"] != "documented")
