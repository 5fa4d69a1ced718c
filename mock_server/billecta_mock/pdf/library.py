"""The documents of invoices: drawn once, off the event loop, and kept in memory within a bound."""

import asyncio
import re
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock

from billecta_mock.domain.invoices import Invoice


class DocumentLibrary:
    """Serves the PDFs of invoices. They are looked up by what the invoice says, so a changed one is drawn again.

    At most `max_bytes` of documents are kept; the ones that were asked for longest ago go first. May be used from
    several event loops at once.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._kept_bytes = 0
        self._kept: OrderedDict[Invoice, bytes] = OrderedDict()
        self._being_drawn: dict[Invoice, Future[bytes]] = {}
        self._lock = Lock()
        # One thread: drawing holds the interpreter anyway, and the loop keeps its turn.
        self._draughtsman = ThreadPoolExecutor(max_workers=1, thread_name_prefix="invoice-documents")

    async def document(self, invoice: Invoice) -> bytes:
        """The PDF of an invoice, drawn at most once however many ask for it at the same time (PDF-1, PDF-2)."""
        with self._lock:
            kept = self._kept.get(invoice)
            if kept is not None:
                self._kept.move_to_end(invoice)
                return kept
            drawing = self._being_drawn.get(invoice) or self._begin(invoice)
        return await asyncio.wrap_future(drawing)

    def close(self) -> None:
        """Stop the drawing thread; documents that were asked for are still finished."""
        self._draughtsman.shutdown()

    def _begin(self, invoice: Invoice) -> Future[bytes]:
        drawing: Future[bytes] = Future()
        # A caller who gives up cancels its wait; as "running", the drawing is not cancelled for the others.
        drawing.set_running_or_notify_cancel()
        self._draughtsman.submit(self._draw, invoice, drawing)
        self._being_drawn[invoice] = drawing
        return drawing

    def _draw(self, invoice: Invoice, drawing: Future[bytes]) -> None:
        # The first document loads the PDF library, some tenths of a second: a server starts without waiting for it.
        from billecta_mock.pdf.invoice import render_invoice  # noqa: PLC0415

        try:
            document = render_invoice(invoice)
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait for the document must learn it
            self._finish(invoice)
            drawing.set_exception(error)
        else:
            self._finish(invoice, document)
            drawing.set_result(document)

    def _finish(self, invoice: Invoice, document: bytes | None = None) -> None:
        with self._lock:
            del self._being_drawn[invoice]
            if document is not None:
                self._keep(invoice, document)

    def _keep(self, invoice: Invoice, document: bytes) -> None:
        if len(document) > self._max_bytes:
            return
        self._kept[invoice] = document
        self._kept_bytes += len(document)
        while self._kept_bytes > self._max_bytes:
            _, dropped = self._kept.popitem(last=False)
            self._kept_bytes -= len(dropped)


def filename(invoice: Invoice) -> str:
    """What the document is called as a file, in ASCII letters, digits and hyphens: `faktura-1001.pdf`."""
    return f"faktura-{re.sub(r'[^A-Za-z0-9]+', '-', invoice.number).strip('-')}.pdf"
