"""What a newcomer reads first: where the pages are, and a line to paste for each operation that works as it stands."""

import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from billecta_mock.domain.auth import ApiKey
from billecta_mock.domain.invoices import Invoice
from billecta_mock.domain.world import Dataset

_FETCH: Final = "fetchInvoicePdf"
_CREATE: Final = "createSwishPayment"
_READ: Final = "getSwishPayment"
_IN_ITS_PLACE: Final = "ADMIN-TOKEN"
_QUERY: Final = "phone=46701740605&message=Invoice+123"

_TEXT: Final = """\
Lime-Billecta mock: {origin}
  documentation   {origin}/docs
  control plane   {origin}/docs/__admin
  keys            {keys}
{notes}\

An invoice as PDF:
  {fetch}

A Swish payment request, then its status (put the requestid in the place of REQUESTID):
  {create}
  {read}

Why an answer was what it was (the true reason, under a masked 404 too):
  {why}

Ctrl-C stops it.
"""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a client must show, trust or know: `ca`, an authority that is new to it; `certificate`, one of its own.

    `token` is the control plane's, None where it asks for none; it is written out only where it was `made_up`, for
    whoever gave one knows it. `elsewhere` is where other machines may find the server.
    """

    ca: Path | None = None
    certificate: Path | None = None
    token: str | None = None
    made_up: bool = False
    elsewhere: str | None = None

    def curl(self) -> str:
        """The beginning of a line to paste."""
        trusted = f" --cacert {shlex.quote(str(self.ca.absolute()))}" if self.ca else ""
        shown = f" --cert {shlex.quote(str(self.certificate.absolute()))}" if self.certificate else ""
        return f"curl{trusted}{shown}"

    def authorisation(self) -> str:
        """The part of such a line that lets it into the control plane."""
        if self.token is None:
            return ""
        return f'-H "Authorization: Bearer {self.token if self.made_up else _IN_ITS_PLACE}" '

    def notes(self) -> str:
        """What there is to know of all this, one line each."""
        lines = []
        if self.token is not None:
            shown = (
                "made up for this run: see the last line" if self.made_up else f"as given; put it for {_IN_ITS_PLACE}"
            )
            lines.append(f"  admin token     {shown}\n")
        if self.elsewhere:
            lines.append(f"  other machines  {self.elsewhere}, if they know this name\n")
        if self.ca:
            lines.append(f"  trust           {self.ca.absolute()}\n")
        return "".join(lines)


def write_banner(origin: str, url: str, dataset: Dataset, credentials: Credentials | None = None) -> str:
    """The text for a server at `origin` whose first world has the base URL `url` and was seeded with `dataset`."""
    credentials = credentials or Credentials()
    curl = credentials.curl()
    return _TEXT.format(
        origin=origin,
        keys=", ".join(f"{key.value} ({key.name})" for key in dataset.keys) or "none in this seed",
        notes=credentials.notes(),
        fetch=_fetch_line(curl, url, dataset),
        create=_create_line(curl, url, dataset),
        read=_read_line(curl, url, dataset),
        why=f'{curl} {credentials.authorisation()}"{origin}/__admin/worlds/database/requests?limit=1"',
    )


def _fetch_line(curl: str, url: str, dataset: Dataset) -> str:
    for key, invoice in _pairs(dataset, _FETCH, lambda invoice: invoice.has_document):
        return f"{curl} {_header(key)} {shlex.quote(f'{url}/fetch-invoice-pdf/{quote(invoice.id)}/')} -o faktura.pdf"
    return "(no key of this seed may fetch any of its invoices)"


def _create_line(curl: str, url: str, dataset: Dataset) -> str:
    for key, invoice in _pairs(dataset, _CREATE, lambda invoice: invoice.outstanding > 0):
        return f'{curl} -X POST {_header(key)} "{url}/payments/swish/{quote(invoice.action_id)}?{_QUERY}"'
    return "(no key of this seed may create a payment for any of its invoices)"


def _read_line(curl: str, url: str, dataset: Dataset) -> str:
    for key in dataset.keys:
        if key.may_call(_READ):
            return f"{curl} {_header(key)} {url}/payments/swish/REQUESTID"
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
