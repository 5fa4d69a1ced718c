"""The overview of several deployments, as its readers see it, and the words for what is wrong with a target file."""

from __future__ import annotations

import re
from typing import Any

import pytest
from tests.verify.small_server import KEY

from billecta_verify.config.errors import UsageError
from billecta_verify.config.loader import resolve
from billecta_verify.fleet.output import html, markdown, overview_blocks
from billecta_verify.fleet.overview import overview_of
from billecta_verify.fleet.runner import WRONG_USE, MemberRun
from billecta_verify.fleet.targets import Member
from billecta_verify.reporting.model import clauses

URL = "http://127.0.0.1:1/x/limepkg-billecta-integration"


def report(verdict: str, *, without: str = "", failing: tuple[str, ...] = ()) -> dict[str, Any]:
    states = {name: "failed" if name in failing else "passed" for name in clauses()} | (
        {without: "not exercised"} if without else {}
    )
    found = [{"clause": name, "level": "documented", "known": None, "observed": "200, text/html"} for name in failing]
    return {
        "verdict": verdict,
        "cause": None,
        "counts": {"requests": 300, "payments": 4},
        "findings": found,
        "clauses": [
            {"id": name, "level": "documented", "verdict": state, "known": False} for name, state in states.items()
        ],
    }


def run_of(name: str, status: int, document: dict[str, Any] | None) -> MemberRun:
    return MemberRun(Member(name, URL), status, document, None if document else "it cannot be reached")


OVERVIEW = overview_of(
    [
        run_of("north", 0, report("conforms")),
        run_of("south", 0, report("conforms", without="SEC-1")),
        run_of("away", WRONG_USE, None),
        run_of("bad", 1, report("does not conform", failing=("PDF-2", "PDF-3"))),
    ]
)


def test_what_does_not_conform_comes_first_and_says_why() -> None:
    for page in (html(OVERVIEW), markdown(OVERVIEW)):
        places = [page.index(name) for name in ("bad", "away", "north", "south")]
        assert places == sorted(places)
        assert "PDF-2: 200, text/html, and 1 more clause" in page


def test_a_deployment_conforms_as_far_as_judged_in_the_words_of_its_own_run() -> None:
    words = {row.name: row.verdict for row in OVERVIEW.rows}
    assert words == {
        "north": "conforms",
        "south": "conforms, as far as verified",
        "away": "unreachable",
        "bad": "does not conform",
    }
    assert any("conforms, as far as verified" in block.plain for block in overview_blocks(OVERVIEW, 200))


def test_each_deployment_has_a_column_and_each_sign_a_meaning() -> None:
    page = html(OVERVIEW)
    columns = re.findall(r'<th scope="col">(\w+)</th>', page.partition('class="matrix"')[2])
    assert columns == ["clause", "bad", "away", "north", "south"]
    for meaning in ("“unclear” is inconclusive", "“·” is not exercised", "“-” is not verified"):
        assert meaning in page


def test_on_a_phone_the_reasons_have_the_whole_width() -> None:
    assert re.search(r"@media \(max-width: 40rem\) \{\s+\.deployments,.*display: block;", html(OVERVIEW))


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        (f'base_url = "{URL}"\napi_key_frm = "NORTH_KEY"\n', "did you mean api_key_from?"),
        (f'[deployment.a]\nbase_url = "{URL}"\n', "did you mean deployments?"),
    ],
)
def test_a_slip_in_a_target_file_is_met_with_the_name_that_was_meant(tmp_path: Any, text: str, advice: str) -> None:
    (tmp_path / "target.toml").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=re.escape(advice)):
        resolve({"target_file": str(tmp_path / "target.toml")}, {"NORTH_KEY": KEY})
