"""Invoice documents over HTTP."""

import io
from typing import Any

import pikepdf
import pytest

from billecta_mock.store.seed import default_seed

WITH_DOCUMENT = [invoice.id for invoice in default_seed().invoices if invoice.has_document]


@pytest.mark.parametrize("invoice_id", WITH_DOCUMENT)
def test_every_invoice_of_the_sample_is_one_well_formed_pdf(world: Any, invoice_id: str) -> None:
    response = world.invoice(invoice_id)
    assert (response.status_code, response.headers["content-type"]) == (200, "application/pdf")
    with pikepdf.open(io.BytesIO(response.content)) as pdf:
        assert pdf.check_pdf_syntax() == []
        assert pdf.get_warnings() == []
        assert len(pdf.pages) >= 1


def test_a_document_says_how_to_show_keep_and_name_it(world: Any) -> None:
    headers = world.invoice("1001").headers
    assert headers["content-disposition"] == 'inline; filename="faktura-1001.pdf"'
    assert headers["cache-control"] == "private, no-store"
    assert int(headers["content-length"]) == len(world.invoice("1001").content)


def test_head_gives_the_headers_of_get_and_no_body(world: Any) -> None:
    get, head = world.invoice("1001"), world.invoice("1001", method="HEAD")
    assert (head.status_code, head.content) == (200, b"")
    assert dict(head.headers) == dict(get.headers)


def test_an_invoice_without_a_document_yet_is_not_found(world: Any) -> None:
    assert world.invoice("1009").status_code == 404
    assert world.why() == "document_missing"


OTHER_IDS = [
    *("0", "-1", "9" * 400, "abc", "+1001", "01001", "1e3", "1001.pdf", "../1001", " 1001", "å"),
    *(
        "1001%00",
        "%00",
        "%0A",
        "1001%0A",
        "%2F",
        "1001%2F",
        "%FF",
        "%C3%A5",
        "%2E%2E%2F1001",
        "1001%20",
        "%EF%BC%91001",
    ),
]
OTHER_PATHS = [
    *("/fetch-invoice-pdf/1001", "/fetch-invoice-pdf/1001//", "//fetch-invoice-pdf/1001/", "/fetch-invoice-pdf//"),
    *("/fetch-invoice-pdf/", "/payments/swish/action123/", ""),
]


@pytest.mark.parametrize("invoice_id", OTHER_IDS)
def test_an_id_of_any_other_form_is_not_found(world: Any, invoice_id: str) -> None:
    assert world.invoice(invoice_id).status_code == 404


@pytest.mark.parametrize("path", OTHER_PATHS)
def test_a_wrong_slash_is_another_path_and_not_redirected(world: Any, path: str) -> None:
    assert world.send("GET", path).status_code == 404


def test_an_escape_that_changes_nothing_is_undone(world: Any) -> None:
    assert world.send("GET", "/fetch%2Dinvoice%2dpdf/%31001/").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/fetch-invoice-pdf/1001/", "GET, HEAD"),
        ("POST", "/fetch-invoice-pdf/1001/", "GET, HEAD"),
        ("OPTIONS", "/fetch-invoice-pdf/1001/", "GET, HEAD"),
        ("DELETE", "/payments/swish/action123", "GET, HEAD, POST"),
        ("PATCH", "/payments/swish/action123", "GET, HEAD, POST"),
        ("BREW", "/payments/swish/action123", "GET, HEAD, POST"),
    ],
)
def test_a_method_that_the_page_does_not_give_is_405_with_all_that_it_does(
    world: Any, method: str, path: str, allowed: str
) -> None:
    response = world.send(method, path)
    assert (response.status_code, response.headers["allow"]) == (405, allowed)
    assert set(response.json()) == {"error", "message"}
