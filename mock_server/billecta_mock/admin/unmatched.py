"""Requests that the contract did not let through, each beside what would have matched."""

from collections.abc import Mapping
from itertools import islice
from typing import Any, Final

from billecta_mock.admin.desk import AdminCall, AdminHandler, Desk
from billecta_mock.admin.formats import wants_text
from billecta_mock.admin.lines import write_line
from billecta_mock.admin.outline import outline
from billecta_mock.admin.views import show_exchange
from billecta_mock.domain.journal import Exchange
from billecta_mock.domain.problems import Refusal
from billecta_mock.domain.verification.filters import Numbered
from billecta_mock.domain.verification.near_misses import Landmarks, NearMiss, find_near_misses, is_unmatched
from billecta_mock.domain.world import World
from billecta_mock.http import Answer, json_answer, text_answer

_MOST_PAYMENTS: Final = 1000


class UnmatchedHandlers:
    """Handlers of the tag `requests` that explain what went wrong."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def handlers(self) -> Mapping[str, AdminHandler]:
        """Each handler under its operation id."""
        return {"listUnmatchedRequests": self._desk.in_world(self.list)}

    async def list(self, call: AdminCall, world: World) -> Answer | Refusal:
        """The newest requests that were not let through, newest first, as JSON or as text."""
        exchanges = self._desk.store.exchanges(world.database, call.query["after"])
        unmatched = list(islice((each for each in exchanges if is_unmatched(each[1])), call.query["limit"]))
        payments = islice(self._desk.store.payments(world.database), _MOST_PAYMENTS)
        request_ids = tuple(payment.request_id for payment in payments)
        landmarks = Landmarks(outline(self._desk.contract().values()), world.dataset, request_ids)
        compared = [(each, find_near_misses(each[1], landmarks)) for each in unmatched]
        if wants_text(call):
            texts = [_write(*numbered, near) for numbered, near in compared]
            return text_answer(200, "\n".join(texts) or "Every request was let through.\n")
        return json_answer(200, {"requests": [_show(numbered, near) for numbered, near in compared]})


def _show(numbered: Numbered, near: tuple[NearMiss, ...]) -> dict[str, Any]:
    return {**show_exchange(*numbered), "near_misses": [each._asdict() for each in near]}


def _write(number: int, exchange: Exchange, near: tuple[NearMiss, ...]) -> str:
    """One request as a comparison: `you sent` above `the contract has`, so that differences stand below each other."""
    head = f"{write_line(number, exchange)}\n"
    return head + "".join(_write_near(each) for each in near)


def _write_near(near: NearMiss) -> str:
    lines = (("you sent", near.sent), ("expected", near.expected), ("because ", near.sentence))
    return f"  {near.part}\n" + "".join(f"    {label}  {text}\n" for label, text in lines)
