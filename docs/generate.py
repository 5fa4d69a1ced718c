"""Writes the reference pages anew from the data that they describe: `make docs`.

A page that was changed by hand, or data that changed without its page, fails a test.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import spec
from mock_server.domain.acceptance import SWISH_REFUSALS
from mock_server.domain.outcomes import Life
from mock_server.domain.rules import Rule
from mock_server.domain.scenarios import LATE_MESSAGES, PHONES

HERE = Path(__file__).parent


def clauses_page() -> str:
    """The register of clauses as tables, one per group."""
    return "\n".join(_clauses()) + "\n"


def magic_values_page() -> str:
    """The messages and phone numbers that lead elsewhere."""
    return "\n".join(_magic_values()) + "\n"


_CLAUSES_HEAD = """\
# The clauses

Every promise of the published page, one id each, from [spec/clauses.yaml](../spec/clauses.yaml), which also has the
words of the page that each rests on. A violation of a *documented* or *implied* clause is an error; of an *advice*, a
warning.

| id | level | the promise |
|---|---|---|"""

_SCENARIOS_HEAD = """\
# Messages and phone numbers that lead elsewhere

A payment is paid after a while, unless its message or its phone number asks for something else. The message is looked
at first, and only as a whole: `RF07` is a code, `about RF07` is not. These are rules that every world has from the
start, after its own (see [scenarios.md](scenarios.md)); its setting `magic_values` switches them off.

## Phone numbers

In the range that is reserved for fiction, so that they can harm nobody. Any spelling will do: `070-174 06 11`.
"""

_MESSAGES_HEAD = """
## Messages that fail later

The request is accepted, and its status changes when the payer would have answered.
"""

_REFUSALS_HEAD = """
## Messages that are refused at once

The create answers 400, with the code as `error`.

| message | what is wrong |
|---|---|"""

PAGES = {"clauses.md": clauses_page, "magic-values.md": magic_values_page}


def _clauses() -> Iterator[str]:
    yield _CLAUSES_HEAD
    for clause in spec.load_clauses():
        yield f"| {clause['id']} | {clause['level']} | {clause['promise']} |"


def _magic_values() -> Iterator[str]:
    yield _SCENARIOS_HEAD
    yield from _lives("phone", PHONES)
    yield _MESSAGES_HEAD
    yield from _lives("message", LATE_MESSAGES)
    yield _REFUSALS_HEAD
    yield from (f"| `{code}` | {text} |" for code, text in SWISH_REFUSALS.items())


def _lives(column: str, rules: Iterable[Rule]) -> Iterator[str]:
    yield f"| {column} | what happens | status |"
    yield "|---|---|---|"
    for rule in rules:
        steps = (rule.outcome.life or Life(())).steps
        path = " → ".join(["Created", *(step.status for step in steps)] if steps else ["Created", "Error"])
        yield f"| `{rule.name.removeprefix(f'{column}-')}` | {rule.description} | {path} |"


def main() -> None:
    """Write every page."""
    for name, page in PAGES.items():
        (HERE / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
