"""Operations on invoice documents."""

from collections.abc import Awaitable, Callable, Mapping

from billecta_mock.domain.invoices import Invoice
from billecta_mock.domain.problems import Reason, Refusal, not_found
from billecta_mock.domain.world import Caller
from billecta_mock.http import Answer, Call, Handler

Draw = Callable[[Invoice], Awaitable[bytes]]
"""The PDF of an invoice."""


class InvoiceOperations:
    """Handlers of the tag `invoices`."""

    def __init__(self, draw: Draw, name_file: Callable[[Invoice], str]) -> None:
        self._draw = draw
        self._name_file = name_file

    def handlers(self) -> Mapping[str, Handler[Caller]]:
        """Each handler under its operation id."""
        return {"fetchInvoicePdf": self.fetch_invoice_pdf}

    async def fetch_invoice_pdf(self, call: Call[Caller]) -> Answer | Refusal:
        """The invoice as PDF, or the one refusal for all that the caller may not or cannot have (PDF-1, PDF-3)."""
        invoice = _find_document(call.caller, call.path["invoice_id"])
        if isinstance(invoice, Refusal):
            return invoice
        return await self.send(invoice)

    async def send(self, invoice: Invoice) -> Answer:
        """An invoice as PDF, whoever asks for it."""
        headers = (
            (b"content-disposition", f'inline; filename="{self._name_file(invoice)}"'.encode()),
            (b"cache-control", b"private, no-store"),
        )
        return Answer(200, "application/pdf", await self._draw(invoice), headers=headers)


def _find_document(caller: Caller, invoice_id: str) -> Invoice | Refusal:
    invoice = caller.world.dataset.invoice(invoice_id)
    if invoice is None:
        return not_found(Reason.INVOICE_UNKNOWN, "this world has no invoice with this id")
    if not caller.key.may_see(invoice.id):
        return not_found(Reason.INVOICE_HIDDEN, f"object access hides this invoice from key '{caller.key.name}'")
    if not invoice.has_document:
        return not_found(Reason.DOCUMENT_MISSING, "Billecta has no PDF of this invoice yet")
    return invoice
