"""Defects of finding invoices: what is sent for one that is not there, and what ids of odd forms lead to."""

import re
from collections.abc import Callable
from typing import Final

from billecta_mock.defects.changes import fail, only, refuse, say, say_nothing, say_text, set_status
from billecta_mock.defects.conditions import is_absent_invoice
from billecta_mock.defects.defect import Ask, Change, Defect, Group
from billecta_mock.defects.scene import Asked, Scene
from billecta_mock.http import Answer

_GROUP: Final = Group.INVOICES
_31_BITS: Final = 2**31
_63_BITS: Final = 2**63
_LONG: Final = 100
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,400}")

Read = Callable[[str, tuple[str, ...]], str | None]
"""The id that is meant by an odd one, given those that there are; None for none."""


def _absent(name: str, clause: str, sentence: str, change: Change) -> Defect:
    return Defect(name, _GROUP, clause, sentence, answer=only(is_absent_invoice, change))


def _fails(name: str, sentence: str, when: Callable[[str], bool]) -> Defect:
    """A server that fails on some ids, for whoever has a valid key."""

    def concerns(_answer: Answer, scene: Scene) -> bool:
        return scene.key is not None and scene.asked.is_for_invoice and when(scene.asked.resource or "")

    return Defect(name, _GROUP, "PDF-4", sentence, answer=only(concerns, fail()))


def _taken(name: str, sentence: str, read: Read) -> Defect:
    """An id of an odd form is taken for that of an invoice."""
    return Defect(name, _GROUP, "PDF-4", sentence, ask=_take(read))


def _take(read: Read) -> Ask:
    def believe(asked: Asked, scene: Scene) -> Asked:
        if not asked.is_for_invoice or scene.names_invoice:
            return asked
        ids = tuple(invoice.id for invoice in scene.world.dataset.invoices)
        meant = read(asked.resource or "", ids)
        return asked.with_resource(meant) if meant in ids and meant is not None else asked

    return believe


def _send_first(asked: Asked, scene: Scene) -> Asked:
    invoices = scene.world.dataset.invoices
    if not asked.is_for_invoice or scene.names_invoice or not invoices:
        return asked
    return asked.with_resource(invoices[0].id)


def _number(text: str) -> int:
    """The number in an id; 0 for one that is none."""
    return int(text) if _NUMBER.fullmatch(text) else 0


def _beginning(pattern: str) -> Read:
    def read(given: str, _ids: tuple[str, ...]) -> str | None:
        found = re.match(pattern, given)
        return found[1] if found else None

    return read


def _as_python_reads(given: str, _ids: tuple[str, ...]) -> str | None:
    """`int()` takes the digits of every script, and white space around them."""
    digits = given.strip()
    return str(int(digits)) if digits.isdecimal() and len(digits) < _LONG else None


_ABSENT: Final = (
    _absent("missing-invoice-is-200", "PDF-3", "A missing invoice is an empty document.",
            say_text(200, "", "application/pdf")),
    _absent("missing-invoice-is-200-with-error", "PDF-3", "A missing invoice is 200 with an error inside.",
            set_status(200)),
    _absent("missing-invoice-is-204", "PDF-3", "A missing invoice is nothing at all.", say_nothing(204)),
    _absent("missing-invoice-is-400", "PDF-3", "A missing invoice is a bad request.", refuse("No such invoice")),
    _absent("missing-invoice-is-401", "PDF-3", "A missing invoice is answered as if the key were wrong.",
            set_status(401)),
    _absent("missing-invoice-is-403", "PDF-3", "A missing invoice is forbidden.", set_status(403)),
    _absent("missing-invoice-is-redirected", "PDF-3", "A missing invoice redirects to a list of all.",
            say_nothing(302, {"location": "/invoices"})),
    _absent("missing-invoice-is-410", "CODES-1", "A missing invoice is said to be gone.",
            say(410, {"message": "Gone"})),
    _absent("missing-invoice-is-500", "CODES-2", "A missing invoice makes the server fail.", fail()),
    Defect("missing-invoice-is-another", _GROUP, "PDF-3", "In the place of a missing invoice, the first one is sent.",
           ask=_send_first),
)  # fmt: skip

_FAILING: Final = (
    _fails("zero-id-is-500", "The id 0 makes the server fail.", lambda given: given == "0"),
    _fails("negative-id-is-500", "A negative id makes the server fail.", lambda given: _number(given) < 0),
    _fails("id-beyond-31-bits-is-500", "An id of 32 to 63 bits makes the server fail.",
           lambda given: _31_BITS <= _number(given) < _63_BITS),
    _fails("id-beyond-63-bits-is-500", "An id of more than 63 bits makes the server fail.",
           lambda given: _number(given) >= _63_BITS),
    _fails("id-of-letters-is-500", "An id that is no number makes the server fail.",
           lambda given: given.isascii() and given.isalpha()),
    _fails("non-ascii-id-is-500", "An id with a letter outside ASCII makes the server fail.",
           lambda given: not given.isascii()),
    _fails("long-id-is-500", "An id of more than 100 characters makes the server fail.",
           lambda given: len(given) > _LONG),
    _fails("id-with-nul-is-500", "An id with a NUL makes the server fail.", lambda given: "\0" in given),
    _fails("id-with-quote-is-500", "An id with a quotation mark makes the server fail, as does a query built of it.",
           lambda given: "'" in given),
    _fails("id-with-percent-is-500", "An id with a per cent sign makes the server fail.", lambda given: "%" in given),
)  # fmt: skip

_TAKEN: Final = (
    _taken("signed-id-accepted", "An id with a plus sign is taken for the one without.", _beginning(r"[+](\d+)$")),
    _taken("padded-id-accepted", "An id with spaces before it is taken for the one without.",
           _beginning(r"\s+(\d+)$")),
    _taken("decimal-id-accepted", "An id with decimals is taken for the whole number.", _beginning(r"(\d+)[.,]\d*$")),
    _taken("id-read-up-to-letter", "An id is read up to its first letter.", _beginning(r"(\d+)[A-Za-z]")),
    _taken("id-read-up-to-sign", "An id is read up to the first sign that is no digit.", _beginning(r"(\d+)\W")),
    _taken("id-of-other-digits-accepted", "Digits of other scripts are taken for ours.", _as_python_reads),
    _taken("id-in-braces-accepted", "An id in brackets or quotation marks is taken for the one inside.",
           _beginning(r"[\[({\"'](\d+)[\])}\"']$")),
    _taken("wildcard-id-accepted", "The ids * and % are taken for the first invoice.",
           lambda given, ids: ids[0] if given in ("*", "%") and ids else None),
    _taken("zero-id-is-first-invoice", "The id 0 is taken for the first invoice.",
           lambda given, ids: ids[0] if given == "0" and ids else None),
    _taken("negative-id-counts-from-end", "The id -1 is taken for the last invoice.",
           lambda given, ids: ids[-1] if given == "-1" and ids else None),
    _taken("id-of-letters-is-first-invoice", "An id of letters is taken for 0, and that for the first invoice.",
           lambda given, ids: ids[0] if given.isalpha() and ids else None),
)  # fmt: skip

DEFECTS: Final = (*_ABSENT, *_FAILING, *_TAKEN)
