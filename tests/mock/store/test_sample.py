"""The sample that ships: what it holds, and that it can reach nobody."""

import json
import re
from importlib.resources import files

import jsonschema_rs
import pytest
import yaml

from billecta_mock.domain.invoices import InvoiceState, VatRate
from billecta_mock.store.seed import default_seed


class TestTheSample:
    def test_it_fits_its_own_schema_as_an_independent_reader_reads_it(self) -> None:
        schema = json.loads(files("billecta_mock.store").joinpath("seed.schema.json").read_bytes())
        jsonschema_rs.meta.validate(schema)
        text = files("billecta_mock.store").joinpath("database.yaml").read_text(encoding="utf-8")
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
        text = files("billecta_mock.store").joinpath("database.yaml").read_text(encoding="utf-8")
        assert all(re.search(r"(^|[@.])example\.(com|se)$", host) for host in re.findall(r"[\w.-]+@[\w.-]+", text))
        assert set(re.findall(r"070-\d[\d ]+\d", text)) == {"070-174 06 05"}
        assert set(re.findall(r"\d{6}-\d{4}", text)) == {"559999-9991"}
