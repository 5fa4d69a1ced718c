"""Defects of authentication: keys that are accepted, or refused, against the contract."""

from typing import Final

from mock_server.defects.defect import Asked, Defect, Group, Scene


def _accept_prefix(asked: Asked, scene: Scene) -> Asked:
    presented = (asked.key or b"").decode("latin-1")
    meant = next((key.value for key in scene.world.dataset.keys if presented and key.value.startswith(presented)), None)
    return asked.with_key(meant) if meant else asked


DEFECTS: Final = (
    Defect(
        "key-prefix-accepted",
        Group.AUTHENTICATION,
        "AUTH-4",
        "The beginning of a valid key is accepted as that key.",
        ask=_accept_prefix,
    ),
)
