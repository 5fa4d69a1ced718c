"""Bundles: named sets of rules and faults, set for a world in one call."""

from collections.abc import Mapping
from dataclasses import replace

from billecta_mock.admin.desk import AdminCall, AdminHandler, Desk, missing
from billecta_mock.admin.rule_views import show_bundle
from billecta_mock.domain.presets import BUNDLES, Bundle
from billecta_mock.domain.problems import Refusal
from billecta_mock.domain.rules import RuleKind
from billecta_mock.domain.world import World
from billecta_mock.http import Answer, json_answer
from billecta_mock.openapi.schemas import suggest


class BundleHandlers:
    """Handlers of the tag `bundles`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def handlers(self) -> Mapping[str, AdminHandler]:
        """Each handler under its operation id."""
        return {"listBundles": self.list, "applyBundle": self._desk.in_world(self.apply)}

    async def list(self, _call: AdminCall) -> Answer:
        """All bundles, with what each sets."""
        return json_answer(200, {"bundles": [show_bundle(bundle) for bundle in BUNDLES.values()]})

    async def apply(self, call: AdminCall, world: World) -> Answer | Refusal:
        """The rules and faults of a bundle in the place of those that the world has; all begin to count anew."""
        name = call.path["bundle"]
        bundle = BUNDLES.get(name)
        if bundle is None:
            return missing("bundle", name, suggest(name, list(BUNDLES)))
        self._set(world, bundle)
        return json_answer(200, show_bundle(bundle))

    def _set(self, world: World, bundle: Bundle) -> None:
        store, script = self._desk.store, world.script
        for kind, rules in ((RuleKind.RULE, script.rules), (RuleKind.FAULT, script.faults)):
            for rule in rules:
                store.forget_turns(world.database, kind, rule.name)
        store.put_world(world.with_script(replace(script, rules=bundle.rules, faults=bundle.faults)))
