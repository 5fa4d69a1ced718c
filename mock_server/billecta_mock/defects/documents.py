"""Defects of invoice documents: what is wrong with the PDF, how it is sent, and who may keep it."""

import base64
import gzip
import re
from collections.abc import Callable
from typing import Final

from billecta_mock.defects.changes import HTML, fail, map_body, miss, only, say_text, set_header, set_status, set_type
from billecta_mock.defects.conditions import is_document
from billecta_mock.defects.defect import Change, Defect, Group
from billecta_mock.defects.scene import Scene
from billecta_mock.http import JSON, Answer

_TAIL: Final = 20
_HOLE: Final = 512
_EVERY: Final = 3
_BROKEN_PAGE: Final = "<!doctype html><title>Billecta</title><p>The document could not be made."


def _sent(name: str, clause: str, sentence: str, change: Change) -> Defect:
    return Defect(name, Group.DOCUMENTS, clause, sentence, answer=only(is_document, change))


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


def _is_third(answer: Answer, scene: Scene) -> bool:
    return is_document(answer, scene) and scene.number % _EVERY == 0


def _was_fetched_before(answer: Answer, scene: Scene) -> bool:
    return is_document(answer, scene) and any(
        exchange.media_type == answer.media_type and exchange.path.endswith(scene.asked.path)
        for exchange in scene.earlier()
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
           answer=only(_was_fetched_before, miss())),
    Defect("every-third-pdf-fails", Group.DOCUMENTS, "CODES-2", "Every third request fails if it is for a document.",
           answer=only(_is_third, fail(502))),
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
           answer=only(_is_third, map_body(lambda body: body[: len(body) // 2]))),
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
