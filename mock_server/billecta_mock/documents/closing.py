"""The end of an invoice: the note, VAT and totals, and how to pay."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from billecta_mock.documents.canvas import (
    ACCENT,
    BODY,
    HEADLINE,
    LABEL,
    MARGIN,
    RIGHT_EDGE,
    SMALL,
    Canvas,
)
from billecta_mock.documents.flow import Block, Together
from billecta_mock.domain.invoices import NO_BREAK_SPACE, Invoice, amount

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


class Payment:
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
    yield Together((Totals(invoice), Payment(invoice))) if invoice.total > 0 else Totals(invoice)


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
