"""The handlers of the three operations: the invoice document, and Swish payment requests."""

from collections.abc import Awaitable, Callable, Mapping

from billecta_mock.domain import payments, validation
from billecta_mock.domain.invoices import Invoice
from billecta_mock.domain.payments import Order, Payment
from billecta_mock.domain.presets import PAYS
from billecta_mock.domain.problems import Reason, Refusal, invalid, not_found
from billecta_mock.domain.world import Caller
from billecta_mock.http import Answer, Call, Handler, json_answer
from billecta_mock.store.protocol import Store

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


class PaymentOperations:
    """Handlers of the tag `payments`."""

    def __init__(self, store: Store, new_request_id: Callable[[], str]) -> None:
        self._store = store
        self._new_request_id = new_request_id

    def handlers(self) -> Mapping[str, Handler[Caller]]:
        """Each handler under its operation id."""
        return {"createSwishPayment": self.create_swish_payment, "getSwishPayment": self.get_swish_payment}

    async def create_swish_payment(self, call: Call[Caller]) -> Answer | Refusal:
        """A new payment request, judged in the order parameters, object, upstream (SWISH-1 to SWISH-9)."""
        blank = validation.find_blank(call.query)
        if blank:
            return blank
        invoice = _find_action(call.caller, call.path["id"])
        if isinstance(invoice, Refusal):
            return invoice
        order = self._accept(call, invoice)
        if isinstance(order, Refusal):
            return order
        payment = self._start(call.caller, order)
        return json_answer(201, {"requestid": payment.request_id})

    async def get_swish_payment(self, call: Call[Caller]) -> Answer | Refusal:
        """The status of a payment request as it is now (STATUS-1 to STATUS-4). HEAD is safe, and moves nothing on."""
        database = call.caller.world.database
        found = self._store.payment(database, call.path["id"])
        if found is None:
            return not_found(Reason.PAYMENT_UNKNOWN, "this world has no payment request with this id")
        if not call.caller.key.may_see(found.invoice_id):
            return not_found(
                Reason.PAYMENT_HIDDEN, f"object access hides its invoice from key '{call.caller.key.name}'"
            )
        look = payments.settle if call.method == "HEAD" else payments.poll
        payment = look(found, call.caller.now)
        if payment is not found:
            self._store.put_payment(database, payment)
        return json_answer(200, {"requeststatus": payment.status})

    def _accept(self, call: Call[Caller], invoice: Invoice) -> Order | Refusal:
        """What Billecta and Swish make of the request."""
        phone = validation.normalise_phone(call.query["phone"])
        if isinstance(phone, Refusal):
            return phone
        message = call.query["message"]
        refusal = (
            validation.check_message(message)
            or _read_cue(call.caller)
            or validation.check_payable(invoice)
            or self._check_free(call.caller, phone)
        )
        return refusal or Order(invoice.action_id, invoice.id, phone, message)

    def _check_free(self, caller: Caller, phone: str) -> Refusal | None:
        if not caller.world.settings.one_live_request_per_phone:
            return None
        previous = self._store.last_payment(caller.world.database, phone)
        return validation.check_free(previous and payments.settle(previous, caller.now))

    def _start(self, caller: Caller, order: Order) -> Payment:
        life = caller.cue.life if caller.cue and caller.cue.life else PAYS
        plan = life.plan(caller.world.settings.pace)
        payment = payments.create(self._new_request_id(), order, plan, caller.now)
        self._store.put_payment(caller.world.database, payment)
        return payment


def _find_action(caller: Caller, action_id: str) -> Invoice | Refusal:
    invoice = caller.world.dataset.invoice_of_action(action_id)
    if invoice is None:
        return not_found(Reason.ACTION_UNKNOWN, "this world has no invoice action with this id")
    if not caller.key.may_see(invoice.id):
        return not_found(Reason.ACTION_HIDDEN, f"object access hides its invoice from key '{caller.key.name}'")
    return invoice


def _read_cue(caller: Caller) -> Refusal | None:
    """The refusal that a rule has in store for this request."""
    refusal = caller.cue.refusal if caller.cue else None
    return invalid(refusal.code, refusal.code, refusal.message) if refusal else None
