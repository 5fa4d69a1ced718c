"""Values of a search that can never match, found before they are taken for requests that did not come."""

import re
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Final

from billecta_mock.domain.acceptance import SWISH_REFUSALS, normalise_phone
from billecta_mock.domain.access import ApiKey
from billecta_mock.domain.marks import FORMS, can_be_marked
from billecta_mock.domain.outcomes import Outcome
from billecta_mock.domain.reasons import Reason
from billecta_mock.domain.refusals import Refusal
from billecta_mock.domain.swish import PaymentStatus
from billecta_mock.domain.world import World

_MASKED: Final = re.compile(r".{0,2}\*\*\*.{0,2}", re.DOTALL)
_MOST_NAMED: Final = 20


def find_misspelt(name: str, value: str, world: World) -> str | None:
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
    rules = (*world.script.rules, *world.script.faults)
    own = [code for rule in rules if (code := _refusal_of(rule.outcome))]
    known = [*Reason, *SWISH_REFUSALS, *own]
    return None if value in known else f"is no code of a reason; {_suggest(value, known, 'docs/mock.md lists them')}"


def _refusal_of(outcome: Outcome) -> str | None:
    return outcome.refusal.code if outcome.refusal else None


def _check_mark(value: str, _world: World) -> str | None:
    return None if can_be_marked(value) else f"is no mark; {_suggest(value, FORMS, _list(FORMS))}"


def _check_phone(value: str, _world: World) -> str | None:
    if not isinstance(normalise_phone(value), Refusal):
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
