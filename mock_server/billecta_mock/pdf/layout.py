"""How the parts of a document fall into pages, and the table of invoice lines."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from billecta_mock.domain.invoices import Invoice, InvoiceLine, amount, quantity
from billecta_mock.pdf.canvas import ACCENT, BODY, LABEL, MARGIN, RIGHT_EDGE, Canvas

_PADDING: Final = 1.4
_LINES_PER_ROW: Final = 30
_TEXT_WIDTH: Final = 70.0
_GAP: Final = 3.0


class Block(Protocol):
    """A part that is never split. `head` is drawn above the first of its kind on each page, if there is one."""

    @property
    def height(self) -> float:
        """How much of the page it takes, its white space included."""
        ...

    @property
    def head(self) -> "Block | None":
        """What must stand above it."""
        ...

    def draw(self, canvas: Canvas, top: float) -> None:
        """Draw it with its upper edge at `top`."""
        ...


@dataclass(frozen=True, slots=True)
class Together:
    """Blocks that always share a page."""

    blocks: tuple[Block, ...]
    head: Block | None = None

    @property
    def height(self) -> float:
        """All of them below each other."""
        return _height(self.blocks)

    def draw(self, canvas: Canvas, top: float) -> None:
        """Draw them below each other."""
        for placed in _stacked(self.blocks, top):
            placed.draw(canvas)


@dataclass(frozen=True, slots=True)
class Placed:
    """A block and where its upper edge is on its page."""

    block: Block
    top: float

    def draw(self, canvas: Canvas) -> None:
        """Draw the block in its place."""
        self.block.draw(canvas, self.top)


def paginate(blocks: Iterable[Block], top: float, bottom: float) -> list[list[Placed]]:
    """The pages that blocks make when each page holds what fits between `top` and `bottom`."""
    pages: list[list[Placed]] = [[]]
    y = top
    for block in blocks:
        pieces = _with_head(block, pages[-1])
        if pages[-1] and y + _height(pieces) > bottom:
            pages.append([])
            y, pieces = top, _with_head(block, [])
        pages[-1].extend(_stacked(pieces, y))
        y += _height(pieces)
    return pages


def _with_head(block: Block, page: list[Placed]) -> list[Block]:
    stands_already = any(placed.block is block.head for placed in page)
    return [block] if block.head is None or stands_already else [block.head, block]


def _height(blocks: Sequence[Block]) -> float:
    return sum(block.height for block in blocks)


def _stacked(blocks: Sequence[Block], y: float) -> Iterator[Placed]:
    for block in blocks:
        yield Placed(block, y)
        y += block.height


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of figures, set against its right edge."""

    heading: str
    right: float
    width: float


_QUANTITY: Final = _Column("Antal", MARGIN + 92, 20)
_UNIT_LEFT: Final = _QUANTITY.right + _GAP
_UNIT_WIDTH: Final = 10.0
_PRICE: Final = _Column("À-pris", MARGIN + 128, 22)
_VAT: Final = _Column("Moms", MARGIN + 141, 10)
_AMOUNT: Final = _Column("Belopp", RIGHT_EDGE, 26)


class TableHead:
    """The headings of the columns."""

    head: Block | None = None
    height = 7.0

    def draw(self, canvas: Canvas, top: float) -> None:
        """Draw them above a rule."""
        canvas.text(MARGIN, top, "Beskrivning", LABEL)
        canvas.text(_UNIT_LEFT, top, "Enhet", LABEL)
        for column in (_QUANTITY, _PRICE, _VAT, _AMOUNT):
            canvas.figure(column.right, top, column.heading, LABEL, column.width)
        canvas.rule(top + 5.4, colour=ACCENT)


@dataclass(frozen=True, slots=True)
class Row:
    """An invoice line, or a piece of a very long one: then only the first piece has the figures."""

    head: Block | None
    texts: list[str]
    line: InvoiceLine | None
    is_last: bool

    @property
    def height(self) -> float:
        """Its lines of text and the white around them."""
        return len(self.texts) * BODY.leading + 2 * _PADDING

    def draw(self, canvas: Canvas, top: float) -> None:
        """Draw it, with a rule below it if it is the end of its line."""
        canvas.lines(MARGIN, top + _PADDING, self.texts, BODY)
        if self.line is not None:
            _draw_figures(canvas, top + _PADDING, self.line)
        if self.is_last:
            canvas.rule(top + self.height)


def rows(canvas: Canvas, invoice: Invoice) -> Iterator[Row]:
    """The rows of an invoice's lines, in order."""
    head = TableHead()
    for line in invoice.lines:
        texts = canvas.wrapped(line.description, BODY, _TEXT_WIDTH)
        for start in range(0, len(texts), _LINES_PER_ROW):
            end = start + _LINES_PER_ROW
            yield Row(head, texts[start:end], None if start else line, end >= len(texts))


def _draw_figures(canvas: Canvas, top: float, line: InvoiceLine) -> None:
    canvas.figure(_QUANTITY.right, top, quantity(line.quantity), BODY, _QUANTITY.width)
    canvas.fitted(_UNIT_LEFT, top, line.unit, BODY, _UNIT_WIDTH)
    canvas.figure(_PRICE.right, top, amount(line.unit_price), BODY, _PRICE.width)
    canvas.figure(_VAT.right, top, f"{line.vat_rate} %", BODY, _VAT.width)
    canvas.figure(_AMOUNT.right, top, amount(line.amount), BODY, _AMOUNT.width)
