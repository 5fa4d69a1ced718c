"""The way from an invoice to its PDF."""

from billecta_mock.domain.invoices import Invoice


def render_invoice(invoice: Invoice) -> bytes:
    """The PDF document of an invoice: well-formed, searchable, the same bytes for the same invoice (PDF-1, PDF-2).

    It shows what Swedish law asks of an invoice, whatever its state: paying one does not change its document.
    Characters for which the typeface has no glyph (it has those of Latin, Greek and Cyrillic) show as a square.
    The first call loads the PDF library, which takes some tenths of a second.
    """
    # The PDF library is loaded here, so that a server starts without waiting for it.
    from billecta_mock.documents.drawing import draw  # noqa: PLC0415

    return draw(invoice)
