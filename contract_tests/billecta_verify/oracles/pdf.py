"""Whether a body is one whole, well-formed PDF (PDF-2)."""

import re
from io import BytesIO
from typing import Final

import pikepdf

from billecta_verify.transport.exchange import Exchange

_HEADER: Final = b"%PDF-"
_GZIP: Final = b"\x1f\x8b"
_END: Final = b"%%EOF"
_LAST_LINES: Final = re.compile(rb"startxref\s+\d+\s+%%EOF[\s\0]*\Z")
_GLUED: Final = re.compile(rb"%%EOF\s*%PDF-\d")
"""One file after another. An update that is appended has a further %%EOF but no header; a document that is embedded has
a header, but not after the end of another."""


def pdf_flaw(exchange: Exchange) -> str | None:
    """What is wrong with the document, verified strictly and without repair; None for a sound one.

    Lenient readers mend a broken cross-reference or a missing end silently; qpdf reports them.
    """
    return _transfer_flaw(exchange) or _form_flaw(exchange.body) or _structure_flaw(exchange.body)


def _transfer_flaw(exchange: Exchange) -> str | None:
    if exchange.broken:
        return f"the body is not whole: {exchange.broken}"
    length = exchange.header("content-length")
    if length is not None and length.isdigit() and int(length) != len(exchange.wire):
        return f"Content-Length says {length}, the body has {len(exchange.wire)} bytes"
    return None


def _form_flaw(body: bytes) -> str | None:
    if not body:
        return "the body is empty"
    if body.startswith(_GZIP):
        return "the body is compressed without a Content-Encoding that says so"
    if not body.startswith(_HEADER):
        return f"the body does not begin with %PDF- {_likeness(body)}".rstrip()
    return _end_flaw(body)


def _end_flaw(body: bytes) -> str | None:
    if _END not in body[-1024:]:
        return "the body does not end with %%EOF"
    if not _LAST_LINES.search(body[-2048:]):
        return "something else than white space follows the last %%EOF, or its startxref is missing"
    if _GLUED.search(body):
        return "a second document follows the first"
    return None


def _likeness(body: bytes) -> str:
    start = body.lstrip()[:64].lower()
    if start.startswith((b"{", b"[", b'"')):
        return "(it looks like JSON)"
    if start.startswith(b"<"):
        return "(it looks like HTML or XML)"
    return "(it is base64)" if start.startswith(b"jvber") else ""


def _structure_flaw(body: bytes) -> str | None:
    try:
        with pikepdf.open(BytesIO(body), suppress_warnings=True, attempt_recovery=False) as document:
            counted = document.Root.get("/Pages", pikepdf.Dictionary()).get("/Count")
            pages = len(document.pages)
            problems = [*document.check_pdf_syntax(), *map(str, document.get_warnings())]
    except pikepdf.PasswordError:
        return "it cannot be read without a password"
    except pikepdf.PdfError as error:
        return f"qpdf cannot read it: {_first_line(str(error))}"
    if problems:
        return f"qpdf reports damage: {_first_line(problems[0])}"
    if pages and counted != pages:
        return "its number of pages is not the one that it says"
    return None if pages else "it has no page"


def _first_line(text: str) -> str:
    """The first line of a message, without the name of the in-memory file that qpdf puts before it."""
    line = text.strip().splitlines()[0]
    return line.partition(": ")[2] or line if "BytesIO" in line else line
