"""Many worlds on one server, used at the same time: none hears of another."""

import asyncio
from collections.abc import Callable

import httpx
import pytest
import yaml

from .conftest import RunningMock

CLIENTS = 200
SEED = yaml.safe_load(
    """
    seller:
      name: Exempelbyrån Norr AB
      address: [Exempelgatan 12, 123 45 Exempelstad]
      organisation_number: 559999-9991
      vat_number: SE559999999101
      bankgiro: 991-2346
      swish: "1234679304"
    customers:
      granlund: {name: Granlunds Måleri HB, address: ["Björkvägen 3, 123 46 Exempelstad"]}
    invoices:
      - id: "1"
        number: "1001"
        action: action
        buyer: granlund
        issued: "2026-01-15"
        due: "2026-02-14"
        lines: [{text: Rådgivning, quantity: 2.5, unit: tim, price: 900, vat: 25}]
    """
)


async def live(client: httpx.AsyncClient, origin: str, number: int) -> None:
    """A whole test of one client in a world of its own, with a key, a rule, a fault and a clock of its own."""
    database = f"client-{number}"
    control, api = f"{origin}/__admin/worlds/{database}", f"{origin}/{database}/limepkg-billecta-integration"
    key = {"x-api-key": f"key-of-{number}"}
    stranger = {"x-api-key": f"key-of-{(number + 1) % CLIENTS}"}
    seed = {**SEED, "keys": [{"key": key["x-api-key"], "name": "Client"}]}
    made = await client.put(control, json=seed)
    assert made.status_code == 201, made.text
    status = ("Declined", "Cancelled", "Error")[number % 3]
    await client.put(f"{control}/rules", json=[{"then": {"life": {"steps": [{"status": status}]}}}])
    await client.put(f"{control}/clock", json={"mode": "frozen"})

    parameters = {"phone": "46701740620", "message": f"Invoice {number}"}
    assert (await client.post(f"{api}/payments/swish/action", params=parameters, headers=stranger)).status_code == 404
    created = await client.post(f"{api}/payments/swish/action", params=parameters, headers=key)
    request_id = created.json()["requestid"]
    assert (await client.get(f"{api}/payments/swish/{request_id}", headers=key)).json() == {"requeststatus": "Created"}
    advanced = await client.post(f"{control}/clock/advance", json={"seconds": 10})
    assert [event["requestid"] for event in advanced.json()["events"]] == [request_id]
    assert (await client.get(f"{api}/payments/swish/{request_id}", headers=key)).json() == {"requeststatus": status}

    payments = (await client.get(f"{control}/payments")).json()["payments"]
    assert [payment["message"] for payment in payments] == [f"Invoice {number}"]
    journal = (await client.get(f"{control}/requests")).json()["requests"]
    assert [exchange["status"] for exchange in journal] == [200, 200, 201, 404]


async def live_alone(origin: str, number: int) -> None:
    async with httpx.AsyncClient(verify=False, timeout=60) as client:  # noqa: S501 — plain http; no certificates to load
        await live(client, origin, number)


async def live_all(origin: str) -> None:
    await asyncio.gather(*(live_alone(origin, number) for number in range(CLIENTS)))


@pytest.mark.full
def test_two_hundred_clients_in_two_hundred_worlds_never_meet(start_mock: Callable[..., RunningMock]) -> None:
    asyncio.run(live_all(start_mock().origin))
