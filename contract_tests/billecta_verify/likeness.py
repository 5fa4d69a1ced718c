"""Whether what exists and what does not are answered alike, asked in turns until it is clear."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from billecta_verify.oracles.comparison import tell
from billecta_verify.transport.exchange import Exchange, Request, Text

if TYPE_CHECKING:
    from billecta_verify.deployment import Deployment

ROUNDS: Final = 8
"""Two servers behind one address that differ in a header are mistaken for a tell once in 2 to the power of 15."""


@dataclass(frozen=True, slots=True)
class Tell:
    """What tells the two apart, without any content of the answers, and one answer that shows it."""

    what: str
    shown_by: Exchange


def told_apart(
    deployment: Deployment, known: Text, absent: Sequence[Text], request: Callable[[Text], Request]
) -> Tell | None:
    """What tells a known id from absent ones; None when nothing does.

    Answers without any difference settle it, but for what is known to change by itself; the first may have been given
    to another check. A difference must stand after every further answer, for a header may come and go by chance; the
    order changes from round to round, for two servers may take turns.
    """
    of_known: list[Exchange] = []
    of_absent: list[Exchange] = []
    difference = None
    for number in range(ROUNDS):
        ask = deployment.send if number else deployment.observe
        sides = [(of_known, known), (of_absent, absent[number // 2 % len(absent)])]
        for answers, asked in reversed(sides) if number % 2 else sides:
            answers.append(ask(request(asked)))
            if of_known and of_absent:
                difference = _difference(deployment, of_known, of_absent)
                if difference is None:
                    return None
    return None if difference is None else Tell(difference, of_known[0])


def _difference(deployment: Deployment, of_known: list[Exchange], of_absent: list[Exchange]) -> str | None:
    """What tells the answers apart; a first pair may differ in what has changed by itself before in this run."""
    restless = deployment.restless
    if len(of_known) == len(of_absent) == 1:
        return tell([restless.calmed(of_known[0])], [restless.calmed(of_absent[0])])
    restless.learn(of_known)
    restless.learn([answer for answer in of_absent if answer.request == of_absent[0].request])
    return tell(of_known, of_absent)
