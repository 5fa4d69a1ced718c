"""Rules, faults, presets and defects of a world: set, show, add, remove."""

import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import replace
from functools import partial
from itertools import count
from typing import Any, Final

from billecta_mock.admin.context import AdminCall, AdminContext, AdminHandler, BodyError, missing
from billecta_mock.admin.rule_parser import RuleReader
from billecta_mock.admin.rule_serializer import show_preset, show_rule
from billecta_mock.defects.catalogue import CATALOGUE, check_names
from billecta_mock.defects.defect import Defect, UnknownDefectError
from billecta_mock.domain.presets import BUILT_IN_RULES, PRESETS, Preset
from billecta_mock.domain.problems import Problem, Reason, invalid
from billecta_mock.domain.rules import Rule, RuleKind
from billecta_mock.domain.world import Behaviour, World
from billecta_mock.http import Response, empty_response, error_response, json_response
from billecta_mock.openapi.schemas import suggest

Rules = tuple[Rule, ...]
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_NAME_FORM: Final = "1 to 64 of the characters A-Z a-z 0-9 . _ -, with a letter or digit first"
_PLURAL: Final = {RuleKind.RULE: "rules", RuleKind.FAULT: "faults"}


class RuleHandlers:
    """Handlers of the tag `rules`, or of the tag `faults`, whose operations differ in the name alone."""

    def __init__(self, context: AdminContext, kind: RuleKind) -> None:
        self._context = context
        self._kind = kind

    def handlers(self) -> Mapping[str, AdminHandler]:
        """Each handler under its operation id."""
        in_world, one, many = self._context.in_world, self._kind.title(), _PLURAL[self._kind].title()
        return {
            f"list{many}": in_world(self.list),
            f"put{many}": in_world(self.replace_all),
            f"add{one}": in_world(self.add),
            f"clear{many}": in_world(self.clear),
            f"get{one}": in_world(self.show),
            f"put{one}": in_world(self.put),
            f"delete{one}": in_world(self.delete),
        }

    async def list(self, _call: AdminCall, world: World) -> Response:
        """All of them, in order; of rules also those that every world has."""
        return json_response(200, self._show_all(world))

    async def replace_all(self, call: AdminCall, world: World) -> Response | Problem:
        """These, in this order, and no others; all begin to count again."""
        if (full := self._find_overflow(len(call.body))) is not None:
            return full
        try:
            rules = self._read_all(call.body, world)
        except BodyError as flaw:
            return flaw.as_refusal()
        return self._keep(world, rules, rules) or json_response(200, self._show_all(self._again(world)))

    async def add(self, call: AdminCall, world: World) -> Response | Problem:
        """One more, at the end or where `position` says."""
        old = self._of(world)
        taken = {rule.name for rule in old}
        name = call.body.get("name") or _free_name(self._kind, taken)
        if name in taken:
            message = f"this world has a {self._kind} '{name}' already; PUT …/{_PLURAL[self._kind]}/{name} replaces it"
            return error_response(409, "Conflict", message, Reason("name_taken", message))
        try:
            rule = self._reader(world).read(call.body, name)
        except BodyError as flaw:
            return flaw.as_refusal()
        place = call.query["position"]
        place = len(old) if place is None else place
        refused = self._keep(world, (*old[:place], rule, *old[place:]), (rule,))
        return refused or json_response(201, self._show(world, rule))

    async def clear(self, _call: AdminCall, world: World) -> Response:
        """None of them any more."""
        self._keep(world, (), self._of(world))
        return empty_response()

    async def show(self, call: AdminCall, world: World) -> Response | Problem:
        """One of them."""
        rule = self._find(call, world)
        return rule if isinstance(rule, Problem) else json_response(200, self._show(world, rule))

    async def put(self, call: AdminCall, world: World) -> Response | Problem:
        """One under this name, instead of the one before, or at the end; it begins to count again."""
        name, old = call.path[self._kind], self._of(world)
        if not _NAME.fullmatch(name):
            return invalid(
                "name_invalid", "Bad Request", f"the name in the path is none of a {self._kind}: {_NAME_FORM}"
            )
        if call.body.get("name", name) != name:
            return BodyError("/name", f"must be '{name}', as in the path, or be left out").as_refusal()
        try:
            rule = self._reader(world).read(call.body, name)
        except BodyError as flaw:
            return flaw.as_refusal()
        known = any(each.name == name for each in old)
        rules = tuple(rule if each.name == name else each for each in old) if known else (*old, rule)
        return self._keep(world, rules, (rule,)) or json_response(200 if known else 201, self._show(world, rule))

    async def delete(self, call: AdminCall, world: World) -> Response | Problem:
        """All but this one."""
        rule = self._find(call, world)
        if isinstance(rule, Problem):
            return rule
        self._keep(world, tuple(each for each in self._of(world) if each is not rule), (rule,))
        return empty_response()

    def _of(self, world: World) -> Rules:
        return world.behaviour.rules if self._kind is RuleKind.RULE else world.behaviour.faults

    def _again(self, world: World) -> World:
        return self._context.store.world(world.database) or world

    def _find(self, call: AdminCall, world: World) -> Rule | Problem:
        name = call.path[self._kind]
        found = next((rule for rule in self._of(world) if rule.name == name), None)
        return found or missing(self._kind, name, f"GET …/{_PLURAL[self._kind]} lists those of this world")

    def _reader(self, world: World) -> RuleReader:
        return RuleReader(self._kind, self._context.contract(), self._context.now(world), world.dataset.keys)

    def _read_all(self, documents: Iterable[Mapping[str, Any]], world: World) -> Rules:
        reader, taken, rules = self._reader(world), set[str](), list[Rule]()
        for index, document in enumerate(documents):
            name = document.get("name") or _free_name(self._kind, taken, index + 1)
            if name in taken:
                raise BodyError(f"/{index}/name", f"'{name}' is the name of one before it; each needs its own")
            taken.add(name)
            rules.append(reader.read(document, name, f"/{index}"))
        return tuple(rules)

    def _keep(self, world: World, rules: Rules, changed: Iterable[Rule]) -> Response | None:
        """Set the rules of a world, and let those that changed count again; or why that cannot be."""
        if (full := self._find_overflow(len(rules))) is not None:
            return full
        behaviour = self._with(world.behaviour, rules)
        self._context.store.put_world(world.with_behaviour(behaviour))
        for rule in changed:
            self._context.store.forget_turns(world.database, self._kind, rule.name)
        return None

    def _find_overflow(self, number: int) -> Response | None:
        most = self._context.most_rules
        if number <= most:
            return None
        message = f"a world has at most {most} {_PLURAL[self._kind]}; DELETE some, or raise --max-rules"
        return error_response(507, "Insufficient Storage", message, Reason("rules_full", message))

    def _with(self, behaviour: Behaviour, rules: Rules) -> Behaviour:
        return replace(behaviour, rules=rules) if self._kind is RuleKind.RULE else replace(behaviour, faults=rules)

    def _show(self, world: World, rule: Rule) -> dict[str, Any]:
        return show_rule(rule, self._context.store.turns(world.database, self._kind, rule.name))

    def _show_all(self, world: World) -> dict[str, Any]:
        shown: dict[str, Any] = {_PLURAL[self._kind]: [self._show(world, rule) for rule in self._of(world)]}
        if self._kind is RuleKind.RULE:
            shipped = BUILT_IN_RULES.rules if world.settings.magic_values else ()
            turns = partial(self._context.store.turns, world.database, RuleKind.BUILT_IN)
            shown["shipped"] = [show_rule(rule, turns(rule.name)) for rule in shipped]
        return shown


def _free_name(kind: RuleKind, taken: Container[str], first: int = 1) -> str:
    return next(name for name in (f"{kind}-{number}" for number in count(first)) if name not in taken)


class PresetHandlers:
    """Handlers of the tag `bundles`."""

    def __init__(self, context: AdminContext) -> None:
        self._context = context

    def handlers(self) -> Mapping[str, AdminHandler]:
        """Each handler under its operation id."""
        return {"listBundles": self.list, "applyBundle": self._context.in_world(self.apply)}

    async def list(self, _call: AdminCall) -> Response:
        """All bundles, with what each sets."""
        return json_response(200, {"bundles": [show_preset(bundle) for bundle in PRESETS.values()]})

    async def apply(self, call: AdminCall, world: World) -> Response | Problem:
        """The rules and faults of a bundle instead of those that the world has; all begin to count again."""
        name = call.path["bundle"]
        bundle = PRESETS.get(name)
        if bundle is None:
            return missing("bundle", name, suggest(name, list(PRESETS)))
        self._set(world, bundle)
        return json_response(200, show_preset(bundle))

    def _set(self, world: World, bundle: Preset) -> None:
        store, behaviour = self._context.store, world.behaviour
        for kind, rules in ((RuleKind.RULE, behaviour.rules), (RuleKind.FAULT, behaviour.faults)):
            for rule in rules:
                store.forget_turns(world.database, kind, rule.name)
        store.put_world(world.with_behaviour(replace(behaviour, rules=bundle.rules, faults=bundle.faults)))


class DefectHandlers:
    """Handlers of the tag `defects`."""

    def __init__(self, context: AdminContext) -> None:
        self._context = context

    def handlers(self) -> Mapping[str, AdminHandler]:
        """Each handler under its operation id."""
        in_world = self._context.in_world
        return {"listDefects": self.list, "getDefects": in_world(self.show), "putDefects": in_world(self.put)}

    async def list(self, call: AdminCall) -> Response:
        """The catalogue, or those of a group and of a clause."""
        group, clause = call.query["group"], call.query["clause"]
        every = CATALOGUE.values()
        return _show(each for each in every if group in (None, each.group) and clause in (None, each.clause))

    async def show(self, _call: AdminCall, world: World) -> Response:
        """The defects of a world, in the order in which they work."""
        return _show(CATALOGUE[name] for name in world.behaviour.defects)

    async def put(self, call: AdminCall, world: World) -> Response | Problem:
        """These defects and no others; 400 for one that there is not."""
        try:
            names = check_names(call.body)
        except UnknownDefectError as unknown:
            return BodyError(f"/{unknown.index}", str(unknown)).as_refusal()
        self._context.store.put_world(world.with_behaviour(replace(world.behaviour, defects=names)))
        return _show(CATALOGUE[name] for name in names)


def _show(defects: Iterable[Defect]) -> Response:
    shown = [
        {"name": each.name, "group": each.group, "clause": each.clause, "sentence": each.sentence} for each in defects
    ]
    return json_response(200, {"defects": shown})
