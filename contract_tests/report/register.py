"""The clause register as the reports need it."""

from contract_tests.report.model import Clause, Level
from spec import load_clauses


def clauses() -> dict[str, Clause]:
    """The clauses by id, in the order of the register."""
    return {
        entry["id"]: Clause(
            id=entry["id"],
            level=Level(entry["level"]),
            promise=entry["promise"],
            rests_on=tuple(entry["rests_on"]),
            reason=entry.get("reason"),
        )
        for entry in load_clauses()
    }
