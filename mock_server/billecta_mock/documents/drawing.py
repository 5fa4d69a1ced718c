"""An invoice drawn from top to bottom. Importing this module loads the PDF library."""

from collections.abc import Iterator
from typing import Final

from billecta_mock.documents.canvas import Canvas
from billecta_mock.documents.closing import closing
from billecta_mock.documents.flow import Block, paginate
from billecta_mock.documents.footer import Footer
from billecta_mock.documents.letterhead import Letterhead, title
from billecta_mock.documents.table import rows
from billecta_mock.domain.invoices import Invoice

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
