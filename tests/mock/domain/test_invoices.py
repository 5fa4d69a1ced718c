"""The figures of an invoice: exact, whatever the lines; and the references that a payment carries."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billecta_mock.domain.invoices import (
    Invoice,
    InvoiceLine,
    InvoiceReference,
    InvoiceState,
    Party,
    Seller,
    VatRate,
    amount,
    half_up,
    luhn_digit,
    ocr_reference,
    plain_amount,
    quantity,
    whole_kronor,
)

ORE = st.integers(-(10**10), 10**10)
LINES = st.lists(
    st.builds(
        InvoiceLine,
        description=st.just("Arbete"),
        quantity=st.decimals(-1000, 1000, places=3),
        unit=st.just("tim"),
        unit_price=st.integers(-(10**8), 10**8),
        vat_rate=st.sampled_from(VatRate),
    ),
    min_size=1,
    max_size=12,
).map(tuple)


def line(price: int, vat_rate: VatRate = VatRate.STANDARD, amount_of: str = "1") -> InvoiceLine:
    return InvoiceLine(
        description="Arbete", quantity=Decimal(amount_of), unit="tim", unit_price=price, vat_rate=vat_rate
    )


def typeset(text: str) -> str:
    return text.replace(" ", "\N{NO-BREAK SPACE}").replace("-", "\N{MINUS SIGN}")


def invoice(*lines: InvoiceLine) -> Invoice:
    seller = Seller(name="Säljare AB", address=("Gatan 1",), bankgiro="991-2346", swish="1234679304")
    return Invoice(
        id="1001",
        number="1001",
        action_id="action123",
        seller=seller,
        buyer=Party(name="Köpare AB", address=("Vägen 2",)),
        issued=date(2026, 1, 15),
        due=date(2026, 2, 14),
        lines=lines,
    )


def test_a_line_costs_its_quantity_times_its_price_to_the_nearest_ore() -> None:
    assert line(18900, amount_of="12.375").amount == 233888


def test_vat_is_worked_out_per_rate_from_the_highest_down() -> None:
    shares = invoice(
        line(10000, VatRate.LOW), line(20000), line(30000, VatRate.REDUCED), line(1, VatRate.LOW)
    ).vat_shares
    assert [(share.rate, share.taxable, share.vat) for share in shares] == [
        (25, 20000, 5000),
        (12, 30000, 3600),
        (6, 10001, 600),
    ]


def test_lines_without_vat_are_a_rate_of_their_own() -> None:
    assert invoice(line(12345, VatRate.ZERO)).vat_shares[0].vat == 0


@pytest.mark.parametrize(("price", "total", "rounding"), [(10049, 12600, 39), (10020, 12500, -25), (8200, 10300, 50)])
def test_ore_are_rounded_to_whole_kronor_and_half_a_krona_goes_up(price: int, total: int, rounding: int) -> None:
    assert (invoice(line(price)).total, invoice(line(price)).rounding) == (total, rounding)


def test_a_discount_is_a_line_with_a_negative_price() -> None:
    assert invoice(line(100000), line(-20000)).total == 100000


@given(LINES)
def test_the_parts_always_add_up_to_the_total(lines: tuple[InvoiceLine, ...]) -> None:
    bill = invoice(*lines)
    assert bill.net == sum(share.taxable for share in bill.vat_shares)
    assert bill.net + bill.vat + bill.rounding == bill.total
    assert bill.total % 100 == 0
    assert -50 <= bill.rounding <= 50


@given(LINES)
def test_a_credit_note_mirrors_its_invoice(lines: tuple[InvoiceLine, ...]) -> None:
    bill = invoice(*lines)
    credit = invoice(*(replace(each, quantity=-each.quantity) for each in lines))
    assert (credit.net, credit.vat, credit.rounding, credit.total) == (
        -bill.net,
        -bill.vat,
        -bill.rounding,
        -bill.total,
    )


@given(LINES)
def test_no_vat_share_is_off_by_more_than_half_an_ore(lines: tuple[InvoiceLine, ...]) -> None:
    for share in invoice(*lines).vat_shares:
        assert abs(Fraction(share.taxable * share.rate, 100) - share.vat) <= Fraction(1, 2)


@given(ORE, st.integers(1, 10**6))
def test_half_up_is_the_nearest_whole_number_with_halves_away_from_zero(numerator: int, denominator: int) -> None:
    exact = Fraction(numerator, denominator)
    rounded = half_up(numerator, denominator)
    assert abs(exact - rounded) <= Fraction(1, 2)
    if abs(exact - rounded) == Fraction(1, 2):
        assert abs(rounded) > abs(exact)


@given(ORE)
def test_whole_kronor_stay_as_they_are(ore: int) -> None:
    assert whole_kronor(whole_kronor(ore)) == whole_kronor(ore)


def test_an_open_invoice_is_owed_in_full() -> None:
    assert invoice(line(123440)).outstanding == 154300


@pytest.mark.parametrize("state", [InvoiceState.PAID, InvoiceState.CREDITED])
def test_a_paid_or_credited_invoice_is_not_owed(state: InvoiceState) -> None:
    assert replace(invoice(line(123440)), state=state).outstanding == 0


def test_an_open_invoice_that_comes_to_less_than_nothing_is_not_owed() -> None:
    assert invoice(line(-500)).outstanding == 0


def test_an_invoice_that_names_another_is_a_credit_note() -> None:
    assert not invoice(line(1)).is_credit_note
    assert replace(invoice(line(-1)), credit_of=InvoiceReference("1000", "20260001")).is_credit_note


def test_terms_follow_from_the_due_date_unless_they_were_agreed() -> None:
    assert invoice(line(1)).payment_terms == "30 dagar netto"
    assert replace(invoice(line(1)), terms="Kontant").payment_terms == "Kontant"


def test_the_swish_code_names_payee_amount_and_reference_and_lets_nothing_be_edited() -> None:
    assert invoice(line(123440)).swish_payload == "C1234679304;1543,00;100164;0"


@pytest.mark.parametrize("price", [0, -100])
def test_there_is_no_swish_code_where_nothing_is_to_be_paid(price: int) -> None:
    assert invoice(line(price)).swish_payload is None


def test_there_is_no_swish_code_for_a_seller_that_takes_no_swish() -> None:
    bill = invoice(line(123440))
    assert replace(bill, seller=replace(bill.seller, swish="")).swish_payload is None


def test_equal_invoices_have_equal_hashes_and_a_changed_line_makes_them_unequal() -> None:
    assert hash(invoice(line(1))) == hash(invoice(line(1)))
    assert invoice(line(1)) == invoice(line(1)) != invoice(line(2))


@pytest.mark.parametrize(
    ("number", "reference"), [("1001", "100164"), ("20260001", "2026000105"), ("K-2026-14", "20261483")]
)
def test_an_ocr_reference_has_a_length_digit_and_a_check_digit(number: str, reference: str) -> None:
    assert ocr_reference(number) == reference


def test_a_number_without_digits_has_no_ocr_reference() -> None:
    with pytest.raises(ValueError, match="'ABC' has no digit"):
        ocr_reference("ABC")


@given(st.from_regex(r"[0-9]{1,23}", fullmatch=True))
def test_every_ocr_reference_passes_the_luhn_check_and_tells_its_length(number: str) -> None:
    reference = ocr_reference(number)
    assert reference.startswith(number)
    assert luhn_digit(reference[:-1]) == int(reference[-1])
    assert int(reference[-2]) == len(reference) % 10


@given(st.from_regex(r"[0-9]{2,12}", fullmatch=True), st.data())
def test_the_check_digit_finds_every_single_wrong_digit(digits: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(digits) - 1))
    wrong = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != digits[place]]))
    assert luhn_digit(digits[:place] + wrong + digits[place + 1 :]) != luhn_digit(digits)


@pytest.mark.parametrize("checked", ["9912346", "55555551", "5599999991", "1234679304"])
def test_the_sample_numbers_of_the_manuals_pass_the_luhn_check(checked: str) -> None:
    assert luhn_digit(checked[:-1]) == int(checked[-1])


@pytest.mark.parametrize(
    ("ore", "text"),
    [(154300, "1 543,00"), (-5, "-0,05"), (0, "0,00"), (12345678999, "123 456 789,99"), (-2433100, "-24 331,00")],
)
def test_amounts_are_written_as_swedes_read_them(ore: int, text: str) -> None:
    assert amount(ore) == typeset(text)


def test_amounts_for_machines_have_no_spaces() -> None:
    assert plain_amount(123456789) == "1234567,89"


@pytest.mark.parametrize(
    ("number", "text"), [("3", "3"), ("2.50", "2,5"), ("-18.6", "-18,6"), ("3200", "3 200"), ("0.125", "0,125")]
)
def test_quantities_have_no_more_decimals_than_they_need(number: str, text: str) -> None:
    assert quantity(Decimal(number)) == typeset(text)
