"""The life of a payment: the table of transitions, and what moves a payment along it."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billecta_mock.domain import payments
from billecta_mock.domain.payments import (
    TRANSITIONS,
    Order,
    Payment,
    PaymentStatus,
    Plan,
    Progression,
    Step,
    TransitionForbiddenError,
)

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
FOUR_SECONDS = timedelta(seconds=4)
PAY = Step(PaymentStatus.PAID, FOUR_SECONDS, after_polls=2)
REFUND = Step(PaymentStatus.REFUNDED, FOUR_SECONDS, after_polls=0)
TERMINAL = {status for status, ways in TRANSITIONS.items() if not ways}

delays = st.floats(0, 400).map(lambda seconds: timedelta(seconds=seconds))
moments = st.lists(st.floats(0, 1000).map(lambda seconds: NOW + timedelta(seconds=seconds)), min_size=1).map(sorted)


def payment(*life: Step, progression: Progression = Progression.TIME, expire_after: float = 180) -> Payment:
    order = Order("action123", "1001", "46701740605", "Invoice 123")
    plan = Plan(life, progression, timedelta(seconds=expire_after))
    return payments.create("A" * 32, order, plan, NOW)


@st.composite
def lives(draw: st.DrawFn) -> tuple[Step, ...]:
    """Any path through the table, with any delays."""
    status, steps = PaymentStatus.CREATED, []
    while TRANSITIONS[status] and draw(st.booleans()):
        status = draw(st.sampled_from(sorted(TRANSITIONS[status])))
        steps.append(Step(status, draw(delays), draw(st.integers(0, 4))))
    return tuple(steps)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def test_a_new_payment_is_created() -> None:
    assert payment(PAY).status is PaymentStatus.CREATED


def test_a_payment_is_paid_once_its_time_has_come_and_not_before() -> None:
    assert payments.settle(payment(PAY), after(3.999)).status is PaymentStatus.CREATED
    assert payments.settle(payment(PAY), after(4)).status is PaymentStatus.PAID


def test_a_move_is_dated_when_it_fell_due_however_late_it_is_looked_at() -> None:
    settled = payments.settle(payment(PAY, REFUND), after(1000))
    assert [(move.at, move.status) for move in settled.history] == [
        (NOW, PaymentStatus.CREATED),
        (after(4), PaymentStatus.PAID),
        (after(8), PaymentStatus.REFUNDED),
    ]


def test_without_an_answer_a_payment_ends_in_error_when_the_payers_time_is_up() -> None:
    assert payments.settle(payment(), after(179.999)).status is PaymentStatus.CREATED
    ended = payments.settle(payment(), after(180))
    assert (ended.status, ended.history[-1].cause) == (PaymentStatus.ERROR, "TM01")


def test_an_answer_that_would_come_after_the_payers_time_never_comes() -> None:
    late = Step(PaymentStatus.PAID, timedelta(seconds=181), 0)
    assert payments.settle(payment(late), after(1000)).status is PaymentStatus.ERROR


def test_a_paid_payment_does_not_expire() -> None:
    assert payments.settle(payment(PAY), after(10_000)).status is PaymentStatus.PAID


def test_an_unknown_outcome_does_not_become_an_error_by_itself() -> None:
    unknown = Step(PaymentStatus.UNKNOWN, FOUR_SECONDS, 0)
    assert payments.settle(payment(unknown), after(10_000)).status is PaymentStatus.UNKNOWN


def test_under_polls_the_read_that_follows_so_many_others_finds_it_paid() -> None:
    current, seen = payment(PAY, progression=Progression.POLLS), []
    for _ in range(4):
        current = payments.poll(current, after(1))
        seen.append(current.status.value)
    assert seen == ["Created", "Created", "Paid", "Paid"]


def test_under_polls_time_alone_does_not_pay() -> None:
    waiting = payment(PAY, progression=Progression.POLLS)
    assert payments.settle(waiting, after(100)).status is PaymentStatus.CREATED


def test_under_manual_neither_time_nor_reads_pay() -> None:
    current = payment(PAY, progression=Progression.MANUAL)
    for _ in range(10):
        current = payments.poll(current, after(100))
    assert current.status is PaymentStatus.CREATED


@pytest.mark.parametrize("progression", Progression)
def test_the_payers_time_ends_under_every_progression(progression: Progression) -> None:
    assert payments.settle(payment(progression=progression), after(180)).status is PaymentStatus.ERROR


def test_moves_of_many_payments_come_in_the_order_in_which_they_fall_due() -> None:
    late = Step(PaymentStatus.PAID, timedelta(seconds=6), 0)
    moves = payments.find_moves([payment(late), payment(PAY, REFUND), payment()], after(100))
    assert [(move.at, move.status) for _, move in moves] == [
        (after(4), PaymentStatus.PAID),
        (after(6), PaymentStatus.PAID),
        (after(8), PaymentStatus.REFUNDED),
    ]


def test_a_decision_stands_against_what_was_planned() -> None:
    declined = payments.decide(payment(PAY), PaymentStatus.DECLINED, after(1))
    assert payments.settle(declined, after(1000)).status is PaymentStatus.DECLINED


def test_a_decision_comes_too_late_when_the_payment_has_settled_before() -> None:
    with pytest.raises(TransitionForbiddenError, match="Paid cannot become Declined; ways from Paid: Refunded"):
        payments.decide(payment(PAY), PaymentStatus.DECLINED, after(5))


def test_only_a_paid_payment_may_be_refunded() -> None:
    may_be_refunded = {status for status, ways in TRANSITIONS.items() if PaymentStatus.REFUNDED in ways}
    assert may_be_refunded == {PaymentStatus.PAID}


@pytest.mark.parametrize("status", sorted(TERMINAL))
@pytest.mark.parametrize("wanted", PaymentStatus)
def test_a_terminal_state_never_changes_back(status: PaymentStatus, wanted: PaymentStatus) -> None:
    path = {PaymentStatus.REFUNDED: (PaymentStatus.PAID, status)}.get(status, (status,))
    current = payment()
    for step in path:
        current = payments.decide(current, step, NOW)
    with pytest.raises(TransitionForbiddenError, match="it is terminal"):
        payments.decide(current, wanted, NOW)


@given(lives(), moments, st.sampled_from(Progression))
def test_every_move_that_is_ever_made_is_in_the_table(
    life: tuple[Step, ...], times: list[datetime], progression: Progression
) -> None:
    current = payment(*life, progression=progression)
    for moment in times:
        current = payments.poll(current, moment)
    statuses = [move.status for move in current.history]
    assert all(later in TRANSITIONS[earlier] for earlier, later in pairwise(statuses))


@given(lives(), moments)
def test_history_is_in_order_and_never_in_the_future(life: tuple[Step, ...], times: list[datetime]) -> None:
    current = payment(*life)
    for moment in times:
        current = payments.poll(current, moment)
        dates = [move.at for move in current.history]
        assert dates == sorted(dates)
        assert dates[-1] <= moment


@given(lives(), moments)
def test_looking_more_often_changes_nothing_under_time(life: tuple[Step, ...], times: list[datetime]) -> None:
    often = payment(*life)
    for moment in times:
        often = payments.settle(often, moment)
    assert often.history == payments.settle(payment(*life), times[-1]).history


@given(lives(), moments)
def test_a_settled_payment_that_did_not_move_is_the_same_object(life: tuple[Step, ...], times: list[datetime]) -> None:
    settled = payments.settle(payment(*life), times[-1])
    assert payments.settle(settled, times[-1]) is settled
