"""One attempt to make a payment request, and what its answer says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from billecta_verify.config.target import has_dot_segment
from billecta_verify.oracles.schema import error_envelope_flaw
from billecta_verify.transport.exchange import Exchange, Text

_LIVE_REQUEST: Final = "RP06"
"""Swish's code for a payer who has a payment request that is not answered yet."""
_ERROR_CODE: Final = re.compile(r"(?!.*\d{5})[A-Za-z][A-Za-z0-9_.-]{0,31}")


@dataclass(frozen=True, slots=True)
class Attempt:
    """A valid create, and the read of its status that followed at once when it was accepted.

    `control` is a create with another message that the same phone was granted after this one was refused: the refusal
    was about the message, then. `was_made` says that the payment request exists although it was refused: the same phone
    was refused for a live request directly afterwards.
    """

    created: Exchange
    first_read: Exchange | None
    control: Attempt | None = None
    was_made: bool = False

    @property
    def is_accepted(self) -> bool:
        """Whether the payment request exists."""
        return self.created.status == HTTPStatus.CREATED

    @property
    def request_id(self) -> Text | None:
        """The id of the payment request, or None where the answer has no usable one."""
        document = self.created.json()
        value = document.get("requestid") if isinstance(document, dict) else None
        if not isinstance(value, str) or not value.strip() or has_dot_segment(value):
            return None
        return Text(value, "$REQUEST_ID")

    @property
    def is_refused_by_domain(self) -> bool:
        """Whether this is a refusal that a conforming deployment may give: a 400 in the promised envelope.

        Swish refuses, for one, a second live request for a payer, and a payer who is not enrolled.
        """
        return self.created.status == HTTPStatus.BAD_REQUEST and error_envelope_flaw(self.created) is None

    @property
    def refusal(self) -> str:
        """The refusal in short, such as `400 RP06`: only what looks like a code is taken from the answer."""
        document = self.created.json()
        code = str(document.get("error")) if isinstance(document, dict) else ""
        return f"{self.created.status} {code}" if _ERROR_CODE.fullmatch(code) else str(self.created.status)

    @property
    def is_refused_for_a_live_request(self) -> bool:
        """Whether the refusal names Swish's own code for it."""
        return self.is_refused_by_domain and _LIVE_REQUEST in self.created.body.decode("utf-8", "replace")
