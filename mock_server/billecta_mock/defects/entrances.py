"""Ways in for a caller without a valid key, to make defects of."""

from collections.abc import Callable
from typing import Final

from billecta_mock.defects.defect import Ask
from billecta_mock.defects.scene import Asked, Scene

NO_SUCH_ID: Final = "no-such-id"


def let_in(when: Callable[[Asked], bool]) -> Ask:
    """Whoever has no valid key is taken for the user of the strongest one, when asking so."""

    def believe(asked: Asked, scene: Scene) -> Asked:
        strongest = scene.strongest_key
        return asked.with_key(strongest.value) if strongest and not scene.holder and when(asked) else asked

    return believe


def let_in_as(when: Callable[[Asked], bool], change: Callable[[Asked], Asked]) -> Ask:
    """As `let_in`, and what is asked for is changed as well."""
    admit = let_in(when)

    def believe(asked: Asked, scene: Scene) -> Asked:
        believed = admit(asked, scene)
        return believed if believed is asked else change(believed)

    return believe


def find_key(find: Callable[[Asked], str]) -> Ask:
    """A valid key is accepted from another place, where the header has none."""

    def believe(asked: Asked, scene: Scene) -> Asked:
        found = "" if scene.holder else find(asked)
        return asked.with_key(found) if any(found == key.value for key in scene.world.dataset.keys) else asked

    return believe


def resemble(resembles: Callable[[str, str], bool]) -> Ask:
    """A key that resembles a valid one, the second argument, is taken for it."""

    def believe(asked: Asked, scene: Scene) -> Asked:
        presented = asked.key
        if not presented or scene.holder:
            return asked
        meant = next((key.value for key in scene.world.dataset.keys if resembles(presented, key.value)), None)
        return asked.with_key(meant) if meant else asked

    return believe


def lock_out(when: Callable[[Asked, Scene], bool]) -> Ask:
    """A key is not accepted, valid or not."""
    return lambda asked, scene: asked.without_key() if when(asked, scene) else asked
