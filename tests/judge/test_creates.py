"""What is said of the other clauses when a create is not answered as the page has it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from billecta_verify.reporting.model import Outcome, Result
from billecta_verify.reporting.summary import advice, grouped, needed

from .conftest import PHONES
from .small_server import Answer, Asked, Contract, as_json

Judge = Callable[..., Result]


@dataclass
class CreatesWithAnotherStatus(Contract):
    """Makes each payment request, and says so by a status that the page does not give for it."""

    status_of_create: int = 200

    def created(self, asked: Asked) -> Answer:
        return replace(super().created(asked), status=self.status_of_create)


@dataclass
class TellsOfALiveRequest(Contract):
    """Makes each payment request, answers it by 400 or 404, and refuses the same phone from then on."""

    status_of_create: int = 400

    def created(self, asked: Asked) -> Answer:
        phone = self.parameter(asked, "phone")
        if phone in self.payments.values():
            return as_json(400, error="RP06", message="The payer has a payment request already.")
        super().created(asked)
        return as_json(self.status_of_create, error="Bad Request", message="It did not work.")


def failed_in(result: Result) -> set[str]:
    return {item.clause.id for item in result.clauses if item.verdict is Outcome.FAILED}


@pytest.mark.parametrize(
    "contract",
    [
        CreatesWithAnotherStatus(),
        CreatesWithAnotherStatus(status_of_create=202),
        TellsOfALiveRequest(),
        TellsOfALiveRequest(status_of_create=404),
    ],
    ids=["200", "202", "400", "404"],
)
def test_a_wrong_status_of_each_create_fails_the_clauses_of_create_alone(contract: Contract, judge: Judge) -> None:
    result = judge(contract)
    assert "SWISH-1" in failed_in(result)
    assert failed_in(result) <= {"SWISH-1", "CODES-1"}
    reasons = {check.reason for check in result.checks if check.clause in {"AUTH-1", "MASK-2"} and check.reason}
    assert any("see SWISH-1" in reason for reason in reasons)
    assert advice(result, grouped(result.findings)).startswith("Begin with SWISH-1")


class FailsAtLongMessages(Contract):
    def created(self, asked: Asked) -> Answer:
        is_long = len(self.parameter(asked, "message") or "") > 20
        return replace(super().created(asked), status=500) if is_long else super().created(asked)


def test_a_message_that_alone_is_not_accepted_fails_its_own_clause(judge: Judge) -> None:
    assert "SWISH-6" in failed_in(judge(FailsAtLongMessages(), {"SWISH-6"}))


@dataclass
class GivesAnIdTwice(Contract):
    """Gives every second payment request the id of the first, and takes one live request of each payer."""

    last: str = ""
    rung: list[str] = field(default_factory=list)

    def created(self, asked: Asked) -> Answer:
        phone = self.parameter(asked, "phone") or ""
        if phone in self.rung or len(self.rung) == 2 or "%20" in asked.query:
            return as_json(400, error="RP06", message="The payer has a payment request already.")
        self.rung.append(phone)
        return super().created(asked)

    def new_id(self) -> str:
        self.last = self.last or super().new_id()
        return self.last


def test_two_creates_with_one_id_are_found_whatever_they_were_made_for(judge: Judge) -> None:
    assert failed_in(judge(GivesAnIdTwice())) == {"SWISH-2"}


@pytest.mark.parametrize(
    ("changed", "lacking"),
    [
        ({"payments": 500, "phones": PHONES[:2]}, "--phone: one more"),
        ({"payments": 4}, "--allow-payments: one more"),
        ({"payments": 3, "phones": PHONES[:2]}, "--allow-payments and --phone: one more"),
    ],
)
def test_what_a_message_with_spaces_at_its_end_needs_is_named_and_nothing_else(
    judge: Judge, changed: dict[str, object], lacking: str
) -> None:
    asked_for = [one for one in needed(judge(Contract(), {"SWISH-1", "SWISH-2", "SWISH-6", "SWISH-10"}, **changed))
                 if "spaces" in one]  # fmt: skip
    assert [one.startswith(lacking) for one in asked_for] == [True], asked_for


def test_a_status_that_the_page_does_not_give_is_seen_when_its_clause_alone_is_judged(judge: Judge) -> None:
    assert failed_in(judge(CreatesWithAnotherStatus(status_of_create=202), {"CODES-1"})) == {"CODES-1"}
