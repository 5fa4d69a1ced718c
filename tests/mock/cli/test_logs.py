"""The log on standard error: one line for each request where it was asked for, and no secret in any."""

import json
import re

import pytest
import requests

from .conftest import API, KEY, TIMEOUT, Start

SECRETS = ("SUPER-SECRET-KEY", "46701740605")


def visit(origin: str) -> None:
    """Requests with secrets where they belong and where they do not."""
    secret = "SUPER-SECRET-KEY"  # noqa: S105 — of a test
    base = origin + API
    requests.get(f"{base}/fetch-invoice-pdf/1001/", headers=KEY, timeout=TIMEOUT)
    requests.get(f"{base}/fetch-invoice-pdf/{secret}/", headers={"x-api-key": secret}, timeout=TIMEOUT)
    requests.get(f"{origin}/{secret}/limepkg-billecta-integration/{secret}", timeout=TIMEOUT)
    requests.get(f"{base}/payments/swish/46701740605?x-api-key={secret}", headers=KEY, timeout=TIMEOUT)
    requests.post(f"{base}/payments/swish/action123?phone=46701740605&message=Hej", headers=KEY, timeout=TIMEOUT)


def test_the_access_log_as_json_is_one_object_for_each_request_and_holds_no_secret(start_mock: Start) -> None:
    mock = start_mock("--access-log", "--log-format", "json")
    visit(mock.origin)
    _, errors = mock.stop()
    lines = [line for each in errors.splitlines() if "operation" in (line := json.loads(each))]
    assert [(line["operation"], line["status"]) for line in lines] == [
        ("fetchInvoicePdf", 200),
        ("fetchInvoicePdf", 404),
        (None, 404),
        ("getSwishPayment", 404),
        ("createSwishPayment", 201),
    ]
    assert lines[0]["path"] == f"{API}/fetch-invoice-pdf/1001/"
    assert lines[1]["path"] == f"{API}/fetch-invoice-pdf/SU***EY/"
    assert [line["exchange"] for line in lines] == [1, 2, None, 3, 4]
    assert {line["client"] for line in lines} == {"127.0.0.1"}
    assert (lines[4]["phone"], lines[4]["key"], lines[4]["why"]) == ("46***05", "A***3", "ok")
    assert all({"time", "level", "logger", "message", "milliseconds", "world"} <= set(line) for line in lines)
    assert not [secret for secret in (*SECRETS, "ABC123") if secret in errors]


def test_the_access_log_as_text_is_one_line_for_each_request_and_holds_no_secret(start_mock: Start) -> None:
    mock = start_mock("--access-log")
    visit(mock.origin)
    _, errors = mock.stop()
    assert len(errors.splitlines()) == 8
    first = (
        r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z INFO "GET .*/fetch-invoice-pdf/1001/" 200 [\d.]+ms '
        r"exchange=1 client=127\.0\.0\.1 key=A\*\*\*3 why=ok"
    )
    assert re.fullmatch(first, errors.splitlines()[1])
    assert not [secret for secret in (*SECRETS, "ABC123") if secret in errors]


def test_without_the_option_there_is_no_access_log(start_mock: Start) -> None:
    mock = start_mock()
    visit(mock.origin)
    assert mock.stop()[1] == ""


def test_warnings_are_json_too_where_the_log_is(start_mock: Start) -> None:
    _, errors = start_mock("--host", "0.0.0.0", "--log-format", "json").stop()
    lines = [json.loads(line) for line in errors.splitlines()]
    assert [line["level"] for line in lines] == ["INFO", "WARNING", "INFO", "INFO"]


@pytest.mark.parametrize("asked", [["--access-log"], ["--log-format", "json"]])
def test_a_log_that_was_asked_for_says_where_it_listens_and_that_it_stops(start_mock: Start, asked: list[str]) -> None:
    mock = start_mock(*asked)
    listening, stopping, stopped = mock.stop()[1].splitlines()
    assert f"listening on {mock.origin}" in listening
    assert ("stopping" in stopping, "stopped" in stopped) == (True, True)


def test_whoever_changes_something_by_the_control_plane_is_in_the_access_log(start_mock: Start) -> None:
    mock = start_mock("--access-log", "--log-format", "json", "--admin-token", "given-by-the-user")
    url = f"{mock.origin}/__admin/worlds/team"
    known = {"authorization": "Bearer given-by-the-user"}
    requests.put(url, headers=known, timeout=TIMEOUT)
    requests.get(url, headers=known, timeout=TIMEOUT)
    requests.delete(url, headers={"authorization": "Bearer wrong-guess"}, timeout=TIMEOUT)
    errors = mock.stop()[1]
    lines = [line for each in errors.splitlines() if (line := json.loads(each))["logger"] == "billecta_mock.control"]
    names = ("level", "method", "path", "status", "client", "why")
    assert [tuple(line[name] for name in names) for line in lines] == [
        ("INFO", "PUT", "/__admin/worlds/team", 201, "127.0.0.1", "ok"),
        ("WARNING", "DELETE", "/__admin/worlds/team", 401, "127.0.0.1", "token_wrong"),
    ]
    assert not [secret for secret in ("given-by-the-user", "wrong-guess") if secret in errors]


def test_who_is_refused_by_the_control_plane_is_told_without_being_asked_and_not_without_end(start_mock: Start) -> None:
    mock = start_mock()
    with requests.Session() as session:
        for _ in range(100):
            session.put(f"{mock.origin}/__admin/worlds/x", headers={"origin": "http://page.example"}, timeout=TIMEOUT)
    lines = mock.stop()[1].splitlines()
    assert len(lines) == 60
    assert all('WARNING admin API: "PUT /__admin/worlds/x" 403' in line for line in lines)
