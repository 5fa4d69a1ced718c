"""Which answers a defect is about."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from billecta_mock.defects.scene import Scene
from billecta_mock.http import JSON, Answer

Concern = Callable[[Answer, Scene], bool]
"""Whether an answer is one of those that a defect changes."""

_PDF: Final = "application/pdf"


def is_document(answer: Answer, _scene: Scene) -> bool:
    """An invoice."""
    return answer.media_type == _PDF


def is_created(answer: Answer, _scene: Scene) -> bool:
    """A payment request that was made."""
    return answer.status == HTTPStatus.CREATED


def is_status(answer: Answer, scene: Scene) -> bool:
    """The status of a payment request."""
    return scene.operation == "getSwishPayment" and answer.status == HTTPStatus.OK


def is_bad_request(answer: Answer, _scene: Scene) -> bool:
    """A request that was not acceptable."""
    return answer.status == HTTPStatus.BAD_REQUEST


def is_denied(answer: Answer, _scene: Scene) -> bool:
    """A request that the permission model denied."""
    return answer.status == HTTPStatus.FORBIDDEN


def is_wrong_method(answer: Answer, _scene: Scene) -> bool:
    """A method that the path does not have."""
    return answer.status == HTTPStatus.METHOD_NOT_ALLOWED


def is_locked_out(_answer: Answer, scene: Scene) -> bool:
    """A caller without a valid key."""
    return scene.key is None


def is_absent_invoice(answer: Answer, scene: Scene) -> bool:
    """An invoice that is not there, or that the caller may not see."""
    return is_not_found(answer, scene) and scene.operation == "fetchInvoicePdf"


def is_absent_action(answer: Answer, scene: Scene) -> bool:
    """An invoice action that is not there."""
    return is_not_found(answer, scene) and scene.operation == "createSwishPayment"


def is_absent_payment(answer: Answer, scene: Scene) -> bool:
    """A payment request that is not there."""
    return is_not_found(answer, scene) and scene.operation == "getSwishPayment"


def is_not_found(answer: Answer, scene: Scene) -> bool:
    """A 404 that masks nothing."""
    return answer.status == HTTPStatus.NOT_FOUND and scene.key is not None


def is_json(answer: Answer, _scene: Scene) -> bool:
    """An answer in JSON."""
    return answer.media_type == JSON


def is_error(answer: Answer, _scene: Scene) -> bool:
    """An answer that is an error."""
    return answer.status >= HTTPStatus.BAD_REQUEST
