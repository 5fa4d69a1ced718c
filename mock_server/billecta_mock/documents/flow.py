"""How the parts of a document fall into pages."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from billecta_mock.documents.canvas import Canvas


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
