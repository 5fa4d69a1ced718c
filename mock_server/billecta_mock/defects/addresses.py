"""Defects of addresses: paths that are not where the contract has them."""

from collections.abc import Callable
from typing import Final

from billecta_mock.defects.changes import only, redirect
from billecta_mock.defects.defect import Ask, Defect, Group
from billecta_mock.defects.scene import Asked, Scene

_GROUP: Final = Group.ADDRESSES


def _swap_slash(when: Callable[[Asked], bool]) -> Ask:
    """The last slash of a path is wanted where the contract has none, and none where it has one."""

    def believe(asked: Asked, _scene: Scene) -> Asked:
        if not when(asked):
            return asked
        bare = asked.path.removesuffix("/")
        return asked._replace(path=f"{bare}/" if bare == asked.path else bare)

    return believe


def _move(old: str, new: str) -> Ask:
    """What is under one path in the contract is found under another only."""

    def believe(asked: Asked, _scene: Scene) -> Asked:
        if asked.path.startswith(new):
            return asked._replace(path=old + asked.path.removeprefix(new))
        return asked._replace(path="/moved" + asked.path) if asked.path.startswith(old) else asked

    return believe


DEFECTS: Final = (
    Defect("invoice-path-without-slash", _GROUP, "URL-1", "The invoice path ends without a slash; with one it is 404.",
           ask=_swap_slash(lambda asked: asked.is_for_invoice)),
    Defect("payment-path-with-slash", _GROUP, "URL-1", "The payment path ends in a slash; without one it is 404.",
           ask=_swap_slash(lambda asked: asked.is_for_payment)),
    Defect("read-path-with-slash", _GROUP, "URL-1", "The path of a status ends in a slash; that of a create does not.",
           ask=_swap_slash(lambda asked: asked.is_read)),
    Defect("invoice-path-redirected", _GROUP, "URL-1", "The right path of an invoice redirects to one without a slash.",
           answer=only(lambda _answer, scene: scene.names_invoice and scene.asked.path.endswith("/"),
                       redirect(308, lambda _answer, scene: f"../{scene.asked.segment}"))),
    Defect("invoice-path-renamed", _GROUP, "URL-1", "Invoices are found under /invoices/ only.",
           ask=_move("/fetch-invoice-pdf/", "/invoices/")),
    Defect("payment-path-renamed", _GROUP, "URL-1", "Payments are found under /swish/payments/ only.",
           ask=_move("/payments/swish/", "/swish/payments/")),
)  # fmt: skip
