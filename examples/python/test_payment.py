"""How a shop tests that it asks for a payment again when the gateway refused it, and sees that the payer declined."""

from datetime import timedelta

import requests

from billecta_mock import WorldClient, at_least, ends, exactly

PHONE = "46701740605"


class Shop:
    """The code under test: what calls the API."""

    def __init__(self, base_url: str, api_key: str) -> None:
        self._base_url = base_url
        self._session = requests.Session()
        self._session.headers["x-api-key"] = api_key

    def ask_for_payment(self, action: str, phone: str, attempts: int = 2) -> str:
        """Create a payment, and once more if the gateway was not there; its id."""
        for _ in range(attempts):
            response = self._session.post(
                f"{self._base_url}/payments/swish/{action}", params={"phone": phone, "message": "Hej"}, timeout=10
            )
            if response.status_code != requests.codes.unavailable:
                break
        response.raise_for_status()
        return str(response.json()["requestid"])

    def status_of(self, requestid: str) -> str:
        """What has become of it."""
        response = self._session.get(f"{self._base_url}/payments/swish/{requestid}", timeout=10)
        response.raise_for_status()
        return str(response.json()["requeststatus"])


def test_a_declined_payment_is_seen_although_the_first_request_failed(billecta_world: WorldClient) -> None:
    billecta_world.clock.freeze()
    billecta_world.faults.add("STATUS", status=503, operation="createSwishPayment", times=1)
    billecta_world.rules.add(ends("Declined", "RF07", after_seconds=30), phone=PHONE)
    shop = Shop(billecta_world.base_url, billecta_world.api_key)

    requestid = shop.ask_for_payment("action123", PHONE)
    assert shop.status_of(requestid) == "Created"

    (event,) = billecta_world.clock.advance(timedelta(seconds=30))
    assert (event.requestid, event.status, event.cause) == (requestid, "Declined", "RF07")
    assert shop.status_of(requestid) == "Declined"

    billecta_world.requests.assert_sequence(
        exactly(1, "createSwishPayment", status=503),
        exactly(1, "createSwishPayment", phone=PHONE, status=201),
        at_least(1, "getSwishPayment", requeststatus="Declined"),
    )
    billecta_world.requests.assert_no_findings()
