"""The deployment as the checks see it: identities, known ids, and answers that checks share."""

from __future__ import annotations

import random
from collections.abc import Iterator
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from billecta_verify.config.phones import FICTION
from billecta_verify.oracles.comparison import Restless
from billecta_verify.outcomes import Inconclusive, NotExercised
from billecta_verify.transport.client import Transport
from billecta_verify.transport.errors import NoAnswerError
from billecta_verify.transport.exchange import Credential, Effect, Exchange, Purpose, Request, Text
from billecta_verify.transport.operations import create_payment, fetch_invoice, valid
from billecta_verify.transport.recorder import without_body
from billecta_verify.transport.request_analysis import READING_METHODS
from billecta_verify.transport.safety import (
    BudgetSpentError,
    ConsentMissingError,
    KindStoppedError,
    OutOfPatienceError,
    SilentDeploymentError,
)
from billecta_verify.transport.unknown_ids import absent_number, marked_id

if TYPE_CHECKING:
    from billecta_verify.config.target import Target

_NO_ADMISSION: Final = frozenset({401, 404, 405})
NOT_ACCEPTED: Final = "the key was not accepted: wrong key, wrong base URL, or masked"
CONTROL_KIND: Final = "create without message"
_OF_A_GATEWAY: Final = frozenset({502, 503, 504})
_MODEL_OF_A_REQUEST_ID: Final = "5E6FA3C0B1D94D6E8C7F0A1B2C3D4E5F"


class Deployment:
    """Sends requests for the checks and shares what was observed among them."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self.target: Target = transport.target
        self.api_key = Text(self.target.api_key, "$BILLECTA_API_KEY")
        self.valid = valid(self.api_key)
        self.was_key_accepted = False
        self._observed: dict[Request, Exchange] = {}
        self._failed: dict[Request, Inconclusive] = {}
        self.phone_prefix = ""
        """What the deployment wants before a country code that the page has without it; see Payments."""
        self.restless = Restless()
        self.strays: list[Exchange] = []
        self.failures_of_gateway: list[Exchange] = []

    @property
    def is_key_accepted(self) -> bool:
        """Whether an answer was seen that only a valid key gets."""
        return self.was_key_accepted or self.transport.is_key_seen

    @property
    def random(self) -> random.Random:
        """A source of chance that begins anew from the run's seed, so that every check is reproducible by itself."""
        return random.Random(self.target.seed)  # noqa: S311 — reproducible, not secret

    @property
    def limited(self) -> Credential:
        """The key that sees only some of the invoices."""
        return self._given_key("limited_key", "the limited key", "a valid key that may not see every invoice")

    @property
    def read_only(self) -> Credential:
        """The key that may not create payments."""
        what = "a valid key that the permission model forbids to create payments"
        return self._given_key("read_only_key", "the read-only key", what)

    @property
    def denied(self) -> Credential:
        """The valid key that may use no operation."""
        return self._given_key(
            "denied_key", "the denied key", "a valid key that the permission model forbids everything"
        )

    @property
    def foreign(self) -> Credential:
        """The key that is valid for another database."""
        what = "a key of another database, best of one for tests"
        return self._given_key("foreign_key", "a key of another database", what)

    def _given_key(self, field: str, name: str, what: str) -> Credential:
        """A key of the target by its field. Raises NotExercised, with what to supply, where it was not given."""
        value = getattr(self.target, field)
        if value is None:
            raise NotExercised(f"--{field.replace('_', '-')}: {what}")
        return Credential(name, Text(value, f"$BILLECTA_{field.upper()}"))

    @property
    def invoice_id(self) -> Text:
        """An invoice that the API key may read."""
        if self.target.invoice_id is None:
            raise NotExercised("--invoice-id: an invoice that the API key may read")
        return Text(self.target.invoice_id, "$BILLECTA_INVOICE_ID")

    @property
    def hidden_invoice_id(self) -> Text:
        """An invoice that exists and that the limited key (or the only one) may not see."""
        if self.target.hidden_invoice_id is None:
            raise NotExercised("--hidden-invoice-id: an invoice that exists and is hidden from the limited key")
        return Text(self.target.hidden_invoice_id, "$BILLECTA_HIDDEN_INVOICE_ID")

    @property
    def action_id(self) -> Text:
        """An invoice action that can be paid."""
        if self.target.action_id is None:
            raise NotExercised("--action-id: the public id of an invoice action")
        return Text(self.target.action_id, "$BILLECTA_ACTION_ID")

    @property
    def harmless_phone(self) -> Text:
        """A number of the range for fiction, for requests that must be refused, as the deployment takes numbers."""
        return Text.plain(self.phone_prefix + FICTION[-1])

    def send(self, request: Request) -> Exchange:
        """Send a request. A read that gets no answer is sent once more; what may have changed something never is.

        Raises Inconclusive when nothing comes back or the rate is limited, NotExercised when the budget is spent.
        """
        if request in self._failed:
            raise self._failed[request]
        try:
            return self._answered(request)
        except Inconclusive as failure:
            if request.method not in READING_METHODS:
                self._failed[request] = failure
            raise

    def _answered(self, request: Request) -> Exchange:
        try:
            exchange = self._sent(request)
        except NoAnswerError as error:
            doubt = "; it may have been carried out, and is not sent again" if _may_have_acted(request, error) else ""
            raise Inconclusive(f"{request.method} got no answer: {error}{doubt}") from error
        except BudgetSpentError as error:
            if error.budget == "requests":
                raise Inconclusive(f"{error}: raise --max-requests") from error
            raise NotExercised(f"{error}: raise --allow-payments") from error
        except (OutOfPatienceError, SilentDeploymentError) as error:
            raise Inconclusive(str(error)) from error
        except KindStoppedError as error:
            raise NotExercised(str(error)) from error
        except ConsentMissingError as error:
            raise NotExercised(f"--allow-payments N: {error}") from error
        if exchange.status == HTTPStatus.TOO_MANY_REQUESTS:
            raise Inconclusive(f"{request.method} was answered 429 and is not sent again: lower --rate-limit")
        exchange = self._confirmed(exchange)
        if exchange.is_kept:
            self._observed.setdefault(request, exchange)
        elif request.method not in READING_METHODS:
            self._observed.setdefault(request, without_body(exchange))
        return exchange

    def observe(self, request: Request) -> Exchange:
        """The answer to a request, sent only if no check has sent the same before."""
        return self._observed[request] if request in self._observed else self.send(request)

    @property
    def history(self) -> list[Exchange]:
        """Every exchange so far, but for a single failure that did not stay: that is told by CODES-2 alone."""
        strays = [*self.strays, *self.failures_of_gateway]
        return [exchange for exchange in self.transport.ledger.exchanges if len(strays) > 1 or exchange not in strays]

    def repeated(self, request: Request, times: int) -> list[Exchange]:
        """At least so many answers to the same read, in order: those of other checks, and as many new ones as lack."""
        known = [exchange for exchange in self.history if exchange.request == request]
        return known + [self.send(request) for _ in range(times - len(known))]

    def absent_ids(self, model: Text, count: int) -> list[Text]:
        """Ids that name nothing and that the guard knows for that: what is done to them is done to nobody.

        They are of the form of `model` where that is long enough, and longer where ids of its form may be given out.
        """
        chance = self.random
        return [Text.plain(marked_id(model.sent, self.target.seed, chance)) for _ in range(count)]

    def absent_invoices(self, count: int) -> list[Text]:
        """Invoice ids that name nothing, for reads."""
        return self._absent_to_read(self.target.invoice_id or "1001", count)

    def absent_request_ids(self, count: int, model: Text | None = None) -> list[Text]:
        """Request ids that name nothing, of the form of a real one where one is known, for reads."""
        return self._absent_to_read(model.sent if model else _MODEL_OF_A_REQUEST_ID, count)

    def _absent_to_read(self, model: str, count: int) -> list[Text]:
        chance, seed = self.random, self.target.seed
        return [Text.plain(absent_number(model, chance) or marked_id(model, seed, chance)) for _ in range(count)]

    def accepted_key(self) -> Exchange:
        """An answer that only a valid key gets: the positive control for everything that is said about keys.

        It is the readable invoice, or else the refusal of a create that lacks a parameter. Raises Inconclusive when
        the key is accepted on nothing: a masked deployment answers a wrong key like that, and nothing is known.
        """
        for exchange in self._controls():
            if _shows_an_accepted_key(exchange):
                self.was_key_accepted = True
                return exchange
        raise Inconclusive(NOT_ACCEPTED)

    def accepted_invoice(self) -> Exchange:
        """The readable invoice as the valid key gets it. Raises Inconclusive when it is not readable."""
        exchange = self.observe(fetch_invoice(self.invoice_id, self.valid))
        self.accepted_key()
        if exchange.status in {401, 403, 404} or exchange.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise Inconclusive(f"the invoice of --invoice-id is answered {exchange.status} to the API key")
        return exchange

    def key_that_sees_less(self) -> Credential:
        """The key from which the hidden invoice is hidden, known to be accepted on something.

        Raises Inconclusive otherwise: 404 may be the answer to a wrong key.
        """
        credential = self.limited if self.target.limited_key else self.valid
        known = (self.invoice_id, self.hidden_invoice_id)
        answers = [self.observe(fetch_invoice(invoice_id, credential)) for invoice_id in known]
        if all(answer.status in {401, 404} for answer in answers):
            raise Inconclusive(f"{credential.name} was accepted on nothing; let it read the invoice of --invoice-id")
        return credential

    def incomplete_create(self) -> Exchange:
        """What a create gets that lacks its message: it must be refused, but for another reason than the key.

        It has a fictional phone: a deployment that supplies what is missing must not supply the customer's.
        """
        current = self.transport.purpose
        request = create_payment(self.action_id, self.valid, phone=self.harmless_phone, message=None)
        with self.transport.under(Purpose(current.check, current.clause, Effect.NONE, CONTROL_KIND)):
            return self.observe(request)

    def require_judged_parameters(self) -> None:
        """The key, and the action, are good enough for the parameters to matter. Raises Inconclusive otherwise."""
        self.accepted_key()
        status = self.incomplete_create().status
        if status in {401, 403, 404}:
            raise Inconclusive(
                f"a create with the API key is answered {status} before its parameters are judged: the action may not "
                "exist, or the key may not create"
            )

    def _confirmed(self, exchange: Exchange) -> Exchange:
        """A read that a gateway failed is asked once more: a failure that stays is a fact, one that goes is a stray.

        Of something that may not be sent twice, the first such answer says nothing, for it may be a stray as well.
        """
        request = exchange.request
        if exchange.status not in _OF_A_GATEWAY:
            return exchange
        if request.method not in READING_METHODS:
            if self.failures_of_gateway:
                return exchange
            self.failures_of_gateway.append(exchange)
            raise Inconclusive(f"{request.method} was answered {exchange.status} once, and is not sent again")
        again = self._sent(request)
        if again.status in _OF_A_GATEWAY or again.status == HTTPStatus.TOO_MANY_REQUESTS:
            return exchange
        self.strays.append(exchange)
        return again

    def _controls(self) -> Iterator[Exchange]:
        if self.target.invoice_id is not None:
            yield self.observe(fetch_invoice(self.invoice_id, self.valid))
        if self.target.action_id is not None:
            yield self.incomplete_create()

    def _sent(self, request: Request) -> Exchange:
        try:
            return self.transport.send(request)
        except NoAnswerError:
            if request.method not in {"GET", "HEAD"}:
                raise
            return self.transport.send(request)


def _shows_an_accepted_key(exchange: Exchange) -> bool:
    """Whether only a valid key gets such an answer: no refusal, no way to somewhere else, and no failure."""
    redirects = HTTPStatus.MULTIPLE_CHOICES <= exchange.status < HTTPStatus.BAD_REQUEST
    failed = exchange.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return not redirects and not failed and exchange.status not in _NO_ADMISSION


def _may_have_acted(request: Request, error: NoAnswerError) -> bool:
    return error.sent and request.method not in READING_METHODS
