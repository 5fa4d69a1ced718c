"""Seeds: what ships, what may be left out, and how each mistake is told."""

import json
import math
import re
from collections.abc import Callable
from copy import deepcopy
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mock_server.domain.dataset import Dataset
from mock_server.domain.invoices import InvoiceState, VatRate
from mock_server.seeds.loader import SeedError, default_seed, load_seed, parse_seed

SMALL_SEED: dict[str, Any] = {
    "keys": [{"key": "K1", "name": "Everything"}],
    "seller": {
        "name": "Säljare AB",
        "address": ["Gatan 1", "123 45 Staden"],
        "organisation_number": "559999-9991",
        "vat_number": "SE559999999101",
        "bankgiro": "991-2346",
    },
    "customers": {"kund": {"name": "Kund AB", "address": ["Vägen 2"]}},
    "invoices": [
        {
            "id": id_,
            "number": f"2026{id_}",
            "action": f"action{id_}",
            "buyer": "kund",
            "issued": "2026-01-15",
            "due": "2026-02-14",
            "lines": [{"text": "Arbete", "quantity": 1.5, "unit": "tim", "price": 100.10, "vat": 25}],
        }
        for id_ in ("1", "2")
    ],
}
YAML_SEED = """\
keys:
  - key: K1
    name: Everything
seller: &seller
  name: Säljare AB
  address: [Gatan 1]
  organisation_number: 559999-9991
  vat_number: SE559999999101
  bankgiro: 991-2346
invoices:
  - id: "1"
    number: "1"
    action: a1
    buyer: { name: Kund, address: [Vägen 2] }
    issued: 2026-01-15
    due: 2026-02-14
    lines:
      - { text: Arbete, quantity: 1, unit: tim, price: 100.00, vat: 25 }
"""
Change = Callable[[Any], object]


def seeded(change: Change) -> Dataset:
    document = deepcopy(SMALL_SEED)
    change(document)
    return parse_seed(document, "the body")


def small() -> Dataset:
    return parse_seed(SMALL_SEED, "the body")


def complaint(change: Change) -> str:
    with pytest.raises(SeedError) as caught:
        seeded(change)
    return str(caught.value)


def file_of(folder: Path, content: str | bytes) -> Path:
    path = folder / "seed.yaml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def file_complaint(folder: Path, content: str | bytes) -> str:
    path = file_of(folder, content)
    with pytest.raises(SeedError) as caught:
        load_seed(path)
    return str(caught.value).removeprefix(f"{path}, ").removeprefix(f"{path}: ")


def put(place: str, value: object) -> Change:
    *way, last = [int(step) if step.isdigit() else step for step in place.strip("/").split("/")]

    def change(document: Any) -> None:
        for step in way:
            document = document[step]
        if isinstance(document, list) and last == len(document):
            document.append(value)
        else:
            document[last] = value

    return change


def drop(member: str) -> Change:
    return lambda document: document.pop(member)


class TestTheSample:
    def test_it_fits_its_own_schema_as_an_independent_reader_reads_it(self) -> None:
        schema = json.loads(files("mock_server.seeds").joinpath("seed.schema.json").read_bytes())
        jsonschema_rs.meta.validate(schema)
        text = files("mock_server.seeds").joinpath("database.yaml").read_text(encoding="utf-8")
        document = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - BaseLoader makes nothing but texts
        assert set(document) == set(schema["properties"])

    def test_it_is_read_once_and_shared(self) -> None:
        assert default_seed() is default_seed()

    def test_it_has_the_examples_of_the_page(self) -> None:
        invoice = default_seed().invoice_of_action("action123")
        assert invoice is default_seed().invoice("1001")
        assert invoice is not None
        assert (invoice.state, invoice.total) == (InvoiceState.OPEN, 154300)
        other = default_seed().invoice("123")
        assert other is not None
        assert other.outstanding > 0

    @pytest.mark.parametrize(
        ("key", "operations"),
        [
            (b"ABC123", {"fetchInvoicePdf", "createSwishPayment", "getSwishPayment"}),
            (b"READ-ONLY-KEY", {"fetchInvoicePdf", "getSwishPayment"}),
            (b"NO-ACCESS-KEY", set()),
            (b"SALES-KEY", {"fetchInvoicePdf", "createSwishPayment", "getSwishPayment"}),
        ],
    )
    def test_its_keys_may_do_what_their_names_say(self, key: bytes, operations: set[str]) -> None:
        found = default_seed().key_ring.find(key)
        assert found is not None
        assert found.operations == operations

    def test_the_sales_key_sees_some_of_the_invoices_only(self) -> None:
        key = default_seed().key_ring.find(b"SALES-KEY")
        assert key is not None
        seen = {invoice.id for invoice in default_seed().invoices if key.may_see(invoice.id)}
        assert "1001" in seen
        assert "123" not in seen
        assert 1 < len(seen) < len(default_seed().invoices)

    def test_it_is_varied(self) -> None:
        invoices = default_seed().invoices
        assert len(invoices) >= 24
        assert {invoice.state for invoice in invoices} == set(InvoiceState)
        assert {share.rate for invoice in invoices for share in invoice.vat_shares} == set(VatRate)
        assert any(invoice.rounding > 0 for invoice in invoices)
        assert any(invoice.rounding < 0 for invoice in invoices)
        assert any(not invoice.has_document for invoice in invoices)
        assert any(invoice.total == 0 for invoice in invoices)
        assert any(invoice.total > 100_000_000 for invoice in invoices)

    def test_its_credit_note_takes_back_an_invoice_that_is_credited(self) -> None:
        (note,) = [invoice for invoice in default_seed().invoices if invoice.credit_of]
        assert note.credit_of is not None
        original = default_seed().invoice(note.credit_of.id)
        assert original is not None
        assert (original.state, original.total) == (InvoiceState.CREDITED, -note.total)

    def test_it_can_reach_nobody(self) -> None:
        text = files("mock_server.seeds").joinpath("database.yaml").read_text(encoding="utf-8")
        assert all(re.search(r"(^|[@.])example\.(com|se)$", host) for host in re.findall(r"[\w.-]+@[\w.-]+", text))
        assert set(re.findall(r"070-\d[\d ]+\d", text)) == {"070-174 06 05"}
        assert set(re.findall(r"\d{6}-\d{4}", text)) == {"559999-9991"}


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


class TestFiles:
    def test_a_file_and_the_same_document_as_json_make_the_same_dataset(self, tmp_path: Path) -> None:
        json_text = json.dumps(SMALL_SEED, ensure_ascii=False, indent=1)
        assert load_seed(file_of(tmp_path, json_text)) == parse_seed(SMALL_SEED, "the body")

    def test_prices_are_read_exactly(self, tmp_path: Path) -> None:
        seed = load_seed(file_of(tmp_path, YAML_SEED.replace("100.00", "1284650.29")))
        assert seed.invoices[0].lines[0].unit_price == 128465029

    def test_a_missing_file_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(
            SeedError, match=r"nowhere\.yaml: the seed file cannot be read \(no such file or directory\)"
        ):
            load_seed(tmp_path / "nowhere.yaml")

    def test_a_directory_is_no_seed_file(self, tmp_path: Path) -> None:
        with pytest.raises(SeedError, match="is a directory"):
            load_seed(tmp_path)

    def test_a_file_in_another_encoding_is_told_apart(self, tmp_path: Path) -> None:
        assert file_complaint(tmp_path, "name: Åsa".encode("latin-1")) == "byte 6 is not UTF-8; save the file as UTF-8."

    @pytest.mark.parametrize("text", ["keys: [", "a: b: c", "\tkeys:", "keys: @x"])
    def test_what_is_not_yaml_is_told_with_its_line(self, tmp_path: Path, text: str) -> None:
        complaint = file_complaint(tmp_path, text)
        assert re.search(r"^line \d: this is neither YAML nor JSON \(.+\); mend the indentation", complaint)

    def test_a_second_document_in_the_file_is_refused(self, tmp_path: Path) -> None:
        assert "the file holds more than one document" in file_complaint(tmp_path, "keys: []\n---\nkeys: []\n")

    def test_an_empty_file_is_no_seed(self, tmp_path: Path) -> None:
        assert "nothing is not a seed: a map" in file_complaint(tmp_path, "")

    def test_control_characters_are_not_yaml(self, tmp_path: Path) -> None:
        assert "this is neither YAML nor JSON" in file_complaint(tmp_path, "name: \x00")

    def test_a_key_that_stands_twice_is_told_with_both_lines(self, tmp_path: Path) -> None:
        twice = YAML_SEED.replace("    due: 2026-02-14\n", '    due: 2026-02-14\n    id: "2"\n')
        assert file_complaint(tmp_path, twice) == (
            "line 17, /invoices/0/id: 'id' stands here twice, first on line 11; keep one of them."
        )

    @pytest.mark.parametrize(
        "value", ["!!python/object/apply:os.system [ls]", "!!binary aGVq", "!custom x", "!!set {a}"]
    )
    def test_tags_are_refused(self, tmp_path: Path, value: str) -> None:
        assert "is not allowed" in file_complaint(tmp_path, f"keys: {value}")

    def test_merge_keys_are_refused(self, tmp_path: Path) -> None:
        assert "seeds use no merge keys" in file_complaint(tmp_path, YAML_SEED + "customers:\n  a: { <<: *seller }\n")

    def test_an_alias_inside_what_it_names_is_refused(self, tmp_path: Path) -> None:
        assert "inside the thing that it names" in file_complaint(tmp_path, "keys: &keys [*keys]")

    def test_aliases_cannot_blow_a_small_file_up(self, tmp_path: Path) -> None:
        bomb = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40))
        assert "nested more than 16 deep" in file_complaint(tmp_path, bomb)

    def test_aliases_count_as_often_as_they_stand(self, tmp_path: Path) -> None:
        flood = f"a: &a [{'x, ' * 1000}]\nb: &b [{'*a, ' * 1000}]\n"
        assert "more than 500000 values" in file_complaint(tmp_path, flood)

    @pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
    def test_nesting_without_end_is_refused(self, tmp_path: Path, opening: str) -> None:
        assert "nested more than 16 deep" in file_complaint(tmp_path, opening * 100_000)

    def test_a_number_without_end_is_refused(self, tmp_path: Path) -> None:
        assert "a number of 5000 digits is too long" in file_complaint(tmp_path, "keys: " + "9" * 5000)

    def test_an_id_without_quotes_is_told_to_be_a_text(self, tmp_path: Path) -> None:
        assert file_complaint(tmp_path, YAML_SEED.replace('id: "1"', "id: 1")) == (
            "line 11, /invoices/0/id: 1 is not an id in quotes: 1 to 100 characters, without spaces and without any "
            "of /?#%\\."
        )

    def test_words_that_old_yaml_takes_for_booleans_stay_words(self, tmp_path: Path) -> None:
        seed = load_seed(
            file_of(tmp_path, YAML_SEED.replace("name: Kund", "name: no").replace("text: Arbete", "text: on"))
        )
        assert (seed.invoices[0].buyer.name, seed.invoices[0].lines[0].description) == ("no", "on")

    def test_the_line_of_a_mistake_in_the_middle_is_given(self, tmp_path: Path) -> None:
        with pytest.raises(SeedError) as caught:
            load_seed(file_of(tmp_path, YAML_SEED.replace("vat: 25", "vat: 24")))
        assert (caught.value.line, caught.value.pointer) == (18, "/invoices/0/lines/0/vat")
        assert str(caught.value).endswith("24 is not a Swedish VAT rate in per cent: 25, 12, 6 or 0.")

    def test_a_duplicate_invoice_id_is_named_with_its_line(self, tmp_path: Path) -> None:
        second = YAML_SEED[YAML_SEED.index('  - id: "1"') :].replace('number: "1"', 'number: "2"').replace("a1", "a2")
        assert file_complaint(tmp_path, YAML_SEED + second) == (
            "line 19, /invoices/1/id: the invoice id '1' is taken already, at /invoices/0/id; give each its own."
        )


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
