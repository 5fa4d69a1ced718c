"""The handlers of the three operations: the invoice document, and Swish payment requests."""

from collections.abc import Awaitable, Callable, Mapping

from billecta_mock.domain import payments, validation
from billecta_mock.domain.invoices import Invoice
from billecta_mock.domain.payments import Order, Payment
from billecta_mock.domain.presets import PAYS
from billecta_mock.domain.problems import Problem, ReasonCode, invalid, not_found
from billecta_mock.domain.world import Principal
from billecta_mock.http import Handler, ParsedRequest, Response, json_response
from billecta_mock.store.protocol import Store

Draw = Callable[[Invoice], Awaitable[bytes]]
"""The PDF of an invoice."""


class InvoiceOperations:
    """Handlers of the tag `invoices`."""

    def __init__(self, draw: Draw, name_file: Callable[[Invoice], str]) -> None:
        self._draw = draw
        self._name_file = name_file

    def handlers(self) -> Mapping[str, Handler[Principal]]:
        """Each handler under its operation id."""
        return {"fetchInvoicePdf": self.fetch_invoice_pdf}

    async def fetch_invoice_pdf(self, call: ParsedRequest[Principal]) -> Response | Problem:
        """The invoice as PDF, or the one refusal for all that the caller may not or cannot have (PDF-1, PDF-3)."""
        invoice = _find_document(call.principal, call.path["invoice_id"])
        if isinstance(invoice, Problem):
            return invoice
        return await self.send(invoice)

    async def send(self, invoice: Invoice) -> Response:
        """An invoice as PDF, whoever asks for it."""
        headers = (
            (b"content-disposition", f'inline; filename="{self._name_file(invoice)}"'.encode()),
            (b"cache-control", b"private, no-store"),
        )
        return Response(200, "application/pdf", await self._draw(invoice), headers=headers)


def _find_document(principal: Principal, invoice_id: str) -> Invoice | Problem:
    invoice = principal.world.dataset.invoice(invoice_id)
    if invoice is None:
        return not_found(ReasonCode.INVOICE_UNKNOWN, "this world has no invoice with this id")
    if not principal.key.may_see(invoice.id):
        return not_found(ReasonCode.INVOICE_HIDDEN, f"object access hides this invoice from key '{principal.key.name}'")
    if not invoice.has_document:
        return not_found(ReasonCode.DOCUMENT_MISSING, "Billecta has no PDF of this invoice yet")
    return invoice


class PaymentOperations:
    """Handlers of the tag `payments`."""

    def __init__(self, store: Store, new_request_id: Callable[[], str]) -> None:
        self._store = store
        self._new_request_id = new_request_id

    def handlers(self) -> Mapping[str, Handler[Principal]]:
        """Each handler under its operation id."""
        return {"createSwishPayment": self.create_swish_payment, "getSwishPayment": self.get_swish_payment}

    async def create_swish_payment(self, call: ParsedRequest[Principal]) -> Response | Problem:
        """A new payment request, verified in the order parameters, object, upstream (SWISH-1 to SWISH-9)."""
        blank = validation.find_blank(call.query)
        if blank:
            return blank
        invoice = _find_action(call.principal, call.path["id"])
        if isinstance(invoice, Problem):
            return invoice
        order = self._accept(call, invoice)
        if isinstance(order, Problem):
            return order
        payment = self._start(call.principal, order)
        return json_response(201, {"requestid": payment.request_id})

    async def get_swish_payment(self, call: ParsedRequest[Principal]) -> Response | Problem:
        """The status of a payment request as it is now (STATUS-1 to STATUS-4). HEAD is safe, and moves nothing on."""
        database = call.principal.world.database
        found = self._store.payment(database, call.path["id"])
        if found is None:
            return not_found(ReasonCode.PAYMENT_UNKNOWN, "this world has no payment request with this id")
        if not call.principal.key.may_see(found.invoice_id):
            return not_found(
                ReasonCode.PAYMENT_HIDDEN, f"object access hides its invoice from key '{call.principal.key.name}'"
            )
        look = payments.settle if call.method == "HEAD" else payments.poll
        payment = look(found, call.principal.now)
        if payment is not found:
            self._store.put_payment(database, payment)
        return json_response(200, {"requeststatus": payment.status})

    def _accept(self, call: ParsedRequest[Principal], invoice: Invoice) -> Order | Problem:
        """What Billecta and Swish make of the request."""
        phone = validation.normalise_phone(call.query["phone"])
        if isinstance(phone, Problem):
            return phone
        message = call.query["message"]
        refusal = (
            validation.check_message(message)
            or _read_cue(call.principal)
            or validation.check_payable(invoice)
            or self._check_free(call.principal, phone)
        )
        return refusal or Order(invoice.action_id, invoice.id, phone, message)

    def _check_free(self, principal: Principal, phone: str) -> Problem | None:
        if not principal.world.settings.one_live_request_per_phone:
            return None
        previous = self._store.last_payment(principal.world.database, phone)
        return validation.check_free(previous and payments.settle(previous, principal.now))

    def _start(self, principal: Principal, order: Order) -> Payment:
        life = principal.cue.life if principal.cue and principal.cue.life else PAYS
        plan = life.plan(principal.world.settings.pace)
        payment = payments.create(self._new_request_id(), order, plan, principal.now)
        self._store.put_payment(principal.world.database, payment)
        return payment


def _find_action(principal: Principal, action_id: str) -> Invoice | Problem:
    invoice = principal.world.dataset.invoice_of_action(action_id)
    if invoice is None:
        return not_found(ReasonCode.ACTION_UNKNOWN, "this world has no invoice action with this id")
    if not principal.key.may_see(invoice.id):
        return not_found(ReasonCode.ACTION_HIDDEN, f"object access hides its invoice from key '{principal.key.name}'")
    return invoice


def _read_cue(principal: Principal) -> Problem | None:
    """The refusal that a rule has in store for this request."""
    refusal = principal.cue.refusal if principal.cue else None
    return invalid(refusal.code, refusal.code, refusal.message) if refusal else None
