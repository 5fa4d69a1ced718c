"""The whole checklist."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from billecta_mock.domain.text import pluralize
from billecta_mock.domain.verification.checklist_items import Item, State
from billecta_mock.domain.verification.coverage import check_faults, check_outcomes, check_responses
from billecta_mock.domain.verification.filters import Numbered
from billecta_mock.domain.verification.near_misses import ContractSummary
from billecta_mock.domain.verification.polling import PAYERS_TIME, check_addresses, check_reading
from billecta_mock.domain.verification.retries import check_refusals, check_repeats


@dataclass(frozen=True, slots=True)
class Checklist:
    """All lines, and how many exchanges they rest on."""

    items: tuple[Item, ...]
    exchanges: int

    def count(self, state: State) -> int:
        """How many lines have this state."""
        return Counter(item.state for item in self.items)[state]

    @property
    def is_ready(self) -> bool:
        """Whether every line is met."""
        return self.count(State.MET) == len(self.items)

    @property
    def verdict(self) -> str:
        """The same in words."""
        found, left = self.count(State.FINDING), self.count(State.OPEN)
        return "ready" if self.is_ready else f"not ready: {pluralize(found, 'finding')}, {left} not met"


def select_client(exchanges: Sequence[Numbered], key: str) -> list[Numbered]:
    """The exchanges of one client, by the name of its key, or by the key as it is masked.

    What never reached the application has no name of a key. It is the client's whose key looks the same masked.
    """
    masks = {exchange.key for _, exchange in exchanges if key in (exchange.key_name, exchange.key)}
    return [
        numbered
        for numbered in exchanges
        if numbered[1].key_name == key
        or (numbered[1].key_name is None and numbered[1].key in masks)
        or numbered[1].key == key
    ]


def assess(exchanges: Sequence[Numbered], outline: ContractSummary, payers_time: timedelta = PAYERS_TIME) -> Checklist:
    """The checklist of a client, from its exchanges, oldest first: what it did wrong comes first.

    `payers_time` is how long a payment waits for its payer, by the world's clock.
    """
    trouble = [*check_repeats(exchanges, payers_time), check_refusals(exchanges)]
    conduct = [*check_addresses(exchanges), *check_reading(exchanges), *trouble]
    coverage = [*check_responses(exchanges, outline), *check_outcomes(exchanges), *check_faults(exchanges)]
    return Checklist((*conduct, *coverage), len(exchanges))
