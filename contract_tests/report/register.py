"""The clause register as the reports need it."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from contract_tests.report.model import Clause, Level
from spec import load_clauses


@cache
def clauses() -> Mapping[str, Clause]:
    """The clauses by id, in the order of the register. Each marker of a check is held against them: read once."""
    return MappingProxyType(
        {
            entry["id"]: Clause(
                id=entry["id"],
                level=Level(entry["level"]),
                promise=entry["promise"],
                rests_on=tuple(entry["rests_on"]),
                reason=entry.get("reason"),
            )
            for entry in load_clauses()
        }
    )
