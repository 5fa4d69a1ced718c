"""The admin API: what it refuses, how it says so, and its documentation pages."""

from typing import Any

import pytest
from tests.mock.conftest import complaint, control


def test_the_server_says_that_it_runs(world: Any) -> None:
    assert control(world, "GET", "/health").json()["status"] == "ok"


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"\xff", b"NaN", b'{"seconds": 1e999}', b'{"seconds": NaN}', b"[" * 100_000, b'"\\ud800"',
     b"[" * 300 + b"]" * 300,
     b'{"a":' * 300 + b"1" + b"}" * 300,
     b'{"seconds": ' + b"9" * 5000 + b"}", b" " * 2_000_000],
)  # fmt: skip
def test_a_body_that_is_not_sensible_json_is_a_400(world: Any, raw: bytes) -> None:
    assert complaint(world.control("POST", "/clock/advance", content=raw), 400)


def test_unknown_worlds_paths_and_methods_are_said(start: Any) -> None:
    world = start()
    assert "there is no world 'nowhere'; PUT makes one" in complaint(control(world, "GET", "/worlds/nowhere"), 404)
    assert "did you mean 'database'?" in complaint(control(world, "GET", "/worlds/databse/requests"), 404)
    assert "has no such path" in complaint(control(world, "GET", "/nothing"), 404)
    wrong = control(world, "POST", "/worlds")
    assert wrong.headers["allow"] == "GET, HEAD"
    complaint(wrong, 405)


def test_what_the_documentation_pages_do_not_have_is_said_as_every_error_is(world: Any) -> None:
    complaint(world.request("GET", "/docs/nothing"), 404)
    complaint(world.request("GET", "/docs/assets/../../secret"), 404)
    complaint(world.request("POST", "/docs"), 405)


@pytest.mark.parametrize(("path", "query"), [("/requests", "stauts=404"), ("/payments", "bogus=1"), ("", "x=1")])
def test_a_query_parameter_that_does_not_exist_is_not_passed_over(world: Any, path: str, query: str) -> None:
    sentence = complaint(world.control("GET", f"{path}?{query}"), 400)
    assert sentence.startswith(f"'{query.partition('=')[0]}' is no query parameter here")


def test_the_root_leads_to_the_documentation(world: Any) -> None:
    root = world.request("GET", "/")
    assert (root.status_code, root.headers["location"]) == (307, "/docs")


def test_the_documentation_pages_need_nothing_from_elsewhere(world: Any) -> None:
    for root, operation in (("/docs", "fetchInvoicePdf"), ("/docs/__admin", "advanceClock")):
        page = world.request("GET", root)
        assert page.status_code == 200
        assert "://" not in page.text
        assert operation in world.request("GET", f"{root}/openapi.json").text
        for asset in ("swagger-ui.css", "swagger-ui-bundle.js"):
            assert world.request("GET", f"{root}/assets/{asset}").status_code == 200
