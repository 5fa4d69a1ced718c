"""An invoice as a PDF: letterhead, lines, totals, how to pay, footer. Importing this module loads the PDF library."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from billecta_mock.domain.invoices import NO_BREAK_SPACE, Invoice, Seller, amount
from billecta_mock.pdf.canvas import (
    ACCENT,
    BODY,
    HEADLINE,
    LABEL,
    MARGIN,
    NAME,
    PAGE_HEIGHT,
    RIGHT_EDGE,
    SMALL,
    STRONG,
    TITLE,
    Canvas,
)
from billecta_mock.pdf.layout import Block, Together, paginate, rows

_TOP: Final = 20.0
_ABOVE_FOOTER: Final = 6.0
_NAME_WIDTH: Final = 100.0
_TITLE_WIDTH: Final = 66.0
_VALUE_LEFT: Final = MARGIN + 32
_VALUE_WIDTH: Final = 54.0
_BUYER_LEFT: Final = 118.0
_BUYER_WIDTH: Final = RIGHT_EDGE - _BUYER_LEFT
_BELOW_NAME: Final = 16.0
_BELOW: Final = 12.0


_ABOVE: Final = 8.0
_STEP: Final = 5.2
_SUMS_LEFT: Final = 118.0
_AMOUNT_WIDTH: Final = 36.0
_TOTAL_WIDTH: Final = 46.0
_TAXABLE_RIGHT: Final = MARGIN + 46
_VAT_RIGHT: Final = MARGIN + 76
_SHARE_WIDTH: Final = 28.0
_NOTE_ABOVE: Final = 6.0
_QR_SIZE: Final = 32.0
_QR_CAPTION: Final = "Betala med Swish"
_INSET: Final = 6.0
_FACT_WIDTH: Final = 56.0
_FACT_HEIGHT: Final = 14.0
_LATE_PAYMENT: Final = "Ange OCR-numret när du betalar. Efter förfallodagen debiteras dröjsmålsränta enligt räntelagen."
_COLUMN: Final = (RIGHT_EDGE - MARGIN) / 4
_GUTTER: Final = 4.0
_BOTTOM: Final = PAGE_HEIGHT - 10
_PAGE_NUMBER_WIDTH: Final = 40.0


def title(invoice: Invoice) -> str:
    """What the document calls itself."""
    return "Kreditfaktura" if invoice.is_credit_note else "Faktura"


class Letterhead:
    """The seller's name and the title; below them the facts on the left and the buyer on the right."""

    head: Block | None = None

    def __init__(self, canvas: Canvas, invoice: Invoice) -> None:
        self._title = title(invoice)
        self._seller = canvas.wrapped(invoice.seller.name, NAME, _NAME_WIDTH)
        self._facts = [(label, canvas.wrapped(value, BODY, _VALUE_WIDTH)) for label, value in _facts(invoice)]
        self._buyer_name = canvas.wrapped(invoice.buyer.name, STRONG, _BUYER_WIDTH)
        self._buyer_lines = [line for text in _buyer(invoice) for line in canvas.wrapped(text, BODY, _BUYER_WIDTH)]

    @property
    def height(self) -> float:
        """As high as the longer of the two columns needs."""
        facts = sum(len(lines) for _, lines in self._facts)
        buyer = 1 + len(self._buyer_name) + len(self._buyer_lines)
        return self._columns_top + max(facts, buyer) * BODY.leading + _BELOW

    def draw(self, canvas: Canvas, top: float) -> None:
        """Draw it with its upper edge at `top`."""
        canvas.lines(MARGIN, top, self._seller, NAME)
        canvas.figure(RIGHT_EDGE, top - 1.5, self._title, TITLE, _TITLE_WIDTH)
        self._draw_facts(canvas, top + self._columns_top)
        self._draw_buyer(canvas, top + self._columns_top)

    @property
    def _columns_top(self) -> float:
        return len(self._seller) * NAME.leading + _BELOW_NAME

    def _draw_facts(self, canvas: Canvas, top: float) -> None:
        for label, lines in self._facts:
            canvas.text(MARGIN, top, label, LABEL)
            canvas.lines(_VALUE_LEFT, top, lines, BODY)
            top += len(lines) * BODY.leading

    def _draw_buyer(self, canvas: Canvas, top: float) -> None:
        canvas.text(_BUYER_LEFT, top, "Kund", LABEL)
        canvas.lines(_BUYER_LEFT, top + LABEL.leading, self._buyer_name, STRONG)
        lines_top = top + LABEL.leading + len(self._buyer_name) * STRONG.leading
        canvas.lines(_BUYER_LEFT, lines_top, self._buyer_lines, BODY)


def _facts(invoice: Invoice) -> Iterable[tuple[str, str]]:
    yield "Fakturanummer", invoice.number
    if invoice.credit_of is not None:
        yield "Krediterar faktura", invoice.credit_of.number
    yield "Fakturadatum", invoice.issued.isoformat()
    if not invoice.is_credit_note:
        yield "Förfallodatum", invoice.due.isoformat()
    yield "Betalningsvillkor", invoice.payment_terms
    if invoice.reference:
        yield "Er referens", invoice.reference
    if invoice.seller_reference:
        yield "Vår referens", invoice.seller_reference


def _buyer(invoice: Invoice) -> Iterable[str]:
    yield from invoice.buyer.address
    if invoice.buyer.organisation_number:
        yield f"Org.nr {invoice.buyer.organisation_number}"
    if invoice.buyer.vat_number:
        yield f"Momsreg.nr {invoice.buyer.vat_number}"
    if invoice.buyer.email:
        yield invoice.buyer.email


@dataclass(frozen=True, slots=True)
class NoteLine:
    """A line of the note; the first stands under a label."""

    text: str
    is_first: bool
    head: Block | None = None

    @property
    def height(self) -> float:
        """One line, and the label above the first."""
        return BODY.leading + self._label_height

    def draw(self, canvas: Canvas, top: float) -> None:
        """Draw it from margin to margin."""
        if self.is_first:
            canvas.text(MARGIN, top + _NOTE_ABOVE, "Meddelande", LABEL)
        canvas.text(MARGIN, top + self._label_height, self.text, BODY)

    @property
    def _label_height(self) -> float:
        return _NOTE_ABOVE + LABEL.leading if self.is_first else 0


def note_lines(canvas: Canvas, invoice: Invoice) -> Iterator[NoteLine]:
    """The note of an invoice, line by line."""
    if invoice.note:
        for index, text in enumerate(canvas.wrapped(invoice.note, BODY, RIGHT_EDGE - MARGIN)):
            yield NoteLine(text, is_first=index == 0)


class Totals:
    """Taxable amount and VAT per rate on the left; on the right the way to the total."""

    head: Block | None = None

    def __init__(self, invoice: Invoice) -> None:
        self._shares = invoice.vat_shares
        self._sums = tuple(_sums(invoice))
        self._total = invoice.total
        self._total_label = "Att kreditera" if invoice.is_credit_note else "Att betala"

    @property
    def height(self) -> float:
        """As high as the longer of the two sides."""
        return _ABOVE + max((1 + len(self._shares)) * _STEP, len(self._sums) * _STEP + 11)

    def draw(self, canvas: Canvas, top: float) -> None:
        """Draw both sides from the same height."""
        self._draw_shares(canvas, top + _ABOVE)
        self._draw_sums(canvas, top + _ABOVE)

    def _draw_shares(self, canvas: Canvas, top: float) -> None:
        canvas.text(MARGIN, top, "Momssats", LABEL)
        canvas.figure(_TAXABLE_RIGHT, top, "Underlag", LABEL, _SHARE_WIDTH)
        canvas.figure(_VAT_RIGHT, top, "Momsbelopp", LABEL, _SHARE_WIDTH)
        for share in self._shares:
            top += _STEP
            canvas.text(MARGIN, top, f"{share.rate}{NO_BREAK_SPACE}%", BODY)
            canvas.figure(_TAXABLE_RIGHT, top, amount(share.taxable), BODY, _SHARE_WIDTH)
            canvas.figure(_VAT_RIGHT, top, amount(share.vat), BODY, _SHARE_WIDTH)

    def _draw_sums(self, canvas: Canvas, top: float) -> None:
        for label, ore in self._sums:
            canvas.text(_SUMS_LEFT, top, label, BODY)
            canvas.figure(RIGHT_EDGE, top, amount(ore), BODY, _AMOUNT_WIDTH)
            top += _STEP
        canvas.rule(top + 1.4, left=_SUMS_LEFT, colour=ACCENT)
        canvas.text(_SUMS_LEFT, top + 3.6, self._total_label, HEADLINE)
        canvas.figure(RIGHT_EDGE, top + 3.6, _kronor(self._total), HEADLINE, _TOTAL_WIDTH)


class PaymentPanel:
    """How to pay: amount, due date, account and reference, and a Swish QR code where the seller takes Swish."""

    head: Block | None = None

    def __init__(self, invoice: Invoice) -> None:
        self._facts = tuple(_payment_facts(invoice))
        self._payload = invoice.swish_payload

    @property
    def height(self) -> float:
        """The panel, the white space above it and the line below it."""
        return _ABOVE + self._panel_height + 2 + SMALL.leading

    def draw(self, canvas: Canvas, top: float) -> None:
        """Draw the facts on a tinted ground, the QR code at its right end."""
        canvas.panel(top + _ABOVE, self._panel_height)
        self._draw_facts(canvas, top + _ABOVE + self._panel_height / 2 - _FACT_HEIGHT + 2)
        if self._payload is not None:
            self._draw_qr(canvas, top + _ABOVE + _INSET / 2, self._payload)
        canvas.text(MARGIN, top + _ABOVE + self._panel_height + 2, _LATE_PAYMENT, SMALL)

    @property
    def _panel_height(self) -> float:
        return _INSET + (_QR_SIZE + LABEL.leading if self._payload else 2 * _FACT_HEIGHT)

    def _draw_facts(self, canvas: Canvas, top: float) -> None:
        for index, (label, value) in enumerate(self._facts):
            x, y = MARGIN + _INSET + _FACT_WIDTH * (index % 2), top + _FACT_HEIGHT * (index // 2)
            canvas.text(x, y, label, LABEL)
            canvas.text(x, y + LABEL.leading, value, HEADLINE)

    def _draw_qr(self, canvas: Canvas, top: float, payload: str) -> None:
        left = RIGHT_EDGE - _INSET / 2 - _QR_SIZE
        canvas.qr(left, top, _QR_SIZE, payload)
        caption_right = left + (_QR_SIZE + canvas.width(_QR_CAPTION, LABEL)) / 2
        canvas.figure(caption_right, top + _QR_SIZE, _QR_CAPTION, LABEL, _QR_SIZE)


def closing(canvas: Canvas, invoice: Invoice) -> Iterator[Block]:
    """Everything below the lines; an invoice that asks for nothing has no payment panel."""
    yield from note_lines(canvas, invoice)
    yield Together((Totals(invoice), PaymentPanel(invoice))) if invoice.total > 0 else Totals(invoice)


def _sums(invoice: Invoice) -> Iterable[tuple[str, int]]:
    yield "Summa exklusive moms", invoice.net
    yield "Moms", invoice.vat
    yield "Öresavrundning", invoice.rounding


def _payment_facts(invoice: Invoice) -> Iterable[tuple[str, str]]:
    yield "Att betala", _kronor(invoice.total)
    yield "Betala senast", invoice.due.isoformat()
    yield "Bankgiro", invoice.seller.bankgiro
    yield "OCR-nummer", invoice.ocr


def _kronor(ore: int) -> str:
    return f"{amount(ore)}{NO_BREAK_SPACE}kr"


class Footer:
    """Four columns above the line with the page number; the same height on every page."""

    def __init__(self, invoice: Invoice) -> None:
        self._columns = _columns(invoice.seller)
        self._name = f"{title(invoice)} {invoice.number}"

    @property
    def top(self) -> float:
        """Where it begins on the page."""
        return _BOTTOM - (max(map(len, self._columns)) + 2) * SMALL.leading - 3

    def draw(self, canvas: Canvas, page: int, pages: int) -> None:
        """Draw it on the current page, which is number `page` of `pages`."""
        canvas.rule(self.top)
        for index, lines in enumerate(self._columns):
            for row, line in enumerate(lines):
                left, top = MARGIN + index * _COLUMN, self.top + 3 + row * SMALL.leading
                canvas.fitted(left, top, line, SMALL, _COLUMN - _GUTTER)
        last_line = _BOTTOM - SMALL.leading
        canvas.text(MARGIN, last_line, self._name, SMALL)
        canvas.figure(RIGHT_EDGE, last_line, f"Sida {page} av {pages}", SMALL, _PAGE_NUMBER_WIDTH)


def _columns(seller: Seller) -> list[list[str]]:
    contact = [text for text in (seller.phone, seller.email) if text]
    registered = [f"Org.nr {seller.organisation_number}", f"Momsreg.nr {seller.vat_number}"]
    f_tax = ["Godkänd för F-skatt"] if seller.f_tax else []
    swish = [f"Swish {seller.swish}"] if seller.swish else []
    return [[seller.name, *seller.address], contact, registered + f_tax, [f"Bankgiro {seller.bankgiro}", *swish]]


def render_invoice(invoice: Invoice) -> bytes:
    """The PDF document of an invoice: well-formed, searchable, the same bytes for the same invoice (PDF-1, PDF-2).

    It shows what Swedish law asks of an invoice, whatever its state: paying one does not change its document.
    Characters for which the typeface has no glyph (it has those of Latin, Greek and Cyrillic) show as a square.
    """
    with _canvas(invoice) as canvas:
        _draw_pages(canvas, invoice)
        return canvas.output()


def _draw_pages(canvas: Canvas, invoice: Invoice) -> None:
    footer = Footer(invoice)
    pages = paginate(_blocks(canvas, invoice), _TOP, footer.top - _ABOVE_FOOTER)
    for number, page in enumerate(pages, start=1):
        if number > 1:
            canvas.turn_page()
        for placed in page:
            placed.draw(canvas)
        footer.draw(canvas, number, len(pages))


def _canvas(invoice: Invoice) -> Canvas:
    return Canvas(
        title=f"{title(invoice)} {invoice.number}",
        author=invoice.seller.name,
        subject=f"{title(invoice)} till {invoice.buyer.name}",
        created=invoice.issued,
    )


def _blocks(canvas: Canvas, invoice: Invoice) -> Iterator[Block]:
    yield Letterhead(canvas, invoice)
    yield from rows(canvas, invoice)
    yield from closing(canvas, invoice)
