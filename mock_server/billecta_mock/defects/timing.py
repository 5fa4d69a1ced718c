"""Defects of timing: answers that take longer for what exists, by so much that it can be measured."""

from collections.abc import Callable
from typing import Final

from billecta_mock.defects.defect import Defect, Group
from billecta_mock.defects.scene import READING, Scene
from billecta_mock.http import Answer

SECONDS: Final = 0.06
"""How much longer."""


def _slower(name: str, clause: str, sentence: str, when: Callable[[Scene], bool]) -> Defect:
    def delay(_answer: Answer, scene: Scene) -> float:
        return SECONDS if when(scene) else 0.0

    return Defect(name, Group.TIMING, clause, sentence, delay=delay)


def _is_read_locked_out(scene: Scene) -> bool:
    return scene.key is None and scene.asked.method in READING


DEFECTS: Final = (
    _slower("invoice-told-by-time", "MASK-3", "Without a valid key, an invoice that exists takes longer.",
            lambda scene: _is_read_locked_out(scene) and scene.names_invoice),
    _slower("invoice-told-by-time-to-wrong-key", "MASK-3", "With a wrong key, an invoice that exists takes longer.",
            lambda scene: _is_read_locked_out(scene) and scene.names_invoice and scene.asked.key != ""),
    _slower("invoice-told-by-time-to-no-key", "MASK-3", "Without a key, an invoice that exists takes longer.",
            lambda scene: _is_read_locked_out(scene) and scene.names_invoice and not scene.asked.has_key),
    _slower("invoice-told-by-time-of-head", "MASK-3", "Without a valid key, HEAD takes longer for an invoice.",
            lambda scene: scene.key is None and scene.asked.method == "HEAD" and scene.names_invoice),
    _slower("missing-invoice-takes-longer", "MASK-3", "Without a valid key, a missing invoice takes longer.",
            lambda scene: _is_read_locked_out(scene) and scene.asked.is_for_invoice and not scene.names_invoice),
    _slower("action-told-by-time", "MASK-3", "Without a valid key, a create for an action that exists takes longer.",
            lambda scene: scene.key is None and scene.asked.is_create and scene.names_action),
    _slower("payment-told-by-time", "MASK-3", "Without a valid key, a payment request that exists takes longer.",
            lambda scene: _is_read_locked_out(scene) and scene.names_payment),
    _slower("hidden-invoice-told-by-time", "MASK-4", "An invoice that the key may not see takes longer than none.",
            lambda scene: scene.is_hidden),
)  # fmt: skip
