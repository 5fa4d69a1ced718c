"""Defects of the permission model: what is done in spite of it, and what is said in its name."""

from collections.abc import Callable
from typing import Final

from billecta_mock.defects.changes import fail, miss, only, refuse, say, say_nothing, set_status
from billecta_mock.defects.conditions import is_denied
from billecta_mock.defects.defect import Ask, Defect, Group
from billecta_mock.defects.scene import Asked, Scene

_GROUP: Final = Group.PERMISSIONS


def _permit(when: Callable[[Asked, Scene], bool]) -> Ask:
    """Whoever has a valid key may do what the user of the strongest one may, when asking so."""

    def believe(asked: Asked, scene: Scene) -> Asked:
        strongest = scene.strongest_key
        return asked.with_key(strongest.value) if strongest and scene.holder and when(asked, scene) else asked

    return believe


def _is_denied_create(answer: object, scene: Scene) -> bool:
    del answer
    return _lacks_policy(scene, "createSwishPayment") and scene.asked.is_create


def _lacks_policy(scene: Scene, operation: str) -> bool:
    return scene.key is not None and not scene.key.may_call(operation)


def _may_fetch(scene: Scene) -> bool:
    return scene.holder is not None and scene.holder.may_call("fetchInvoicePdf")


DEFECTS: Final = (
    Defect("denied-create-is-made", _GROUP, "PERM-1", "Every valid key may create payment requests.",
           ask=_permit(lambda asked, _scene: asked.is_create)),
    Defect("denied-invoice-is-sent", _GROUP, "PERM-1", "Every valid key may fetch every invoice.",
           ask=_permit(lambda asked, _scene: asked.is_for_invoice)),
    Defect("denied-status-is-read", _GROUP, "PERM-1", "Every valid key may read every status.",
           ask=_permit(lambda asked, _scene: asked.is_read)),
    Defect("hidden-invoice-is-sent", _GROUP, "PERM-1", "Policy is kept, but object access hides no invoice.",
           ask=_permit(lambda asked, scene: asked.is_for_invoice and _may_fetch(scene))),
    Defect("hidden-invoice-is-sent-to-head", _GROUP, "PERM-1", "Object access hides no invoice from HEAD.",
           ask=_permit(lambda asked, scene: asked.is_for_invoice and asked.method == "HEAD" and _may_fetch(scene))),
    Defect("denied-is-400", _GROUP, "PERM-1", "What policy denies is a bad request.",
           answer=only(is_denied, refuse("The user of this key may not do this"))),
    Defect("denied-is-401", _GROUP, "PERM-1", "What policy denies is answered as if the key were wrong.",
           answer=only(is_denied, set_status(401))),
    Defect("denied-create-is-404", _GROUP, "PERM-1", "A create that policy denies is not found.",
           answer=only(_is_denied_create, miss())),
    Defect("denied-create-is-201", _GROUP, "PERM-1", "A create that policy denies is said to be made, and is not.",
           answer=only(_is_denied_create, say(201, {"requestid": "0" * 32}))),
    Defect("denied-is-200-with-error", _GROUP, "PERM-1", "What policy denies is 200 with an error inside.",
           answer=only(is_denied, set_status(200))),
    Defect("denied-is-redirected", _GROUP, "PERM-1", "What policy denies redirects to a page for more rights.",
           answer=only(is_denied, say_nothing(303, {"location": "/permissions"}))),
    Defect("denied-is-500", _GROUP, "CODES-2", "What policy denies makes the server fail.",
           answer=only(is_denied, fail())),
)  # fmt: skip
