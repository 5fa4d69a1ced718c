"""Who may use the admin API."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

import billecta_mock
from billecta_mock.admin.auth import OPEN_OPERATIONS, is_loopback
from billecta_mock.config import Settings
from billecta_mock.server.app import create_app, load_dataset

Start = Callable[..., Any]
TOKEN = "a-token-of-a-test"  # noqa: S105 — of a test
BEARER = {"authorization": f"Bearer {TOKEN}"}
WORLDS = "/__admin/worlds"


@pytest.fixture(scope="module")
def guarded(start: Start) -> Any:
    return start(admin_token=TOKEN)


@pytest.fixture(scope="module")
def local(start: Start) -> Any:
    return start()


def test_the_token_lets_in(guarded: Any) -> None:
    assert guarded.request("GET", WORLDS, headers=BEARER).status_code == 200
    assert guarded.request("GET", WORLDS, headers={"authorization": f"bearer {TOKEN}"}).status_code == 200


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        f"Bearer {TOKEN}x",
        f"Bearer {TOKEN[:-1]}",
        f"Basic {TOKEN}",
        TOKEN,
        "Bearer å",
        "Bearer  ",
    ],
)
def test_anything_else_does_not(guarded: Any, header: str) -> None:
    refused = guarded.request("GET", WORLDS, headers={"authorization": header.encode()})
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"].startswith("Bearer ")
    assert set(refused.json()) == {"error", "message"}
    assert TOKEN not in refused.text


def test_a_token_sent_twice_or_in_the_query_does_not_let_in(guarded: Any) -> None:
    twice = [("authorization", f"Bearer {TOKEN}"), ("authorization", f"Bearer {TOKEN}")]
    assert guarded.request("GET", WORLDS, headers=twice).status_code == 401
    assert guarded.request("GET", f"{WORLDS}?token={TOKEN}").status_code == 401


def test_health_and_readiness_need_no_token_but_metrics_do(guarded: Any) -> None:
    assert guarded.request("GET", "/__admin/health").json()["status"] == "ok"
    assert guarded.request("GET", "/__admin/ready").json() == {"status": "ready"}
    assert guarded.request("GET", "/__admin/metrics").status_code == 401
    assert guarded.request("GET", "/__admin/metrics", headers=BEARER).status_code == 200


def test_a_request_without_the_token_changes_nothing(guarded: Any) -> None:
    assert guarded.request("PUT", f"{WORLDS}/mine").status_code == 401
    assert guarded.request("GET", f"{WORLDS}/mine", headers=BEARER).status_code == 404


def test_the_emulated_api_asks_for_no_token(guarded: Any) -> None:
    assert guarded.invoice().status_code == 200


def test_a_browser_that_asks_for_the_control_plane_itself_is_led_to_its_page(world: Any) -> None:
    for path in ("/__admin", "/__admin/"):
        response = world.request("GET", path)
        assert (response.status_code, response.headers["location"]) == (307, "/docs/__admin")
    assert world.request("PUT", "/__admin").status_code == 404


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "mock.example", ""])
def test_where_other_machines_can_reach_it_a_token_is_made_up(start: Start, host: str) -> None:
    assert start(host=host).request("GET", WORLDS).status_code == 401


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost", "LOCALHOST", "app.localhost"])
def test_loopback_is_recognised(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["localhost.example", "127.0.0.1.example", "10.0.0.1", "::", "", "0"])
def test_what_only_looks_like_loopback_is_not(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://page.example"},
        {"origin": "null"},
        {"origin": "http://localhost:3000"},
        {"origin": "https://localhost"},
        {"origin": "http://localhost", "sec-fetch-site": "cross-site"},
    ],
)
@pytest.mark.parametrize("token", [{}, BEARER], ids=["without token", "with token"])
def test_a_page_of_another_origin_is_refused(
    local: Any, guarded: Any, headers: dict[str, str], token: dict[str, str]
) -> None:
    refused = (guarded if token else local).request("GET", WORLDS, headers={**headers, **token})
    assert refused.status_code == 403
    assert "web pages of other origins" in refused.json()["message"]
    assert not [name for name in refused.headers if name.startswith("access-control-")]


@pytest.mark.parametrize(
    "headers",
    [{}, {"origin": "http://localhost"}, {"sec-fetch-site": "same-origin"}, {"sec-fetch-site": "none"}],
)
def test_the_own_pages_and_programs_are_not(local: Any, headers: dict[str, str]) -> None:
    assert local.request("GET", WORLDS, headers=headers).status_code == 200


@pytest.mark.parametrize("host", ["rebound.example", "rebound.example:8080", "192.0.2.7", "[2001:db8::1]:80", "[", ""])
def test_a_name_that_leads_here_by_a_trick_of_dns_is_refused(local: Any, host: str) -> None:
    refused = local.request("GET", WORLDS, headers={"host": host})
    assert refused.status_code == 403
    assert "--admin-token" in refused.json()["message"]


@pytest.mark.parametrize("host", ["localhost:8080", "127.0.0.1", "127.0.0.1:1", "[::1]:8080", "mock.localhost"])
def test_names_of_this_machine_are_not(local: Any, host: str) -> None:
    assert local.request("GET", WORLDS, headers={"host": host}).status_code == 200


def test_with_a_token_any_name_will_do(guarded: Any) -> None:
    assert guarded.request("GET", WORLDS, headers={"host": "mock.example", **BEARER}).status_code == 200


def test_every_operation_that_needs_the_token_says_so_in_the_document() -> None:
    file = Path(billecta_mock.__file__).with_name("admin") / "openapi.yaml"
    document = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert document["components"]["securitySchemes"]["adminToken"]["scheme"] == "bearer"
    for methods in document["paths"].values():
        for operation in methods.values():
            is_open = operation.get("security") == []
            assert is_open == (operation["operationId"] in OPEN_OPERATIONS)
            assert is_open or {"401", "403"} <= set(operation["responses"]), operation["operationId"]


def test_readiness_is_503_with_the_reason_while_the_server_takes_nothing() -> None:
    settings = Settings()
    app = create_app(settings, load_dataset(settings), lambda: "the server has been told to stop")

    async def ask(path: str) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
            return await client.get(path)

    unready = asyncio.run(ask("/__admin/ready"))
    assert unready.status_code == 503
    assert unready.json() == {"error": "Service Unavailable", "message": "the server has been told to stop"}
    assert asyncio.run(ask("/__admin/health")).status_code == 200
