"""Seed documents: what may be left out, and how each mistake is told with its place."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billecta_mock.domain.invoices import InvoiceState
from billecta_mock.domain.world import Dataset
from billecta_mock.store.seed import SeedError, parse_seed

from .small_seed import SMALL_SEED, Change, drop, put, seeded


def small() -> Dataset:
    return parse_seed(SMALL_SEED, "the body")


def complaint(change: Change) -> str:
    with pytest.raises(SeedError) as caught:
        seeded(change)
    return str(caught.value)


class TestWhatMayBeLeftOut:
    def test_everything(self) -> None:
        assert parse_seed({}, "the body") == Dataset()

    def test_the_invoices(self) -> None:
        assert [key.value for key in parse_seed({"keys": SMALL_SEED["keys"]}, "the body").keys] == ["K1"]

    def test_the_keys(self) -> None:
        assert seeded(drop("keys")).keys == ()

    def test_a_key_that_says_nothing_more_may_do_and_see_everything(self) -> None:
        (key,) = small().keys
        assert key.operations == {"fetchInvoicePdf", "createSwishPayment", "getSwishPayment"}
        assert key.may_see("anything")

    def test_an_invoice_is_open_and_has_a_document(self) -> None:
        invoice = small().invoice("1")
        assert invoice is not None
        assert (invoice.state, invoice.has_document) == (InvoiceState.OPEN, True)

    def test_a_customer_may_stand_in_its_invoice(self) -> None:
        invoice = seeded(put("/invoices/0/buyer", {"name": "Åsa", "address": ["Vägen 3"]})).invoice("1")
        assert invoice is not None
        assert invoice.buyer.name == "Åsa"

    def test_what_is_not_there_is_not_found(self) -> None:
        assert small().invoice("3") is None
        assert small().invoice_of_action("1") is None


MISTAKES = [
    ("/keys/1", {"key": "K1", "name": "Again"}, "/keys/1/key: the API key 'K1' is taken already, at /keys/0/key"),
    ("/keys/0/invoices", ["1", "9"], "/keys/0/invoices/1: there is no invoice with the id '9' in this seed"),
    ("/keys/0/operations", ["payTwice"], "/keys/0/operations/0: 'payTwice' is not an operation id: fetchInvoicePdf"),
    ("/keys/0/operations", "some", "/keys/0/operations: 'some' is not 'all' or a list"),
    ("/keys/0/operations", 5, "/keys/0/operations: 5 is not 'all' or a list of operation ids"),
    ("/keys/0/key", "två nycklar", "/keys/0/key: 'två nycklar' is not a key in quotes: 1 to 200 visible ASCII"),
    ("/keys/0/colour", "red", "/keys/0/colour: 'colour' is not known here; known are invoices, key, name, operations"),
    ("/keys", {}, "/keys: a map is not a list of API keys"),
    ("/invoices/1/number", "20261", "/invoices/1/number: the invoice number '20261' is taken already, at"),
    ("/invoices/1/action", "action1", "/invoices/1/action: the action id 'action1' is taken already, at"),
    ("/invoices/1/id", "1", "/invoices/1/id: the invoice id '1' is taken already, at /invoices/0/id"),
    ("/invoices/1/id", "a/b", "/invoices/1/id: 'a/b' is not an id"),
    ("/invoices/1/number", "ABC", "/invoices/1/number: 'ABC' is not an invoice number"),
    ("/invoices/1/credit_of", "9", "/invoices/1/credit_of: '9' is not the id of another invoice in this seed"),
    ("/invoices/1/credit_of", "2", "/invoices/1/credit_of: '2' is not the id of another invoice in this seed"),
    ("/invoices/1/due", "2026-01-14", "/invoices/1/due: the due date 2026-01-14 is before the issue date 2026-01-15"),
    ("/invoices/1/due", "2026-02-30", "/invoices/1/due: the calendar has no 2026-02-30"),
    ("/invoices/1/due", "soon", "/invoices/1/due: 'soon' is not a calendar date written YYYY-MM-DD"),
    ("/invoices/1/buyer", "nobody", "/invoices/1/buyer: there is no customer 'nobody' in this seed"),
    ("/invoices/1/buyer", 7, "/invoices/1/buyer: 7 is not the short name of a customer"),
    ("/invoices/1/state", "lost", "/invoices/1/state: 'lost' is not a state: open, paid or credited"),
    ("/invoices/1/document", "yes", "/invoices/1/document: 'yes' is not true, or false"),
    ("/invoices/1/lines", [], "/invoices/1/lines: a list of 0 is not a list of at least one"),
    ("/invoices/1/lines/0/price", 0.125, "/invoices/1/lines/0/price: 0.125 has more than 2 decimals"),
    ("/invoices/1/lines/0/quantity", 0.0625, "/invoices/1/lines/0/quantity: 0.0625 has more than 3 decimals"),
    ("/invoices/1/lines/0/price", "12", "/invoices/1/lines/0/price: '12' is not a price in kronor"),
    ("/invoices/1/lines/0/quantity", True, "/invoices/1/lines/0/quantity: true is not a quantity"),
    ("/invoices/1/lines/0/txt", "x", "/invoices/1/lines/0/txt: 'txt' is not known here; did you mean 'text'"),
    ("/invoices/1/lines/0/text", "\x00", "/invoices/1/lines/0/text: '\\x00' is not a text of 1 to 3000 characters"),
    ("/invoices/1/lines/0/text", "x" * 3001, "(3003 characters) is not a text of 1 to 3000 characters"),
    ("/seller/swish", "46701740605", "/seller/swish: '46701740605' is not a merchant Swish number"),
    ("/customers/a~b", None, "/customers/a~0b: nothing is not a company or person with name and address"),
]


class TestMistakes:
    @pytest.mark.parametrize(("place", "value", "sentence"), MISTAKES)
    def test_each_is_told_with_its_place_and_how_to_mend_it(self, place: str, value: object, sentence: str) -> None:
        told = complaint(put(place, value))
        assert sentence in told
        assert told.startswith("the body, /")

    def test_a_missing_member_is_named(self) -> None:
        assert complaint(lambda document: document["invoices"][0].pop("lines")) == (
            "the body, /invoices/0: 'lines' is missing here; add it."
        )

    def test_invoices_need_a_seller(self) -> None:
        assert "invoices need a seller" in complaint(drop("seller"))

    def test_a_credit_note_cannot_be_open(self) -> None:
        def credit_note(document: Any) -> None:
            document["invoices"][1] |= {"credit_of": "1", "state": "open"}

        assert "/invoices/1/state: a credit note cannot be 'open'" in complaint(credit_note)

    def test_a_line_of_billions_is_refused(self) -> None:
        def dear(document: Any) -> None:
            document["invoices"][0]["lines"][0] |= {"quantity": 1_000_000, "price": 100_000_000}

        assert "/invoices/0/lines/0: this line comes to more than 1 000 000 000 kronor" in complaint(dear)


HOSTILE = st.one_of(
    st.integers(min_value=2**63),
    st.sampled_from(
        [math.nan, math.inf, -math.inf, 10**5000, -(10**400), 1e308, object(), b"x", {1: 2}, {"\ud800": 1}]
    ),
    st.text(st.characters(categories=["Cs", "Cc", "Co"]), max_size=4),
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=3), lambda inner: st.lists(inner, max_size=3)
    ),
)
PLACES = [
    "/keys",
    "/keys/0/key",
    "/seller",
    "/customers/kund",
    "/invoices/0/id",
    "/invoices/0/buyer",
    "/invoices/0/issued",
]
FIGURES = ["/invoices/0/lines/0/price", "/invoices/0/lines/0/quantity", "/invoices/0/lines/0/vat"]


class TestHostileDocuments:
    @given(st.sampled_from(PLACES + FIGURES), HOSTILE)
    def test_anything_anywhere_is_a_dataset_or_a_seed_error(self, place: str, value: object) -> None:
        try:
            outcome = f"{len(seeded(put(place, value)).invoices)} invoices"
        except SeedError as error:
            outcome = str(error)
        assert "\n" not in outcome
        assert len(outcome) < 400

    @pytest.mark.parametrize("document", [None, [], "seed", 7, math.nan, "\ud800", object(), {1: 2}, {"\ud800": 1}])
    def test_what_is_not_even_a_map_is_a_seed_error(self, document: object) -> None:
        with pytest.raises(SeedError):
            parse_seed(document, "the body")

    def test_nesting_beyond_measure_is_a_seed_error(self) -> None:
        deep: list[Any] = []
        for _ in range(100_000):
            deep = [deep]
        with pytest.raises(SeedError, match="nested more than 16 deep"):
            parse_seed({"keys": deep}, "the body")

    def test_a_document_of_millions_of_values_is_a_seed_error(self) -> None:
        with pytest.raises(SeedError, match="more than 500000 values"):
            parse_seed({"keys": ["x"] * 600_000}, "the body")
