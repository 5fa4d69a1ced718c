"""The foot of every page: the seller's particulars, and which page of which invoice this is."""

from typing import Final

from billecta_mock.documents.canvas import MARGIN, PAGE_HEIGHT, RIGHT_EDGE, SMALL, Canvas
from billecta_mock.documents.letterhead import title
from billecta_mock.domain.invoices import Invoice, Seller

_COLUMN: Final = (RIGHT_EDGE - MARGIN) / 4
_GUTTER: Final = 4.0
_BOTTOM: Final = PAGE_HEIGHT - 10
_PAGE_NUMBER_WIDTH: Final = 40.0


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
