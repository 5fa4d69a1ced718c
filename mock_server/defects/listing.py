"""The catalogue to be read: one line each for people and `grep`, or JSON."""

import orjson

from mock_server.defects.catalogue import CATALOGUE


def list_as_text() -> str:
    """A line for each defect: group, name, clause, sentence, in columns."""
    defects = CATALOGUE.values()
    group = max(len(each.group) for each in defects)
    name = max(len(each.name) for each in defects)
    clause = max(len(each.clause) for each in defects)
    return "\n".join(f"{d.group:{group}}  {d.name:{name}}  {d.clause:{clause}}  {d.sentence}" for d in defects)


def list_as_json() -> str:
    """An array of objects with the members name, group, clause and sentence."""
    shown = [
        {"name": each.name, "group": each.group, "clause": each.clause, "sentence": each.sentence}
        for each in CATALOGUE.values()
    ]
    return orjson.dumps(shown, option=orjson.OPT_INDENT_2).decode()
