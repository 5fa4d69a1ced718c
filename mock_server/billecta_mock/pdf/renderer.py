"""An invoice drawn from top to bottom, as a PDF. Importing this module loads the PDF library."""

from collections.abc import Iterator
from typing import Final

from billecta_mock.domain.invoices import Invoice
from billecta_mock.pdf.canvas import Canvas
from billecta_mock.pdf.invoice import Footer, Letterhead, closing, title
from billecta_mock.pdf.layout import Block, paginate, rows

_TOP: Final = 20.0
_ABOVE_FOOTER: Final = 6.0


def draw(invoice: Invoice) -> bytes:
    """The PDF of an invoice, the same bytes for the same invoice."""
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


def render_invoice(invoice: Invoice) -> bytes:
    """The PDF document of an invoice: well-formed, searchable, the same bytes for the same invoice (PDF-1, PDF-2).

    It shows what Swedish law asks of an invoice, whatever its state: paying one does not change its document.
    Characters for which the typeface has no glyph (it has those of Latin, Greek and Cyrillic) show as a square.
    The first call loads the PDF library, which takes some tenths of a second.
    """
    # The PDF library is loaded here, so that a server starts without waiting for it.

    return draw(invoice)
