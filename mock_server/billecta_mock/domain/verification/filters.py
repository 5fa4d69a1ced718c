"""Filters over a journal, and filter values that can never match."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from difflib import get_close_matches
from functools import cached_property
from itertools import islice
from typing import Any, Final

from billecta_mock.domain.actions import RuleAction
from billecta_mock.domain.auth import ApiKey
from billecta_mock.domain.journal import FORMS, Exchange, can_be_marked, mask
from billecta_mock.domain.payments import PaymentStatus
from billecta_mock.domain.problems import Problem, ReasonCode
from billecta_mock.domain.validation import SWISH_REFUSALS, normalise_phone
from billecta_mock.domain.world import World

_MASKED: Final = re.compile(r".{0,2}\*\*\*.{0,2}", re.DOTALL)
_MOST_NAMED: Final = 20


Numbered = tuple[int, Exchange]
"""An exchange with its number in the journal."""
NO_ANSWER: Final = "none"
"""The status of an exchange whose connection ended without an answer."""
_BELOW_THE_DATABASE: Final = 3


def validate_filter_value(name: str, value: str, world: World) -> str | None:
    """What is wrong with a field of a search that nothing in this world can have; None where something can."""
    check = _CHECKS.get(name)
    return check(value, world) if check else None


def name_key(given: str, keys: Iterable[ApiKey]) -> str:
    """The name of a key of the world that is given itself; anything else as it is."""
    known = list(keys)
    if any(key.name == given for key in known):
        return given
    return next((key.name for key in known if key.value == given), given)


def _check_why(value: str, world: World) -> str | None:
    rules = (*world.behaviour.rules, *world.behaviour.faults)
    own = [code for rule in rules if (code := _refusal_of(rule.outcome))]
    known = [*ReasonCode, *SWISH_REFUSALS, *own]
    return None if value in known else f"is no code of a reason; {_suggest(value, known, 'docs/mock.md lists them')}"


def _refusal_of(outcome: RuleAction) -> str | None:
    return outcome.refusal.code if outcome.refusal else None


def _check_mark(value: str, _world: World) -> str | None:
    return None if can_be_marked(value) else f"is no mark; {_suggest(value, FORMS, _list(FORMS))}"


def _check_phone(value: str, _world: World) -> str | None:
    if not isinstance(normalise_phone(value), Problem):
        return None
    return "is no phone number: 8 to 15 digits with the country code, such as 46701740605"


def _check_status(value: str, _world: World) -> str | None:
    words = list(PaymentStatus)
    return None if value in words else f"is no status; {_suggest(value, words, _list(words))}"


def _check_key(value: str, world: World) -> str | None:
    names = [key.name for key in world.dataset.keys]
    if value in names or _MASKED.fullmatch(value) or any(key.value == value for key in world.dataset.keys):
        return None
    listed = ", ".join(f"'{name}'" for name in names[:_MOST_NAMED])
    if not names:
        return "is no masked key, and this world has no keys"
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return f"is no key of this world, by its name, itself or masked; its keys are {listed}{more}"


def _suggest(value: str, known: Iterable[str], otherwise: str) -> str:
    near = get_close_matches(value, [str(word) for word in known], n=1)
    return f"did you mean '{near[0]}'?" if near else otherwise


def _list(known: Iterable[str]) -> str:
    return f"there are {', '.join(known)}"


_CHECKS: Final[Mapping[str, Callable[[str, World], str | None]]] = {
    "why": _check_why,
    "mark": _check_mark,
    "phone": _check_phone,
    "requeststatus": _check_status,
    "key": _check_key,
}


@dataclass(frozen=True)
class ExchangeFilter:
    """Which exchanges are meant: each field that is not None must agree.

    `status` is a code (`404`), a class (`4xx`) or `none`. `key` is the name of a key, or its masked text. `path` is a
    whole raw path, or what follows the package's name in it; each `*` stands for any text. `id` is the id in the path,
    `phone` a number in any spelling, `message` that of a payment, `requeststatus` the word that a status read was
    given. `why` is a code; `mark` is a whole mark, or ends in `*`. `since` and `until` are times of the world's clock,
    both of them included.
    """

    operation: str | None = None
    method: str | None = None
    path: str | None = None
    id: str | None = None
    status: str | None = None
    key: str | None = None
    phone: str | None = None
    message: str | None = None
    requeststatus: str | None = None
    why: str | None = None
    mark: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def matches(self, exchange: Exchange) -> bool:
        """Whether the exchange is one of those asked for."""
        return all(agrees(wanted, exchange) for agrees, wanted in self._checks)

    def differences(self, exchange: Exchange) -> list[str]:
        """The names of the fields in which the exchange is not what is asked for."""
        return [name for name, wanted in self.given.items() if not _AGREES[name](wanted, exchange)]

    @cached_property
    def given(self) -> Mapping[str, Any]:
        """The fields that are not None, in the form in which they are compared."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: _PREPARED.get(name, _as_is)(value) for name, value in values.items() if value is not None}

    @cached_property
    def _checks(self) -> tuple[tuple[Callable[[Any, Exchange], bool], Any], ...]:
        return tuple((_AGREES[name], wanted) for name, wanted in self.given.items())


def select(exchanges: Iterable[Numbered], wanted: ExchangeFilter, limit: int | None = None) -> Iterator[Numbered]:
    """The first `limit` exchanges that match, or all, with their numbers."""
    return islice((numbered for numbered in exchanges if wanted.matches(numbered[1])), limit)


def show_field(name: str, value: Any) -> str:
    """One field of a filter, or of an exchange, as it may be read: a phone number is masked."""
    if isinstance(value, datetime):
        return value.isoformat()
    return mask(str(value)) if name == "phone" else str(value)


def read_field(name: str, exchange: Exchange) -> str:
    """What an exchange has in a field of a filter, as it may be read."""
    value = _SENT[name](exchange)
    return "nothing" if value in (None, "", ()) else show_field(name, value)


def normalise(phone: str) -> str:
    """A phone number in the form in which numbers are compared: that of Swish, or as it is where it has none."""
    normal = normalise_phone(phone)
    return phone if isinstance(normal, Problem) else normal


def _as_is(value: Any) -> Any:
    return value


def _agree_on_status(wanted: str, exchange: Exchange) -> bool:
    if wanted == NO_ANSWER or exchange.status is None:
        return wanted == NO_ANSWER and exchange.status is None
    code = str(exchange.status)
    return code == wanted or (wanted.endswith("xx") and code[0] == wanted[0])


def _agree_on_path(wanted: str, exchange: Exchange) -> bool:
    below = "/" + "/".join(exchange.path.split("/")[_BELOW_THE_DATABASE:])
    return _agrees_with_glob(wanted, exchange.path) or _agrees_with_glob(wanted, below)


def _agrees_with_glob(pattern: str, text: str) -> bool:
    """Whether each part between the stars of a pattern is found in turn, in a time that no pattern makes long."""
    first, *middle = pattern.split("*")
    if not middle:
        return pattern == text
    *middle, last = middle
    if not text.startswith(first) or not text.endswith(last) or len(first) + len(last) > len(text):
        return False
    place, end = len(first), len(text) - len(last)
    for part in middle:
        found = text.find(part, place, end)
        if found < 0:
            return False
        place = found + len(part)
    return True


_AGREES: Final[Mapping[str, Callable[[Any, Exchange], bool]]] = {
    "operation": lambda wanted, exchange: exchange.operation == wanted,
    "method": lambda wanted, exchange: exchange.method == wanted,
    "path": _agree_on_path,
    "id": lambda wanted, exchange: exchange.resource == wanted,
    "status": _agree_on_status,
    "key": lambda wanted, exchange: wanted in (exchange.key, exchange.key_name),
    "phone": lambda wanted, exchange: exchange.phone == wanted,
    "message": lambda wanted, exchange: exchange.parameters.get("message") == wanted,
    "requeststatus": lambda wanted, exchange: exchange.payment_status == wanted,
    "why": lambda wanted, exchange: exchange.why.code == wanted,
    "mark": lambda wanted, exchange: any(_agrees_with_glob(wanted, mark) for mark in exchange.marks),
    "since": lambda wanted, exchange: exchange.at >= wanted,
    "until": lambda wanted, exchange: exchange.at <= wanted,
}

_SENT: Final[Mapping[str, Callable[[Exchange], Any]]] = {
    "operation": lambda exchange: exchange.operation,
    "method": lambda exchange: exchange.method,
    "path": lambda exchange: exchange.path,
    "id": lambda exchange: exchange.resource,
    "status": lambda exchange: exchange.status,
    "key": lambda exchange: exchange.key_name or exchange.key,
    "phone": lambda exchange: exchange.phone,
    "message": lambda exchange: exchange.parameters.get("message"),
    "requeststatus": lambda exchange: exchange.payment_status,
    "why": lambda exchange: exchange.why.code,
    "mark": lambda exchange: ", ".join(exchange.marks),
    "since": lambda exchange: exchange.at,
    "until": lambda exchange: exchange.at,
}

_PREPARED: Final[Mapping[str, Callable[[Any], Any]]] = {"phone": normalise, "status": str.lower}
