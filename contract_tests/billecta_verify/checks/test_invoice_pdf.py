"""PDF-1 to PDF-4 and SEC-3: the invoice as a document."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import pytest

from billecta_verify.fixtures import assertions
from billecta_verify.fixtures.deployment import CONTROL_KIND, Deployment
from billecta_verify.fixtures.diagnosis import AccessFault, diagnose_invoice
from billecta_verify.fixtures.outcomes import Failure, NotExercised
from billecta_verify.oracles.pdf import pdf_flaw
from billecta_verify.transport.exchange import Exchange, Text
from billecta_verify.transport.operations import fetch_invoice

STRANGE_IDS = {
    "zero": "0",
    "negative": "-1",
    "huge": "9" * 30,
    "beyond 32 bits": "4294967296",
    "beyond 64 bits": "9223372036854775808",
    "very long": "7" * 300,
    "letters": "nan",
    "a GUID": "7d9f3b52-6c1e-4a08-9f47-2be0c15a8d36",
    "an exponent": "1e999",
    "letters and symbols outside ASCII": "åäö🧾",
    "non-ASCII digits": "٩٩٩٩٩٩٩٩",
    "digits that are no numbers": "²³",
    "a space": "1 0",
    "a wildcard of SQL": "%",
    "a wildcard of a shell": "*",
}
SUSPICIOUS = frozenset({"a wildcard of SQL", "a wildcard of a shell"})
"""Forms that a firewall in front may refuse by 403 on its own."""
DISGUISES: dict[str, Callable[[str], str]] = {
    "in quotation marks": "'{}'".format,
    "after a space": " {}".format,
    "beyond 32 bits": lambda known: str(int(known) + 2**32) if known.isdecimal() else known,
    "in digits of another script": lambda known: known.translate({ord("0") + n: chr(0xFF10 + n) for n in range(10)}),
}
STRETCHED_IDS = {
    "NUL": "%00",
    "a line break": "%0A",
    "no UTF-8": "%FF%FE",
    "a slash": "1%2F2",
    "signs": "%3C%3A%22%5C%7C%26%3B",
}
"""Ids at which a server in front of the application may take offence by itself: it may well say 403."""


@pytest.mark.clause("PDF-1", effect="none", kind=CONTROL_KIND)
def test_a_readable_invoice_is_a_pdf(deployment: Deployment) -> None:
    answer = deployment.observe(fetch_invoice(deployment.invoice_id, deployment.valid))
    assertions.no_server_error(answer)
    assertions.assert_no_fault(diagnose_invoice(deployment), AccessFault.RESOURCE_DENIED, "200 for a readable invoice")
    deployment.require_accepted_invoice()
    assertions.status(answer, {200}, "for a readable invoice")
    if answer.media_type != "application/pdf":
        raise Failure(expected="Content-Type: application/pdf", observed=answer.describe(), exchange=answer)


@pytest.mark.clause("PDF-1", effect="read")
def test_a_readable_invoice_is_a_pdf_whatever_coding_the_client_accepts(deployment: Deployment) -> None:
    answer = _plain_copy(deployment)
    assertions.status(answer, {200}, "for a readable invoice, with Accept-Encoding: identity")
    if answer.media_type != "application/pdf":
        raise Failure(expected="Content-Type: application/pdf", observed=answer.describe(), exchange=answer)


@pytest.mark.clause("PDF-1", effect="read")
def test_a_readable_invoice_is_given_to_who_would_rather_have_another_type(deployment: Deployment) -> None:
    deployment.require_accepted_invoice()
    headers = (("Accept", "text/html, application/pdf;q=0.9, */*;q=0.1"),)
    answer = deployment.observe(fetch_invoice(deployment.invoice_id, deployment.valid, headers=headers))
    assertions.status(answer, {200}, "for a readable invoice, with an Accept that takes it")


@pytest.mark.clause("PDF-1", effect="read")
def test_a_readable_invoice_is_given_to_who_takes_nothing_else(deployment: Deployment) -> None:
    deployment.require_accepted_invoice()
    headers = (("Accept", "application/pdf"),)
    answer = deployment.observe(fetch_invoice(deployment.invoice_id, deployment.valid, headers=headers))
    assertions.status(answer, {200}, "for a readable invoice, with Accept: application/pdf")


@pytest.mark.last
@pytest.mark.clause("PDF-1", effect="read")
def test_every_copy_of_the_document_had_the_type_of_a_pdf(deployment: Deployment) -> None:
    asked = _readable(deployment).request
    for exchange in deployment.history:
        is_copy = exchange.status == 200 and exchange.request.path == asked.path and exchange.request.method == "GET"
        key = exchange.request.credential.value
        if is_copy and key and key.sent in deployment.target.keys and exchange.media_type != "application/pdf":
            raise Failure(
                expected="Content-Type: application/pdf every time", observed=exchange.describe(), exchange=exchange
            )


@pytest.mark.clause("PDF-2", effect="read")
def test_the_document_is_whole_and_well_formed(deployment: Deployment) -> None:
    answer = _readable(deployment)
    assertions.no_flaw(answer, pdf_flaw(answer), "one whole, well-formed PDF")


@pytest.mark.clause("PDF-2", effect="read")
def test_the_document_is_whole_without_a_content_coding(deployment: Deployment) -> None:
    _readable(deployment)
    answer = _plain_copy(deployment)
    assertions.no_flaw(answer, pdf_flaw(answer), "one whole, well-formed PDF with Accept-Encoding: identity")


@pytest.mark.last
@pytest.mark.clause("PDF-2", effect="read")
def test_every_copy_of_the_document_was_whole(deployment: Deployment) -> None:
    _readable(deployment)
    judged: set[bytes] = set()
    for exchange in deployment.history:
        is_document = exchange.status == 200 and exchange.media_type == "application/pdf" and exchange.is_kept
        if is_document and exchange.request.method == "GET":
            if exchange.wire not in judged:
                assertions.no_flaw(exchange, pdf_flaw(exchange), "one whole, well-formed PDF every time")
            judged.add(exchange.wire)


@pytest.mark.parametrize("number", range(2))
@pytest.mark.clause("PDF-3", effect="read")
def test_an_absent_invoice_is_not_found(deployment: Deployment, number: int) -> None:
    deployment.require_accepted_invoice()
    answer = deployment.observe(fetch_invoice(deployment.unknown_invoices(2)[number], deployment.valid))
    assertions.status(answer, {404}, "for an invoice that does not exist")


@pytest.mark.clause("PDF-3", effect="read")
def test_a_hidden_invoice_is_not_found(deployment: Deployment) -> None:
    hidden = deployment.hidden_invoice_id
    answer = deployment.observe(fetch_invoice(hidden, deployment.key_that_sees_less()))
    assertions.status(answer, {403, 404}, "for an invoice that is hidden from the key")


@pytest.mark.parametrize("form", STRANGE_IDS)
@pytest.mark.clause("PDF-4", effect="read")
def test_an_id_of_another_form_names_no_invoice(deployment: Deployment, form: str) -> None:
    deployment.require_accepted_invoice()
    strange = STRANGE_IDS[form]
    if strange in {deployment.target.invoice_id, deployment.target.hidden_invoice_id}:
        raise NotExercised(f"an invoice whose id is not {strange}")
    allowed = {400, 403, 404} if form in SUSPICIOUS else {400, 404}
    _expect_no_invoice(deployment.observe(fetch_invoice(Text.plain(strange), deployment.valid)), allowed)


@pytest.mark.clause("PDF-4", effect="read")
def test_a_known_id_with_a_sign_names_no_invoice(deployment: Deployment) -> None:
    """A sign is another form, as it is in a negative id. Leading zeros are not: a whole number has none of its own."""
    deployment.require_accepted_invoice()
    known = deployment.invoice_id
    _expect_no_invoice(deployment.observe(fetch_invoice(Text(f"+{known.sent}", f"+{known.shown}"), deployment.valid)))


@pytest.mark.parametrize("form", DISGUISES)
@pytest.mark.clause("PDF-4", effect="read")
def test_a_known_id_in_disguise_names_no_invoice(deployment: Deployment, form: str) -> None:
    deployment.require_accepted_invoice()
    known, disguise = deployment.invoice_id, DISGUISES[form]
    sent = disguise(known.sent)
    if sent == known.sent:
        raise NotExercised(f"an id of digits: this one is the same {form}")
    disguised = Text(sent, f"<{known.shown} {form}>")
    answer = deployment.observe(fetch_invoice(disguised, deployment.valid, well_formed=False))
    _expect_no_invoice(answer, {400, 403, 404})


@pytest.mark.parametrize("form", STRETCHED_IDS)
@pytest.mark.clause("PDF-4", effect="read")
def test_an_id_that_stretches_the_url_names_no_invoice(deployment: Deployment, form: str) -> None:
    deployment.require_accepted_invoice()
    request = fetch_invoice(Text.encoded(STRETCHED_IDS[form]), deployment.valid, well_formed=False)
    _expect_no_invoice(deployment.observe(request), {400, 403, 404})


@pytest.mark.parametrize("suffix", ["x", ".0", ".5", "-0", ".pdf", "%00", "%0A", "%20", "%3B%2C%23%3Fx"])
@pytest.mark.clause("PDF-4", effect="read")
def test_a_known_id_with_a_suffix_names_no_invoice(deployment: Deployment, suffix: str) -> None:
    deployment.require_accepted_invoice()
    invoice_id = deployment.invoice_id.followed_by_encoded(suffix)
    plain = "%" not in suffix
    answer = deployment.observe(fetch_invoice(invoice_id, deployment.valid, well_formed=plain))
    _expect_no_invoice(answer, {400, 404} if plain else {400, 403, 404})


@pytest.mark.last
@pytest.mark.clause("SEC-3", effect="read")
def test_no_shared_cache_may_keep_an_invoice(deployment: Deployment) -> None:
    _readable(deployment)
    for answer in deployment.history:
        if answer.status == 200 and answer.media_type == "application/pdf" and (kept := _kept_by_others(answer)):
            raise Failure(expected="Cache-Control: private or no-store on an invoice", observed=kept, exchange=answer)


def _readable(deployment: Deployment) -> Exchange:
    answer = deployment.require_accepted_invoice()
    assertions.status(answer, {200}, "for a readable invoice")
    return answer


def _plain_copy(deployment: Deployment) -> Exchange:
    deployment.require_accepted_invoice()
    headers = (("Accept-Encoding", "identity"),)
    return deployment.observe(fetch_invoice(deployment.invoice_id, deployment.valid, headers=headers))


def _expect_no_invoice(exchange: Exchange, allowed: Collection[int] = (400, 404)) -> None:
    assertions.status(exchange, allowed, "for an id that names no invoice")
    if exchange.body.startswith(b"%PDF-"):
        raise Failure(expected="no document", observed=exchange.describe(), exchange=exchange)


_SHARED = frozenset({"public", "max-age", "s-maxage"})
_OF_A_NETWORK = ("cdn-cache-control", "surrogate-control")
"""Cache-Control for the caches of a content delivery network alone, which obey these before it."""


def _kept_by_others(exchange: Exchange) -> str | None:
    """What lets a shared cache keep the answer; None where nothing does."""
    for name in _OF_A_NETWORK:
        if _is_shared(_directives(exchange, name)):
            return f"{name} that lets a shared cache keep it"
    directives = _directives(exchange, "cache-control")
    if _is_protected(directives):
        return None
    if _is_shared(directives):
        return f"Cache-Control with {', '.join(sorted(directives.keys() & _SHARED))}"
    says_nothing = not directives.keys() & _SHARED
    return "Expires in the future" if says_nothing and _is_fresh_for_a_while(exchange) else None


def _is_protected(directives: dict[str, str]) -> bool:
    """Whether no shared cache may answer by itself; a list of fields protects those alone."""
    return "no-store" in directives or any(directives.get(name) == "" for name in ("private", "no-cache"))


def _is_shared(directives: dict[str, str]) -> bool:
    if _is_protected(directives):
        return False
    seconds = directives.get("s-maxage") or directives.get("max-age") or "0"
    return "public" in directives or (seconds.isdigit() and int(seconds) > 0)


def _directives(exchange: Exchange, header: str) -> dict[str, str]:
    """The directives of such a header, lower case; those without a value have an empty one."""
    text = ", ".join(value for name, value in exchange.headers if name.lower() == header)
    parts = (part.strip().partition("=") for part in text.lower().split(",") if part.strip())
    return {name: value.strip('"') for name, _, value in parts}


def _time(value: str) -> datetime:
    """A date of HTTP, which is in UTC even where it lacks its zone."""
    time = parsedate_to_datetime(value)
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _is_fresh_for_a_while(exchange: Exchange) -> bool:
    date, expires = exchange.header("date"), exchange.header("expires")
    try:
        return bool(date and expires) and _time(expires or "") > _time(date or "")
    except ValueError:  # an Expires that is no date means: already expired
        return False
