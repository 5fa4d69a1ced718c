"""Defects of invoice documents: how invoices are found, what is wrong with the PDF, how it is sent."""

import base64
import gzip
import re
from collections.abc import Callable
from typing import Final

from billecta_mock.defects.context import DefectContext, RequestView
from billecta_mock.defects.defect import Ask, Change, Defect, Group
from billecta_mock.defects.mutators import (
    HTML,
    fail,
    is_absent_invoice,
    is_document,
    map_body,
    miss,
    refuse,
    say,
    say_nothing,
    say_text,
    set_header,
    set_status,
    set_type,
    when,
)
from billecta_mock.http import JSON, Response

_TAIL: Final = 20
_HOLE: Final = 512
_EVERY: Final = 3
_BROKEN_PAGE: Final = "<!doctype html><title>Billecta</title><p>The document could not be made."


_GROUP: Final = Group.INVOICES
_31_BITS: Final = 2**31
_63_BITS: Final = 2**63
_LONG: Final = 100
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,400}")
Read = Callable[[str, tuple[str, ...]], str | None]
"""The id that is meant by an odd one, given those that there are; None for none."""


def _sent(name: str, clause: str, sentence: str, change: Change) -> Defect:
    return Defect(name, Group.DOCUMENTS, clause, sentence, answer=when(is_document, change))


def _made(name: str, sentence: str, transform: Callable[[bytes], bytes]) -> Defect:
    return _sent(name, "PDF-2", sentence, map_body(transform))


def _cut_out(body: bytes) -> bytes:
    middle = len(body) // 2
    return body[:middle] + body[middle + _HOLE :]


def _blank_out(body: bytes) -> bytes:
    half = len(body) // 2
    return body[:half] + bytes(len(body) - half)


def _flip(body: bytes) -> bytes:
    """Another byte in the middle of every stream."""
    return re.sub(rb"(?s)(stream\r?\n.{8})(.)(?=.{8})", lambda found: found[1] + bytes([found[2][0] ^ 0xFF]), body)


def _lose_pages(body: bytes) -> bytes:
    """A tree of pages without a page, at the same length, so that every offset still holds."""
    emptied = re.sub(rb"/Kids \[[^\]]*\]", lambda found: b"/Kids []".ljust(len(found[0])), body)
    return re.sub(rb"/Count [1-9]\d*", lambda found: b"/Count 0".ljust(len(found[0])), emptied)


def _shift_start(body: bytes) -> bytes:
    return re.sub(rb"startxref\s+\d+", b"startxref\n7", body)


def _shift_entries(body: bytes) -> bytes:
    return re.sub(rb"\d{10}(?= 00000 n)", lambda found: b"%010d" % (int(found[0]) + 11), body)


def _is_third(answer: Response, context: DefectContext) -> bool:
    return is_document(answer, context) and context.number % _EVERY == 0


def _was_fetched_before(answer: Response, context: DefectContext) -> bool:
    return is_document(answer, context) and any(
        exchange.media_type == answer.media_type and exchange.path.endswith(context.request.path)
        for exchange in context.earlier()
    )


_SENT: Final = (
    _sent("pdf-as-octets", "PDF-1", "Documents have the type application/octet-stream.",
          set_type("application/octet-stream")),
    _sent("pdf-as-download", "PDF-1", "Documents have the type application/force-download.",
          set_type("application/force-download")),
    _sent("pdf-under-old-type", "PDF-1", "Documents have the type application/x-pdf.", set_type("application/x-pdf")),
    _sent("pdf-as-html", "PDF-1", "Documents have the type text/html.", set_type(HTML)),
    _sent("pdf-as-json", "PDF-1", "Documents have the type application/json.", set_type(JSON)),
    _sent("pdf-without-type", "PDF-1", "Documents have no type.", set_type(None)),
    _sent("pdf-is-201", "PDF-1", "A document is said to be created each time it is fetched.", set_status(201)),
    _sent("pdf-is-206", "PDF-1", "A document is said to be a part, which nobody asked for.", set_status(206)),
    _sent("pdf-is-202", "CODES-1", "A document is said to be accepted for later.", set_status(202)),
    _sent("readable-invoice-is-404", "PDF-1", "No invoice is found.", miss()),
    Defect("invoice-found-once", Group.DOCUMENTS, "PDF-1", "An invoice is found once; after that it is 404.",
           answer=when(_was_fetched_before, miss())),
    Defect("every-third-pdf-fails", Group.DOCUMENTS, "CODES-2", "Every third request fails if it is for a document.",
           answer=when(_is_third, fail(502))),
)  # fmt: skip

_MADE: Final = (
    _made("pdf-empty", "Documents are empty.", lambda _body: b""),
    _made("pdf-truncated", "The second half of every document is missing.", lambda body: body[: len(body) // 2]),
    _made("pdf-tail-missing", "The last bytes of every document are missing.", lambda body: body[:-_TAIL]),
    _made("pdf-hole", "512 bytes in the middle of every document are missing.", _cut_out),
    _made("pdf-half-blank", "The second half of every document is zeros.", _blank_out),
    _made("pdf-first-line-only", "Documents end with their first line.",
          lambda body: body.partition(b"\n")[0] + b"\n"),
    _made("pdf-bytes-flipped", "A byte of every stream in the document is another.", _flip),
    _made("pdf-without-pages", "Documents have no page.", _lose_pages),
    _made("pdf-xref-misplaced", "The place of the cross-reference table is wrong.", _shift_start),
    _made("pdf-xref-wrong", "The places in the cross-reference table are wrong.", _shift_entries),
    _made("pdf-without-eof", "The mark at the end is missing.", lambda body: body.replace(b"%%EOF", b"")),
    _made("pdf-in-base64", "Documents are encoded as Base64.", base64.b64encode),
    _made("pdf-quoted", "Documents are a JSON string in Base64.", lambda body: b'"' + base64.b64encode(body) + b'"'),
    _made("pdf-in-json", "Documents are wrapped in JSON, under the type of a PDF.",
          lambda body: b'{"file": "' + base64.b64encode(body) + b'"}'),
    _made("pdf-in-gzip", "Documents are compressed, and no header says so.", lambda body: gzip.compress(body, mtime=0)),
    _made("pdf-line-ends-mangled", "Every line feed has become two characters.",
          lambda body: body.replace(b"\n", b"\r\n")),
    _made("pdf-as-text", "Documents were read as Latin-1 and written as UTF-8.",
          lambda body: body.decode("latin-1").encode()),
    _made("pdf-in-seven-bits", "The highest bit of every byte is lost.",
          lambda body: bytes(byte & 0x7F for byte in body)),
    _made("pdf-after-newline", "A line feed comes before every document.", lambda body: b"\n" + body),
    _made("pdf-after-byte-order-mark", "A byte order mark comes before every document.",
          lambda body: b"\xef\xbb\xbf" + body),
    _made("pdf-before-text", "A comment in HTML follows every document.", lambda body: body + b"<!-- 12 ms -->\n"),
    _made("pdf-before-marked-text", "A line of a log follows every document, and the mark of an end after it.",
          lambda body: body + b"rendered in 12 ms\n%%EOF\n"),
    _made("pdf-twice", "Every document is sent twice in one.", lambda body: body * 2),
    _sent("html-as-pdf", "PDF-2", "A page that says that there is no document has the type of a PDF.",
          say_text(200, _BROKEN_PAGE, "application/pdf")),
    Defect("every-third-pdf-truncated", Group.DOCUMENTS, "PDF-2", "Every third request gets half of a document.",
           answer=when(_is_third, map_body(lambda body: body[: len(body) // 2]))),
)  # fmt: skip

_KEPT: Final = (
    _sent("pdf-cached-by-all", "SEC-3", "Every cache may keep documents, for a day.",
          set_header("cache-control", "public, max-age=86400")),
    _sent("pdf-cached-by-shared", "SEC-3", "Shared caches may keep documents, for a day.",
          set_header("cache-control", "s-maxage=86400")),
    _sent("pdf-cached-for-ever", "SEC-3", "Every cache may keep documents for ever.",
          set_header("cache-control", "public, max-age=31536000, immutable")),
)  # fmt: skip

DEFECTS: Final = (*_SENT, *_MADE, *_KEPT)


def _absent(name: str, clause: str, sentence: str, change: Change) -> Defect:
    return Defect(name, _GROUP, clause, sentence, answer=when(is_absent_invoice, change))


def _fails(name: str, sentence: str, applies: Callable[[str], bool]) -> Defect:
    """A server that fails on some ids, for whoever has a valid key."""

    def concerns(_answer: Response, context: DefectContext) -> bool:
        return context.key is not None and context.request.is_for_invoice and applies(context.request.resource or "")

    return Defect(name, _GROUP, "PDF-4", sentence, answer=when(concerns, fail()))


def _taken(name: str, sentence: str, read: Read) -> Defect:
    """An id of an odd form is taken for that of an invoice."""
    return Defect(name, _GROUP, "PDF-4", sentence, ask=_take(read))


def _take(read: Read) -> Ask:
    def believe(request: RequestView, context: DefectContext) -> RequestView:
        if not request.is_for_invoice or context.names_invoice:
            return request
        ids = tuple(invoice.id for invoice in context.world.dataset.invoices)
        meant = read(request.resource or "", ids)
        return request.with_resource(meant) if meant in ids and meant is not None else request

    return believe


def _send_first(request: RequestView, context: DefectContext) -> RequestView:
    invoices = context.world.dataset.invoices
    if not request.is_for_invoice or context.names_invoice or not invoices:
        return request
    return request.with_resource(invoices[0].id)


def _number(text: str) -> int:
    """The number in an id; 0 for one that is none."""
    return int(text) if _NUMBER.fullmatch(text) else 0


def _beginning(pattern: str) -> Read:
    def read(given: str, _ids: tuple[str, ...]) -> str | None:
        found = re.match(pattern, given)
        return found[1] if found else None

    return read


def _as_python_reads(given: str, _ids: tuple[str, ...]) -> str | None:
    """`int()` takes the digits of every script, and white space around them."""
    digits = given.strip()
    return str(int(digits)) if digits.isdecimal() and len(digits) < _LONG else None


_ABSENT: Final = (
    _absent("missing-invoice-is-200", "PDF-3", "A missing invoice is an empty document.",
            say_text(200, "", "application/pdf")),
    _absent("missing-invoice-is-200-with-error", "PDF-3", "A missing invoice is 200 with an error inside.",
            set_status(200)),
    _absent("missing-invoice-is-204", "PDF-3", "A missing invoice is nothing at all.", say_nothing(204)),
    _absent("missing-invoice-is-400", "PDF-3", "A missing invoice is a bad request.", refuse("No such invoice")),
    _absent("missing-invoice-is-401", "PDF-3", "A missing invoice is answered as if the key were wrong.",
            set_status(401)),
    _absent("missing-invoice-is-403", "PDF-3", "A missing invoice is forbidden.", set_status(403)),
    _absent("missing-invoice-is-redirected", "PDF-3", "A missing invoice redirects to a list of all.",
            say_nothing(302, {"location": "/invoices"})),
    _absent("missing-invoice-is-410", "CODES-1", "A missing invoice is said to be gone.",
            say(410, {"message": "Gone"})),
    _absent("missing-invoice-is-500", "CODES-2", "A missing invoice makes the server fail.", fail()),
    Defect("missing-invoice-is-another", _GROUP, "PDF-3", "In the place of a missing invoice, the first one is sent.",
           ask=_send_first),
)  # fmt: skip

_FAILING: Final = (
    _fails("zero-id-is-500", "The id 0 makes the server fail.", lambda given: given == "0"),
    _fails("negative-id-is-500", "A negative id makes the server fail.", lambda given: _number(given) < 0),
    _fails("id-beyond-31-bits-is-500", "An id of 32 to 63 bits makes the server fail.",
           lambda given: _31_BITS <= _number(given) < _63_BITS),
    _fails("id-beyond-63-bits-is-500", "An id of more than 63 bits makes the server fail.",
           lambda given: _number(given) >= _63_BITS),
    _fails("id-of-letters-is-500", "An id that is no number makes the server fail.",
           lambda given: given.isascii() and given.isalpha()),
    _fails("non-ascii-id-is-500", "An id with a letter outside ASCII makes the server fail.",
           lambda given: not given.isascii()),
    _fails("long-id-is-500", "An id of more than 100 characters makes the server fail.",
           lambda given: len(given) > _LONG),
    _fails("id-with-nul-is-500", "An id with a NUL makes the server fail.", lambda given: "\0" in given),
    _fails("id-with-quote-is-500", "An id with a quotation mark makes the server fail, as does a query built of it.",
           lambda given: "'" in given),
    _fails("id-with-percent-is-500", "An id with a per cent sign makes the server fail.", lambda given: "%" in given),
)  # fmt: skip

_TAKEN: Final = (
    _taken("signed-id-accepted", "An id with a plus sign is taken for the one without.", _beginning(r"[+](\d+)$")),
    _taken("padded-id-accepted", "An id with spaces before it is taken for the one without.",
           _beginning(r"\s+(\d+)$")),
    _taken("decimal-id-accepted", "An id with decimals is taken for the whole number.", _beginning(r"(\d+)[.,]\d*$")),
    _taken("id-read-up-to-letter", "An id is read up to its first letter.", _beginning(r"(\d+)[A-Za-z]")),
    _taken("id-read-up-to-sign", "An id is read up to the first sign that is no digit.", _beginning(r"(\d+)\W")),
    _taken("id-of-other-digits-accepted", "Digits of other scripts are taken for ours.", _as_python_reads),
    _taken("id-in-braces-accepted", "An id in brackets or quotation marks is taken for the one inside.",
           _beginning(r"[\[({\"'](\d+)[\])}\"']$")),
    _taken("wildcard-id-accepted", "The ids * and % are taken for the first invoice.",
           lambda given, ids: ids[0] if given in ("*", "%") and ids else None),
    _taken("zero-id-is-first-invoice", "The id 0 is taken for the first invoice.",
           lambda given, ids: ids[0] if given == "0" and ids else None),
    _taken("negative-id-counts-from-end", "The id -1 is taken for the last invoice.",
           lambda given, ids: ids[-1] if given == "-1" and ids else None),
    _taken("id-of-letters-is-first-invoice", "An id of letters is taken for 0, and that for the first invoice.",
           lambda given, ids: ids[0] if given.isalpha() and ids else None),
)  # fmt: skip

INVOICE_DEFECTS: Final = (*_ABSENT, *_FAILING, *_TAKEN)
