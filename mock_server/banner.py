"""What a newcomer reads first: where the pages are, and a line to paste for each operation that works as it stands."""

import shlex
from collections.abc import Callable, Iterator
from typing import Final
from urllib.parse import quote

from mock_server.domain.access import ApiKey
from mock_server.domain.dataset import Dataset
from mock_server.domain.invoices import Invoice

_FETCH: Final = "fetchInvoicePdf"
_CREATE: Final = "createSwishPayment"
_READ: Final = "getSwishPayment"
_QUERY: Final = "phone=46701740605&message=Invoice+123"

_TEXT: Final = """\
Lime-Billecta mock: {origin}
  documentation   {origin}/docs
  control plane   {origin}/docs/__admin
  keys            {keys}

An invoice as PDF:
  {fetch}

A Swish payment request, then its status (put the requestid in the place of REQUESTID):
  {create}
  {read}

Why an answer was what it was (the true reason, under a masked 404 too):
  curl "{origin}/__admin/worlds/database/requests?limit=1"

Ctrl-C stops it.
"""


def write_banner(origin: str, url: str, dataset: Dataset) -> str:
    """The text for a server at `origin` whose first world has the base URL `url` and was seeded with `dataset`."""
    return _TEXT.format(
        origin=origin,
        keys=", ".join(f"{key.value} ({key.name})" for key in dataset.keys) or "none in this seed",
        fetch=_fetch_line(url, dataset),
        create=_create_line(url, dataset),
        read=_read_line(url, dataset),
    )


def _fetch_line(url: str, dataset: Dataset) -> str:
    for key, invoice in _pairs(dataset, _FETCH, lambda invoice: invoice.has_document):
        return f"curl {_header(key)} {shlex.quote(f'{url}/fetch-invoice-pdf/{quote(invoice.id)}/')} -o faktura.pdf"
    return "(no key of this seed may fetch any of its invoices)"


def _create_line(url: str, dataset: Dataset) -> str:
    for key, invoice in _pairs(dataset, _CREATE, lambda invoice: invoice.outstanding > 0):
        return f'curl -X POST {_header(key)} "{url}/payments/swish/{quote(invoice.action_id)}?{_QUERY}"'
    return "(no key of this seed may create a payment for any of its invoices)"


def _read_line(url: str, dataset: Dataset) -> str:
    for key in dataset.keys:
        if key.may_call(_READ):
            return f"curl {_header(key)} {url}/payments/swish/REQUESTID"
    return "(no key of this seed may read a status)"


def _pairs(dataset: Dataset, operation: str, suits: Callable[[Invoice], bool]) -> Iterator[tuple[ApiKey, Invoice]]:
    """Keys that may call the operation, each with the invoices that it sees and that suit; page's examples first."""
    invoices = sorted(filter(suits, dataset.invoices), key=lambda invoice: invoice.action_id != "action123")
    for key in dataset.keys:
        if key.may_call(operation):
            yield from ((key, invoice) for invoice in invoices if key.may_see(invoice.id))


def _header(key: ApiKey) -> str:
    quoted = shlex.quote(f"x-api-key: {key.value}")
    return f"-H {quoted}"
