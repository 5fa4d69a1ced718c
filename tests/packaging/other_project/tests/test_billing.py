import urllib.request

from billecta_mock import WorldClient, exactly


def test_an_invoice_is_fetched_from_the_mock(billecta_world: WorldClient) -> None:
    url = f"{billecta_world.base_url}/fetch-invoice-pdf/1001/"
    request = urllib.request.Request(url, headers={"x-api-key": billecta_world.api_key})
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.read().startswith(b"%PDF-")
    billecta_world.requests.assert_sequence(exactly(1, "fetchInvoicePdf", status=200))
