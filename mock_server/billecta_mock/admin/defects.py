"""Defects: those that there are, and those of a world."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from billecta_mock.admin.desk import AdminCall, AdminHandler, Desk
from billecta_mock.admin.flaws import FlawError
from billecta_mock.defects.catalogue import CATALOGUE, check_names
from billecta_mock.defects.defect import Defect, UnknownDefectError
from billecta_mock.domain.problems import Refusal
from billecta_mock.domain.world import World
from billecta_mock.http import Answer, json_answer


class DefectHandlers:
    """Handlers of the tag `defects`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def handlers(self) -> Mapping[str, AdminHandler]:
        """Each handler under its operation id."""
        in_world = self._desk.in_world
        return {"listDefects": self.list, "getDefects": in_world(self.show), "putDefects": in_world(self.put)}

    async def list(self, call: AdminCall) -> Answer:
        """The catalogue, or those of a group and of a clause."""
        group, clause = call.query["group"], call.query["clause"]
        every = CATALOGUE.values()
        return _show(each for each in every if group in (None, each.group) and clause in (None, each.clause))

    async def show(self, _call: AdminCall, world: World) -> Answer:
        """The defects of a world, in the order in which they work."""
        return _show(CATALOGUE[name] for name in world.script.defects)

    async def put(self, call: AdminCall, world: World) -> Answer | Refusal:
        """These defects and no others; 400 for one that there is not."""
        try:
            names = check_names(call.body)
        except UnknownDefectError as unknown:
            return FlawError(f"/{unknown.index}", str(unknown)).as_refusal()
        self._desk.store.put_world(world.with_script(replace(world.script, defects=names)))
        return _show(CATALOGUE[name] for name in names)


def _show(defects: Iterable[Defect]) -> Answer:
    shown = [
        {"name": each.name, "group": each.group, "clause": each.clause, "sentence": each.sentence} for each in defects
    ]
    return json_answer(200, {"defects": shown})
