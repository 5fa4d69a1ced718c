"""A small seed and what may be changed in it."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from billecta_mock.domain.world import Dataset
from billecta_mock.store.seed import parse_seed

SMALL_SEED: dict[str, Any] = {
    "keys": [{"key": "K1", "name": "Everything"}],
    "seller": {
        "name": "Säljare AB",
        "address": ["Gatan 1", "123 45 Staden"],
        "organisation_number": "559999-9991",
        "vat_number": "SE559999999101",
        "bankgiro": "991-2346",
    },
    "customers": {"kund": {"name": "Kund AB", "address": ["Vägen 2"]}},
    "invoices": [
        {
            "id": id_,
            "number": f"2026{id_}",
            "action": f"action{id_}",
            "buyer": "kund",
            "issued": "2026-01-15",
            "due": "2026-02-14",
            "lines": [{"text": "Arbete", "quantity": 1.5, "unit": "tim", "price": 100.10, "vat": 25}],
        }
        for id_ in ("1", "2")
    ],
}
Change = Callable[[Any], object]


def seeded(change: Change) -> Dataset:
    document = deepcopy(SMALL_SEED)
    change(document)
    return parse_seed(document, "the body")


def put(place: str, value: object) -> Change:
    *way, last = [int(step) if step.isdigit() else step for step in place.strip("/").split("/")]

    def change(document: Any) -> None:
        for step in way:
            document = document[step]
        if isinstance(document, list) and last == len(document):
            document.append(value)
        else:
            document[last] = value

    return change


def drop(member: str) -> Change:
    return lambda document: document.pop(member)
