"""Every defect of the catalogue can be met by a client, and none breaks the mock itself."""

from __future__ import annotations

import re
from functools import cache

import pytest

import billecta_spec
from billecta_mock.defects.catalogue import CATALOGUE, UNBREAKABLE, UnknownDefectError, check_names
from billecta_mock.defects.defect import Defect, Group
from billecta_mock.defects.masking import SECONDS

from .conftest import Bench, Seen
from .probes import PROBES, create, invoice

NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
SENTENCE = re.compile(r"[A-Z\d].*[^.]\.", re.DOTALL)


@cache
def clean(bench: Bench, clause: str) -> list[Seen]:
    """What a client sees without any defect."""
    return bench.try_all(bench.open(), PROBES[clause])


def differs(seen: Seen, usual: Seen, defect: Defect) -> bool:
    if defect.group is Group.TIMING:
        return seen.seconds >= SECONDS
    return seen[:3] != usual[:3]


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_defect_shows_in_an_answer_that_concerns_its_clause(bench: Bench, name: str) -> None:
    defect = CATALOGUE[name]
    usual = clean(bench, defect.clause)
    database = bench.open(name)
    seen = bench.try_all(database, PROBES[defect.clause])
    assert any(differs(*pair, defect) for pair in zip(seen, usual, strict=True)), defect.sentence
    assert f"defect:{name}" in bench.marks(database)
    assert not bench.codes(database) & {"handler_failed", "contract_broken"}
    assert b"Internal Server Error" not in {answer.body for answer in seen}


def test_two_clean_worlds_are_seen_alike(bench: Bench) -> None:
    for clause, probes in PROBES.items():
        again = bench.try_all(bench.open(), probes)
        assert [seen[:3] for seen in again] == [seen[:3] for seen in clean(bench, clause)], clause


def test_every_clause_has_a_defect_but_those_that_no_answer_can_break() -> None:
    clauses = {clause["id"] for clause in billecta_spec.load_clauses()}
    broken = {defect.clause for defect in CATALOGUE.values()}
    assert broken | UNBREAKABLE.keys() == clauses
    assert not broken & UNBREAKABLE.keys()


def test_there_are_defects_in_every_group() -> None:
    assert {defect.group for defect in CATALOGUE.values()} == set(Group)
    assert len(CATALOGUE) >= 110


def test_defects_are_named_and_told_in_one_way() -> None:
    for name, defect in CATALOGUE.items():
        assert NAME.fullmatch(name), name
        assert len(name) <= 64, name
        assert SENTENCE.fullmatch(defect.sentence), name


def test_no_two_defects_say_the_same() -> None:
    assert len({(defect.clause, defect.sentence) for defect in CATALOGUE.values()}) == len(CATALOGUE)


def test_names_are_checked_in_their_order_and_kept_once() -> None:
    assert check_names(["pdf-empty", "no-key-needed", "pdf-empty"]) == ("pdf-empty", "no-key-needed")


def test_a_name_that_is_none_is_told_with_one_that_is() -> None:
    with pytest.raises(UnknownDefectError, match=r"no defect 'pdf-emty'; did you mean 'pdf-empty'\?") as raised:
        check_names(["pdf-empty", "pdf-emty"])
    assert raised.value.index == 1


def test_all_defects_at_once_leave_the_mock_standing(bench: Bench) -> None:
    database = bench.open(*(name for name, defect in CATALOGUE.items() if defect.group is not Group.TIMING))
    for probes in PROBES.values():
        for seen in bench.try_all(database, probes):
            assert seen.body != b"Internal Server Error"
    assert not bench.codes(database) & {"handler_failed", "contract_broken"}


def test_several_defects_work_at_once(bench: Bench) -> None:
    database = bench.open("pdf-truncated", "pdf-as-octets", "requestid-numeric")
    document, created = (bench.send(database, probe) for probe in (invoice(), create()))
    usual = bench.send(bench.open(), invoice())
    assert document.body == usual.body[: len(usual.body) // 2]
    assert ("content-type", "application/octet-stream") in document.headers
    assert re.fullmatch(rb'\{"requestid":\d+\}', created.body)
