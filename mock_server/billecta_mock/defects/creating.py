"""Defects of creating payment requests: what a create that succeeds is answered, and which ones succeed at all."""

from collections.abc import Callable
from typing import Any, Final

from billecta_mock.defects.changes import (
    fail,
    map_document,
    miss,
    only,
    put,
    redirect,
    refuse,
    rename,
    say,
    say_nothing,
    say_text,
    set_status,
    with_document,
)
from billecta_mock.defects.conditions import is_absent_action, is_created
from billecta_mock.defects.defect import Change, Defect, Group
from billecta_mock.defects.scene import Asked, Scene
from billecta_mock.domain.invoices import InvoiceState
from billecta_mock.domain.payments import Payment
from billecta_mock.http import Answer

_GROUP: Final = Group.CREATING
_DIGITS_OF_NUMBER: Final = 12
_SHORTEST_PART: Final = 3


def _created(name: str, clause: str, sentence: str, change: Change) -> Defect:
    return Defect(name, _GROUP, clause, sentence, answer=only(is_created, change))


def _unknown(name: str, clause: str, sentence: str, change: Change) -> Defect:
    return Defect(name, _GROUP, clause, sentence, answer=only(is_absent_action, change))


def _identify(find: Callable[[list[Payment], Scene], str]) -> Change:
    """The request id that is said is another. `find` gets the payments, newest first, of which the first was made."""

    def change(answer: Answer, scene: Scene) -> Answer:
        payments = list(scene.payments())
        return with_document(answer, {"requestid": find(payments, scene)}) if payments else answer

    return change


def _previous(payments: list[Payment], _scene: Scene) -> str:
    """Every second payment request gets the id of the one before."""
    return payments[len(payments) % 2 == 0].request_id


def _first_for_phone(payments: list[Payment], _scene: Scene) -> str:
    return next(each.request_id for each in reversed(payments) if each.phone == payments[0].phone)


def _said(answer: Answer, member: str) -> Any:
    return answer.document.get(member) if isinstance(answer.document, dict) else None


def _as_number(said: dict[str, Any]) -> Any:
    digits = "".join(character for character in str(said.get("requestid")) if character.isdecimal())
    return {**said, "requestid": int(digits[:_DIGITS_OF_NUMBER] or "1")}


def _find_open_actions(scene: Scene) -> list[str]:
    invoices = scene.world.dataset.invoices
    return [each.action_id for each in invoices if each.state is InvoiceState.OPEN and each.outstanding > 0]


def _create_for(find: Callable[[str, list[str]], str | None]) -> Callable[[Asked, Scene], Asked]:
    """An unknown action is taken for one that is open."""

    def believe(asked: Asked, scene: Scene) -> Asked:
        if not asked.is_create or scene.names_action:
            return asked
        meant = find(asked.resource or "", _find_open_actions(scene))
        return asked.with_resource(meant) if meant else asked

    return believe


def _part_of(given: str, actions: list[str]) -> str | None:
    return next((each for each in actions if len(given) > _SHORTEST_PART and each.startswith(given)), None)


def _is_blocked(answer: Answer, _scene: Scene) -> bool:
    return answer.why.code == "RP06"


_ANSWERED: Final = (
    _created("create-is-200", "SWISH-1", "A create is answered 200.", set_status(200)),
    _created("create-is-202", "CODES-1", "A create is answered 202: it may be made later.", set_status(202)),
    _created("create-is-redirected", "SWISH-1", "A create redirects to the status of the payment request.",
             redirect(303, lambda answer, _scene: str(_said(answer, "requestid")))),
    _created("create-is-empty", "SWISH-1", "A create is answered 201 without a body.", say_nothing(201)),
    _created("create-is-200-with-error", "SWISH-1", "A create is 200 with an error inside.",
             say(200, {"error": "RP06", "message": "Try again later"})),
    _created("create-is-400", "SWISH-1", "Every create is refused once it is made.", refuse("Billecta is busy")),
    _created("create-is-404", "SWISH-1", "Every create is answered as if its action were unknown.", miss()),
    _created("create-is-html", "SWISH-1", "A create is answered with a page.",
             say_text(201, "<!doctype html><title>Created</title>")),
    _created("requestid-renamed", "SWISH-1", "The id is called requestId.", rename("requestid", "requestId")),
    _created("requestid-called-id", "SWISH-1", "The id is called id.", rename("requestid", "id")),
    _created("requestid-numeric", "SWISH-1", "The id is a number.", map_document(_as_number)),
    _created("requestid-null", "SWISH-1", "The id is null.", put(requestid=None)),
    _created("requestid-in-list", "SWISH-1", "The id is in a list.", map_document(lambda said: [said])),
    _created("requestid-nested", "SWISH-1", "The id is an object inside of another.",
             map_document(lambda said: {"data": said})),
    _created("requestid-alone", "SWISH-1", "The answer is the id, not an object that holds it.",
             map_document(lambda said: said.get("requestid"))),
    _created("requestid-empty", "SWISH-2", "The id is empty.", put(requestid="")),
    _created("requestid-blank", "SWISH-2", "The id is a space.", put(requestid=" ")),
    _created("requestid-always-same", "SWISH-2", "Every payment request has the id of the first.",
             _identify(lambda payments, _scene: payments[-1].request_id)),
    _created("requestid-twice", "SWISH-2", "Every second payment request has the id of the one before.",
             _identify(_previous)),
    _created("requestid-by-phone", "SWISH-2", "Payment requests to the same phone number have the same id.",
             _identify(_first_for_phone)),
    _created("requestid-by-action", "SWISH-2", "The id of a payment request is that of its action.",
             _identify(lambda _payments, scene: scene.asked.resource or "")),
    _created("requestid-by-day", "SWISH-2", "The id of a payment request is the date.",
             _identify(lambda _payments, scene: f"{scene.now:%Y%m%d}")),
)  # fmt: skip

_UNKNOWN_ACTIONS: Final = (
    Defect("unknown-action-accepted", _GROUP, "SWISH-9", "An unknown action is taken for the first open one.",
           ask=_create_for(lambda _given, actions: actions[0] if actions else None)),
    Defect("part-of-action-accepted", _GROUP, "SWISH-9", "The beginning of an action's id is taken for that action.",
           ask=_create_for(_part_of)),
    Defect("action-with-suffix-accepted", _GROUP, "SWISH-9", "An action's id with anything after it is accepted.",
           ask=_create_for(lambda given, actions: next((each for each in actions if given.startswith(each)), None))),
    _unknown("unknown-action-is-201", "SWISH-9", "A create for an unknown action is said to be made, and is not.",
             say(201, {"requestid": "0" * 32})),
    _unknown("unknown-action-is-400", "SWISH-9", "An unknown action is a bad request.", refuse("No such action")),
    _unknown("unknown-action-is-403", "SWISH-9", "An unknown action is forbidden.", set_status(403)),
    _unknown("unknown-action-is-422", "CODES-1", "An unknown action cannot be processed.", set_status(422)),
    _unknown("unknown-action-is-500", "CODES-2", "An unknown action makes the server fail.", fail()),
    Defect("live-request-is-409", _GROUP, "CODES-1", "A second live request to one phone is a conflict, not a 400.",
           answer=only(_is_blocked, set_status(409))),
)  # fmt: skip

DEFECTS: Final = (*_ANSWERED, *_UNKNOWN_ACTIONS)
