"""The sheet that invoices are drawn on: A4 pages, two weights of one typeface, text, rules and QR codes.

All measures are millimetres from the top left corner of the page, except type sizes, which are points.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Final, Self, cast

import segno
from fpdf import FPDF, ViewerPreferences
from fpdf.enums import MethodReturnValue
from fpdf.fonts import TTFFont

PAGE_WIDTH: Final = 210.0
PAGE_HEIGHT: Final = 297.0
MARGIN: Final = 20.0
RIGHT_EDGE: Final = PAGE_WIDTH - MARGIN

Colour = tuple[int, int, int]
INK: Final[Colour] = (28, 37, 41)
QUIET: Final[Colour] = (98, 112, 119)
ACCENT: Final[Colour] = (11, 92, 107)
HAIRLINE: Final[Colour] = (214, 221, 224)
TINT: Final[Colour] = (241, 246, 247)

_FONTS: Final = Path(__file__).parent / "fonts"
_FAMILY: Final = "Inter"
_NO_GLYPH: Final = "\N{WHITE SQUARE}"


@dataclass(frozen=True, slots=True)
class Style:
    """How a text is set: size and leading (from line to line), weight, colour."""

    size: float
    leading: float
    bold: bool = False
    colour: Colour = INK

    @property
    def ascent(self) -> float:
        """From the top of a line to its baseline; styles of the same leading share it, whatever their size."""
        return self.leading * 0.76


TITLE: Final = Style(22, 9, bold=True)
NAME: Final = Style(13, 6, bold=True, colour=ACCENT)
HEADLINE: Final = Style(12, 6, bold=True)
BODY: Final = Style(9, 4.4)
STRONG: Final = Style(9, 4.4, bold=True)
LABEL: Final = Style(7.5, 4.4, colour=QUIET)
SMALL: Final = Style(7, 3.4, colour=QUIET)


class Canvas:
    """One PDF document in the making; a context manager, because it holds its font files open.

    Characters for which the typeface has no glyph are drawn as a square.
    """

    def __init__(self, *, title: str, author: str, subject: str, created: date) -> None:
        self._pdf = FPDF(unit="mm", format="A4")
        self._pdf.set_auto_page_break(False)
        self._pdf.set_margin(0)
        self._pdf.c_margin = 0
        self._fonts = self._add_fonts()
        self._glyphs = frozenset({ord("\n")}).union(*(font.cmap for font in self._fonts))
        self._describe(title, author, subject, created)
        self._pdf.add_page()

    def turn_page(self) -> None:
        """Begin the next page; everything from here on is drawn on it. The first is there from the start."""
        self._pdf.add_page()

    def width(self, text: str, style: Style) -> float:
        """How wide a line of text is."""
        self._use(style)
        return float(self._pdf.get_string_width(self._drawable(text)))

    def wrapped(self, text: str, style: Style, width: float) -> list[str]:
        """The lines that a text takes in a column; words that are wider than the column are broken."""
        self._use(style)
        drawable = self._drawable(text)
        if self._pdf.get_string_width(drawable) <= width and "\n" not in drawable:
            return [drawable]
        lines = self._pdf.multi_cell(width, text=drawable, align="L", dry_run=True, output=MethodReturnValue.LINES)
        return cast("list[str]", lines)

    def text(self, x: float, top: float, text: str, style: Style) -> None:
        """One line of text whose left edge is at `x`."""
        self._use(style)
        self._pdf.text(x, top + style.ascent, self._drawable(text))

    def lines(self, x: float, top: float, lines: Sequence[str], style: Style) -> None:
        """Lines of text below each other."""
        for index, line in enumerate(lines):
            self.text(x, top + index * style.leading, line, style)

    def fitted(self, left: float, top: float, text: str, style: Style, width: float) -> None:
        """One line of text whose left edge is at `left`, set smaller where it would be wider than its column."""
        self.text(left, top, text, self._fitting(text, style, width))

    def figure(self, right: float, top: float, text: str, style: Style, width: float) -> None:
        """One line of text that ends at `right`, set smaller where it would be wider than its column."""
        fitting = self._fitting(text, style, width)
        self.text(right - self.width(text, fitting), top, text, fitting)

    def rule(self, top: float, *, left: float = MARGIN, right: float = RIGHT_EDGE, colour: Colour = HAIRLINE) -> None:
        """A horizontal line."""
        self._pdf.set_draw_color(*colour)
        self._pdf.set_line_width(0.2 if colour == HAIRLINE else 0.35)
        self._pdf.line(left, top, right, top)

    def panel(self, top: float, height: float) -> None:
        """A tinted ground from margin to margin."""
        self._pdf.set_fill_color(*TINT)
        self._pdf.rect(MARGIN, top, RIGHT_EDGE - MARGIN, height, style="F")

    def qr(self, x: float, top: float, size: float, payload: str) -> None:
        """A QR code as vectors, on white, its quiet zone within `size`."""
        matrix = [bytes(row) for row in segno.make_qr(payload, error="m").matrix_iter(border=4)]
        module = size / len(matrix)
        self._pdf.set_fill_color(255, 255, 255)
        self._pdf.rect(x, top, size, size, style="F")
        with self._pdf.new_path() as path:
            path.style.fill_color = "#1c2529"
            path.style.stroke_color = None
            for row, modules in enumerate(matrix):
                for start, length in _runs(modules):
                    path.rectangle(x + start * module, top + row * module, length * module, module)

    def output(self) -> bytes:
        """The finished document."""
        return bytes(self._pdf.output())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        # The library closes the font files when it has written the document, but not when it fails before that.
        for font in self._fonts:
            font.ttfont.close()

    def _add_fonts(self) -> list[TTFFont]:
        self._pdf.add_font(_FAMILY, "", _FONTS / "Inter-Regular.ttf")
        self._pdf.add_font(_FAMILY, "B", _FONTS / "Inter-SemiBold.ttf")
        return [font for font in self._pdf.fonts.values() if isinstance(font, TTFFont)]

    def _describe(self, title: str, author: str, subject: str, created: date) -> None:
        self._pdf.set_title(title)
        self._pdf.set_author(author)
        self._pdf.set_subject(subject)
        self._pdf.set_lang("sv-SE")
        self._pdf.set_creation_date(datetime.combine(created, time(), UTC))
        self._pdf.viewer_preferences = ViewerPreferences(display_doc_title=True)

    def _fitting(self, text: str, style: Style, width: float) -> Style:
        needed = self.width(text, style)
        return style if needed <= width else replace(style, size=style.size * width / needed)

    def _use(self, style: Style) -> None:
        self._pdf.set_font(_FAMILY, "B" if style.bold else "", style.size)
        self._pdf.set_text_color(*style.colour)

    def _drawable(self, text: str) -> str:
        composed = unicodedata.normalize("NFC", text)
        strange = {character for character in composed if ord(character) not in self._glyphs}
        return composed.translate({ord(character): _stand_in(character) for character in strange})


def _stand_in(character: str) -> str:
    """What is drawn for a character without a glyph; format characters such as soft hyphens never had one."""
    return "" if unicodedata.category(character) == "Cf" else _NO_GLYPH


def _runs(modules: bytes) -> list[tuple[int, int]]:
    """Where the dark stretches of a row begin, and how long they are."""
    edges = [index for index in range(len(modules)) if bool(modules[index]) != bool(index and modules[index - 1])]
    return [(start, end - start) for start, end in zip(edges[::2], edges[1::2], strict=True)]
