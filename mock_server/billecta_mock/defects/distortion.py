"""The defects of one world, put to work on a request and on its answer."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Final

from billecta_mock.defects.catalogue import CATALOGUE
from billecta_mock.defects.scene import Asked, Scene
from billecta_mock.http import Answer

_BODILESS: Final = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})


def distort(names: Iterable[str], asked: Asked, scene: Scene) -> tuple[Asked, tuple[str, ...]]:
    """The request as the server shall believe that it was asked, and the names of the defects that changed it."""
    changed = []
    for name in names:
        believed = CATALOGUE[name].ask(asked, scene)
        if believed != asked:
            changed.append(name)
        asked = believed
    return asked, tuple(changed)


def spoil(names: Iterable[str], answer: Answer, scene: Scene) -> tuple[Answer, float, tuple[str, ...]]:
    """The answer as it shall be sent, the seconds to hold it back, and the names of the defects that changed it."""
    delay, changed = 0.0, []
    for name in names:
        defect = CATALOGUE[name]
        waits = defect.delay(answer, scene)
        spoilt = defect.answer(answer, scene)
        if waits or spoilt != answer:
            changed.append(name)
        answer, delay = spoilt, delay + waits
    return _without_forbidden_body(answer), delay, tuple(changed)


def _without_forbidden_body(answer: Answer) -> Answer:
    """Two defects may add up to a 204 or 304 with a body, which would be no HTTP at all."""
    return answer._replace(body=b"") if answer.status in _BODILESS else answer
