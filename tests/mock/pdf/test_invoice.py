"""The PDF of an invoice, looked at with other people's readers: qpdf, PDFium, a barcode scanner."""

import hashlib
import io
import itertools
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache

import pikepdf
import pypdfium2
import pytest
import zxingcpp

from billecta_mock.domain.invoices import Invoice
from billecta_mock.pdf.invoice import render_invoice
from billecta_mock.store.seed import default_seed

SAMPLE = [pytest.param(invoice, id=invoice.id) for invoice in default_seed().invoices]
MARGIN_IN_POINTS = 20 / 25.4 * 72
PAGE_WIDTH_IN_POINTS = 210 / 25.4 * 72
DIGEST_OF_SOME = """
import hashlib
from billecta_mock.pdf.invoice import render_invoice
from billecta_mock.store.seed import default_seed
print(hashlib.sha256(b"".join(map(render_invoice, default_seed().invoices[::5]))).hexdigest())
"""


rendered = cache(render_invoice)


def sample(invoice_id: str) -> Invoice:
    invoice = default_seed().invoice(invoice_id)
    assert invoice is not None
    return invoice


def pages_of(document: bytes) -> Iterator[pypdfium2.PdfPage]:
    with closing(pypdfium2.PdfDocument(document)) as pdf:
        yield from pdf


def page_texts(document: bytes) -> list[str]:
    return [" ".join(page.get_textpage().get_text_range().split()) for page in pages_of(document)]


def text_of(invoice: Invoice) -> str:
    return " ".join(page_texts(rendered(invoice)))


def scanned(invoice: Invoice) -> list[str]:
    pictures = [page.render(scale=2).to_pil() for page in pages_of(rendered(invoice))]
    return [code.text for picture in pictures for code in zxingcpp.read_barcodes(picture)]


def boxes_of(page: pypdfium2.PdfPage) -> list[tuple[float, float, float, float]]:
    text = page.get_textpage()
    return [text.get_rect(index) for index in range(text.count_rects())]


def overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    (left, bottom, right, top), (left2, bottom2, right2, top2) = one, other
    return min(right, right2) - max(left, left2) > 1 and min(top, top2) - max(bottom, bottom2) > 1


def with_long_everything(invoice: Invoice) -> Invoice:
    wide = "M" * 60
    seller = replace(
        invoice.seller,
        name=wide,
        address=(wide,) * 4,
        phone=wide,
        email=wide,
        organisation_number=wide,
        vat_number=wide,
    )
    buyer = replace(
        invoice.buyer, name=wide * 2, address=("M" * 80,) * 6, email=wide, organisation_number=wide, vat_number=wide
    )
    return replace(invoice, seller=seller, buyer=buyer, reference="M" * 150, terms="M" * 150, number="9" * 23)


def with_a_line_longer_than_a_page(invoice: Invoice) -> Invoice:
    return replace(invoice, lines=(replace(invoice.lines[0], description="rad\n" * 400 + "slut"), *invoice.lines))


def with_a_note_longer_than_a_page(invoice: Invoice) -> Invoice:
    return replace(invoice, note="Ett långt meddelande.\n\n" * 100)


def with_the_largest_figures(invoice: Invoice) -> Invoice:
    line = replace(invoice.lines[0], quantity=Decimal(10), unit="MMMMMMMM", unit_price=10_000_000_000)
    small = replace(line, quantity=Decimal("-999999.125"), unit_price=100_000)
    return replace(invoice, lines=(line, small) * 100)


Stretch = Callable[[Invoice], Invoice]
STRETCHES: list[Stretch] = [
    with_long_everything,
    with_a_line_longer_than_a_page,
    with_a_note_longer_than_a_page,
    with_the_largest_figures,
]


@pytest.mark.parametrize("invoice", SAMPLE)
def test_every_sample_invoice_is_a_well_formed_pdf(invoice: Invoice) -> None:
    with pikepdf.open(io.BytesIO(rendered(invoice))) as pdf:
        assert pdf.check_pdf_syntax() == []
        assert pdf.get_warnings() == []


@pytest.mark.parametrize("invoice", SAMPLE)
def test_every_sample_invoice_can_be_searched_for_what_it_says(invoice: Invoice) -> None:
    text = text_of(invoice)
    first_words = [line.description.split()[0] for line in invoice.lines]
    expected = [
        invoice.number,
        invoice.seller.name,
        *invoice.buyer.name.split(),
        *invoice.buyer.address[-1:],
        *first_words,
    ]
    assert [phrase for phrase in expected if phrase[:40] not in text] == []


@pytest.mark.parametrize("invoice", SAMPLE)
def test_nothing_overlaps_or_leaves_the_margins_in_any_sample_invoice(invoice: Invoice) -> None:
    assert_tidy(rendered(invoice))


@pytest.mark.parametrize("stretch", STRETCHES)
def test_nothing_overlaps_or_leaves_the_margins_however_much_an_invoice_says(stretch: Stretch) -> None:
    assert_tidy(rendered(stretch(sample("1002"))))


def assert_tidy(document: bytes) -> None:
    for page in pages_of(document):
        boxes = boxes_of(page)
        assert min(left for left, _, _, _ in boxes) >= MARGIN_IN_POINTS - 1
        assert max(right for _, _, right, _ in boxes) <= PAGE_WIDTH_IN_POINTS - MARGIN_IN_POINTS + 1
        assert min(bottom for _, bottom, _, _ in boxes) >= 25
        assert [pair for pair in itertools.combinations(boxes, 2) if overlap(*pair)] == []


def test_it_shows_what_swedish_law_asks_of_an_invoice() -> None:
    text = text_of(sample("1002"))
    facts = [
        "Faktura",
        "Fakturanummer",
        "20260002",
        "2026-01-20",
        "2026-02-19",
        "30 dagar netto",
        "Exempelgatan 12",
        "Org.nr 559999-9991",
        "Momsreg.nr SE559999999101",
        "Godkänd för F-skatt",
        "Hotell Sjöutsikten AB",
        "Lunch, dagens rätt",
        "133,04",
        "25 % 4 800,00 1 200,00",
        "12 % 2 987,60 358,51",
        "6 % 2 377,34 142,64",
        "Öresavrundning",
        "\N{MINUS SIGN}0,09",
        "11 866,00 kr",
        "991-2346",
        "2026000204",
        "Sida 1 av 1",
    ]
    assert [fact for fact in facts if fact not in text] == []


def test_the_swish_code_can_be_scanned() -> None:
    assert scanned(sample("1001")) == ["C1234679304;1543,00;100164;0"]


@pytest.mark.parametrize("invoice_id", ["1006", "1013"])
def test_a_credit_note_and_an_invoice_of_nothing_have_no_swish_code(invoice_id: str) -> None:
    assert scanned(sample(invoice_id)) == []
    assert "Swish" not in text_of(sample(invoice_id)).replace("Swish 1234679304", "")


def test_a_credit_note_names_the_invoice_that_it_takes_back() -> None:
    text = text_of(sample("1006"))
    assert "Kreditfaktura" in text
    assert "20260005" in text
    assert "Att kreditera" in text
    assert "Att betala" not in text


def test_a_seller_without_f_tax_or_swish_says_nothing_of_them() -> None:
    invoice = sample("1001")
    text = text_of(replace(invoice, seller=replace(invoice.seller, f_tax=False, swish="")))
    assert "F-skatt" not in text
    assert "Swish" not in text


def test_many_lines_go_on_over_pages_that_are_numbered_and_headed() -> None:
    texts = page_texts(rendered(sample("1008")))
    assert len(texts) == 3
    for number, text in enumerate(texts, start=1):
        assert f"Sida {number} av 3" in text
        assert "Faktura 20260008" in text
        assert text.count("Beskrivning") == 1
    assert [text.count("Att betala") for text in texts] == [0, 0, 2]


def test_a_word_wider_than_its_column_is_broken_and_loses_nothing() -> None:
    text = text_of(sample("1007")).replace(" ", "")
    assert (
        "Fastighetsunderhållsplaneringssystemsadministratörsutbildningsdeltagaravgiftsfaktureringsunderlagsgranskning"
        in text
    )


def test_a_decomposed_letter_is_drawn_as_one() -> None:
    invoice = sample("1001")
    assert "Åsa" in text_of(replace(invoice, reference="A\N{COMBINING RING ABOVE}sa"))


def test_a_character_without_a_glyph_is_drawn_as_a_square_and_no_library_complains(
    caplog: pytest.LogCaptureFixture,
) -> None:
    invoice = sample("1001")
    with caplog.at_level(logging.WARNING):
        assert "□□ Ltd" in text_of(replace(invoice, buyer=replace(invoice.buyer, name="漢\N{SOFT HYPHEN}字 Ltd")))
    assert caplog.records == []


def test_its_metadata_come_from_the_invoice_and_never_from_the_clock() -> None:
    with pikepdf.open(io.BytesIO(rendered(sample("1001")))) as pdf:
        assert str(pdf.docinfo["/Title"]) == "Faktura 1001"
        assert str(pdf.docinfo["/Author"]) == "Exempelbyrån Norr AB"
        assert str(pdf.docinfo["/CreationDate"]) == "D:20260115000000Z"
        assert str(pdf.Root.Lang) == "sv-SE"


def test_the_same_data_give_the_same_bytes_in_every_process() -> None:
    here = hashlib.sha256(b"".join(map(render_invoice, default_seed().invoices[::5]))).hexdigest()
    environment = {**os.environ, "PYTHONHASHSEED": "4711", "TZ": "Asia/Tokyo", "LC_ALL": "C"}
    there = subprocess.run(
        [sys.executable, "-c", DIGEST_OF_SOME], env=environment, capture_output=True, check=True, text=True
    )
    assert there.stdout.strip() == here


def test_a_typical_document_is_small() -> None:
    assert len(render_invoice(sample("1001"))) < 40_000


def test_drawing_takes_no_longer_than_a_reader_notices() -> None:
    render_invoice(sample("1001"))
    begun = datetime.now(UTC)
    for _ in range(5):
        render_invoice(sample("1001"))
    assert (datetime.now(UTC) - begun).total_seconds() / 5 < 0.5


def test_the_pdf_library_is_not_loaded_before_the_first_document() -> None:
    script = "import sys, billecta_mock.pdf.library; print({'fpdf', 'segno', 'fontTools', 'PIL'} & set(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)
    assert loaded.stdout.strip() == "set()"
