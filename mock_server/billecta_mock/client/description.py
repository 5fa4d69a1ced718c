"""What happened in a world, as lines for whoever looks at a test that failed."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from billecta_mock.client.models import Exchange, Payment, Rule

_SHORTEST_HINTED: Final = 4
_INDENT: Final = "      "
_BASE: Final = re.compile(r"^/[^/]+/limepkg-billecta-integration(?=/)")


def tell_all(exchanges: Iterable[Exchange], hints: Mapping[int, Sequence[str]]) -> str:
    """A line for each exchange, and below it, by its number, what was probably meant."""
    told = [tell(exchange, hints.get(exchange.number, ())) for exchange in exchanges]
    return "\n".join(told) or "no request at all"


def tell(exchange: Exchange, hints: Sequence[str] = ()) -> str:
    """What was asked and answered; below it the reason of a refusal, and what made the answer another one."""
    return "\n".join([_summarise(exchange), *(f"{_INDENT}{line}" for line in _comment(exchange, hints))])


def tell_payment(payment: Payment) -> str:
    """A payment and the way it went."""
    path = " → ".join(f"{move.status} {move.at:%H:%M:%S} ({move.cause})" for move in payment.history)
    return f"{payment.requestid}  phone {_mask(payment.phone)}, message {payment.message!r}: {path}"


def tell_finding(item: Mapping[str, Any]) -> str:
    """A line of the readiness list: what was seen, in which exchanges, what it means, and what to do."""
    seen = ", ".join(f"#{number}" for number in item["seen"])
    lines = [
        f"{item['name']}: {item['sentence']}{f' ({seen})' if seen else ''}",
        item["meaning"],
        f"do: {item['advice']}",
    ]
    return f"\n{_INDENT}".join(line for line in lines if line)


def tell_rule(what: str, rule: Rule) -> str:
    """A rule or fault, and whether it fired."""
    return f"{what} {rule.name}: fired for {rule.fired} of {rule.seen} requests"


def _summarise(exchange: Exchange) -> str:
    path = _BASE.sub("", exchange.path, count=1)
    query = "&".join(f"{name}={value}" for name, value in exchange.parameters.items())
    answer = "no answer" if exchange.status is None else str(exchange.status)
    asked = f"{exchange.method} {path}{f'?{query}' if query else ''}"
    return f"#{exchange.number:<3} {exchange.at:%H:%M:%S}.{exchange.at.microsecond // 1000:03}  {asked} -> {answer}"


def _mask(phone: str) -> str:
    """As the journal shows it: a report is read by more people than the test was written for."""
    return f"{phone[:2]}***{phone[-2:]}" if len(phone) > _SHORTEST_HINTED else "***"


def _comment(exchange: Exchange, hints: Sequence[str]) -> Iterable[str]:
    if exchange.why != "ok":
        yield f"{exchange.why}: {exchange.sentence}"
    if exchange.marks:
        yield f"by {', '.join(exchange.marks)}"
    yield from hints
