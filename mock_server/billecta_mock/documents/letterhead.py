"""The top of the first page: who sends the invoice, to whom, and the facts that identify it."""

from collections.abc import Iterable
from typing import Final

from billecta_mock.documents.canvas import (
    BODY,
    LABEL,
    MARGIN,
    NAME,
    RIGHT_EDGE,
    STRONG,
    TITLE,
    Canvas,
)
from billecta_mock.documents.flow import Block
from billecta_mock.domain.invoices import Invoice

_NAME_WIDTH: Final = 100.0
_TITLE_WIDTH: Final = 66.0
_VALUE_LEFT: Final = MARGIN + 32
_VALUE_WIDTH: Final = 54.0
_BUYER_LEFT: Final = 118.0
_BUYER_WIDTH: Final = RIGHT_EDGE - _BUYER_LEFT
_BELOW_NAME: Final = 16.0
_BELOW: Final = 12.0


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
