"""Writes the reference pages again from the data that they describe: `make docs`.

A page that was changed by hand, or data that changed without its page, fails a test.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import billecta_spec
from billecta_mock.defects.catalogue import CATALOGUE, UNBREAKABLE, list_as_text
from billecta_mock.defects.defect import Group
from billecta_mock.defects.masking import SECONDS
from billecta_mock.domain.actions import PaymentFlow
from billecta_mock.domain.presets import LATE_MESSAGES, PHONES
from billecta_mock.domain.rules import Rule
from billecta_mock.domain.validation import SWISH_REFUSALS

HERE = Path(__file__).parent


def clauses_page() -> str:
    """The register of clauses as tables, one per group."""
    return "\n".join(_clauses()) + "\n"


def magic_values_page() -> str:
    """The messages and phone numbers that lead elsewhere."""
    return "\n".join(_magic_values()) + "\n"


def defects_page() -> str:
    """Every defect, in a table for each group."""
    return "\n".join(_defects()) + "\n"


_CLAUSES_HEAD = """\
# The clauses

Every promise of the published page, one id each, from [clauses.yaml](../spec/billecta_spec/clauses.yaml), which also
has the words of the page that each rests on. A violation of a *documented* or *implied* clause is an error; of an
*advice*, a warning.

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

_DEFECTS_HEAD = """\
# Defects

A defect is a deviation from the contract, with a name and the clause that it breaks. Give a world some, and it answers
as a server would that is wrong in just these ways: to see what your client makes of half a document, or whether a
verifier of deployments finds what it should. {number} are there, in {groups} groups; any number of them work at once,
in the order given.

```sh
curl -X PUT http://127.0.0.1:8080/__admin/worlds/database/defects \\
  -H "Content-Type: application/json" -d '["requestid-numeric", "head-needs-no-key"]' > set.json
curl -o headers.txt -w '{{"head": %{{http_code}}}}' -I \\
  http://127.0.0.1:8080/database/limepkg-billecta-integration/fetch-invoice-pdf/1001/
```

```json
{{"head": 200}}
```

`PUT` replaces the defects that were set before; an empty list ends them all, and so does a reset of the world. `GET` of
the same path lists them, `GET /__admin/defects` lists all that there are, with the filters `group` and `clause`. A name
that is none is a 400 that says which one was meant.

The journal stays true: it has what was sent, and under `marks` which defects changed it.

```sh
curl "http://127.0.0.1:8080/__admin/worlds/database/requests?limit=1" \\
  | python3 -c 'import json, sys; print(json.dumps(json.load(sys.stdin)["requests"][0]["marks"]))'
```

```json
["defect:head-needs-no-key"]
```

From the start, for the world `database` and for every world made later, also after a reset: `billecta-mock --defect
NAME`, once for each; `BILLECTA_MOCK_DEFECT=NAME,NAME`; or `defect = ["NAME", "NAME"]` in the configuration file.
`billecta-mock defects` lists them, one a line, `billecta-mock defects --json` as JSON:

```sh
billecta-mock defects | grep 'pdf-tail'
```

```text
{line}
```

Some remember what came before, as a server does that loses a payment: they look at the journal of the world, which is
bounded, and start again when that is emptied. Those of the group `timing` wait for {milliseconds} ms of real time.

What the connection does (resets, half answers, answers that trickle) is a *fault*, not a defect. No defect breaks these
clauses:
"""

PAGES = {"clauses.md": clauses_page, "magic-values.md": magic_values_page, "defects.md": defects_page}


def _clauses() -> Iterator[str]:
    yield _CLAUSES_HEAD
    for clause in billecta_spec.load_clauses():
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
        steps = (rule.outcome.life or PaymentFlow(())).steps
        path = " → ".join(["Created", *(step.status for step in steps)] if steps else ["Created", "Error"])
        yield f"| `{rule.name.removeprefix(f'{column}-')}` | {rule.description} | {path} |"


def _defects() -> Iterator[str]:
    (line,) = (line for line in list_as_text().splitlines() if "pdf-tail" in line)
    yield _DEFECTS_HEAD.format(number=len(CATALOGUE), groups=len(Group), line=line, milliseconds=round(SECONDS * 1000))
    yield from (f"- {clause}: {reason}." for clause, reason in UNBREAKABLE.items())
    for group in Group:
        yield f"\n## {group.title()}\n\n| name | clause | what is wrong |\n|---|---|---|"
        defects = (defect for defect in CATALOGUE.values() if defect.group is group)
        yield from (f"| `{each.name}` | {each.clause} | {each.sentence} |" for each in defects)


def main() -> None:
    """Write every page."""
    for name, page in PAGES.items():
        (HERE / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
