"""The defects of one world, put to work on a request and on its answer."""

from collections.abc import Iterable

from mock_server.defects.catalogue import CATALOGUE
from mock_server.defects.defect import Asked, Scene
from mock_server.http import Answer


def distort(names: Iterable[str], asked: Asked, scene: Scene) -> Asked:
    """The request as the server shall believe that it was asked."""
    for name in names:
        asked = CATALOGUE[name].ask(asked, scene)
    return asked


def spoil(names: Iterable[str], answer: Answer, scene: Scene) -> tuple[Answer, float, tuple[str, ...]]:
    """The answer as it shall be sent, the seconds to hold it back, and the names of the defects that changed it."""
    delay, changed = 0.0, []
    for name in names:
        defect = CATALOGUE[name]
        waits = defect.delay(answer, scene)
        spoilt = defect.answer(answer, scene)
        if waits or spoilt is not answer:
            changed.append(name)
        answer, delay = spoilt, delay + waits
    return answer, delay, tuple(changed)
