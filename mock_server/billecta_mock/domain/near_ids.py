"""Which id was probably meant by one that a world does not have."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from billecta_mock.domain.dataset import Dataset

_LONGEST_COMPARED: Final = 200
_SHORTEST_HALF: Final = 3
_PLACEHOLDERS: Final = frozenset({"undefined", "null", "none", "nil", "nan", "[object object]", "id", "requestid"})
_OPENING: Final = ("{", ":", "<", "$")


class NearId(NamedTuple):
    """An id that would have matched, if there is one, and what was wrong."""

    expected: str | None
    sentence: str


def find_near_id(code: str, sent: str, dataset: Dataset, request_ids: tuple[str, ...]) -> NearId:
    """What was probably meant by `sent`, which was unknown as the kind of id that `code` says."""
    if sent.strip().lower() in _PLACEHOLDERS or sent.startswith(_OPENING):
        return NearId(None, "a placeholder was sent that nothing was put in the place of")
    known = {
        "invoice_unknown": [invoice.id for invoice in dataset.invoices],
        "action_unknown": [invoice.action_id for invoice in dataset.invoices],
        "payment_unknown": request_ids,
    }[code]
    return _find_of_another_kind(code, sent, dataset, request_ids) or _find_similar(sent, known) or _give_up(code)


def _find_of_another_kind(code: str, sent: str, dataset: Dataset, request_ids: tuple[str, ...]) -> NearId | None:
    """An id that exists, but as that of something else."""
    invoice, of_action = dataset.invoice(sent), dataset.invoice_of_action(sent)
    if sent in request_ids:
        return NearId(None, f"this is the request id of a payment; {_WANTED[code]}")
    if of_action and code == "invoice_unknown":
        return NearId(of_action.id, f"this is the action id of invoice {of_action.id}; {_WANTED[code]}")
    if of_action:
        return NearId(None, f"this is the action id of invoice {of_action.id}; {_WANTED[code]}")
    if invoice and code == "action_unknown":
        return NearId(invoice.action_id, f"this is the id of an invoice; its action id is {invoice.action_id}")
    return NearId(None, f"this is the id of an invoice; {_WANTED[code]}") if invoice else None


def _find_similar(sent: str, known: Iterable[str]) -> NearId | None:
    """The known id that is nearest, by the first of these that holds for any."""
    if not sent or len(sent) > _LONGEST_COMPARED:
        return None
    known = list(known)
    plain = sent.strip().strip("\"'").lower()
    half = len(sent) // 2
    front, back = sent[: half or 1], sent[half:]
    for is_near, sentence in (
        (lambda each: each.lower() == plain, "it has another case, or quotation marks or white space around it"),
        (lambda each: each.lstrip("0") == plain.lstrip("0"), "it has other zeros in front"),
        (
            lambda each: (each.startswith(front) or each.endswith(back)) and is_one_edit_away(sent, each),
            "one character is different",
        ),
        (lambda each: half >= _SHORTEST_HALF and (each.startswith(sent) or sent.startswith(each)), "it was cut off"),
    ):
        near = next(filter(is_near, known), None)
        if near:
            return NearId(near, sentence)
    return None


def is_one_edit_away(one: str, other: str) -> bool:
    """Whether one character put in, left out, replaced, or two neighbours swapped make one text the other."""
    if abs(len(one) - len(other)) > 1 or one == other:
        return False
    front = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    one, other = one[front:], other[front:]
    swapped = one[1:2] + one[:1] + one[2:]
    return one[1:] == other[1:] or one[1:] == other or one == other[1:] or swapped == other


def _give_up(code: str) -> NearId:
    return NearId(None, f"nothing in this world is like it; {_WANTED[code]}")


_WANTED: Final = {
    "invoice_unknown": "fetchInvoicePdf wants the id of an invoice in Lime CRM",
    "action_unknown": "createSwishPayment wants the ActionPublicId of an invoice action in Billecta",
    "payment_unknown": "getSwishPayment wants the requestid that createSwishPayment answered, in this world, since its "
    "last reset",
}
