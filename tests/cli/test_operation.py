"""The mock as its operator meets it: log lines, stopping, watched files, TLS and the token."""

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

import spec

Start = Callable[..., Any]
Command = Callable[..., "subprocess.CompletedProcess[str]"]
API = "/database/limepkg-billecta-integration"
KEY = {"x-api-key": "ABC123"}
PAGE = b"GET " + API.encode() + b"/fetch-invoice-pdf/1001/ HTTP/1.1\r\nhost: x\r\nx-api-key: ABC123\r\n\r\n"
TIMEOUT = 10
SECRETS = ("SUPER-SECRET-KEY", "46701740605")
needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not on this machine")


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
    lines = [line for each in errors.splitlines() if (line := json.loads(each))["logger"] == "mock_server.control"]
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
    assert all('WARNING control plane: "PUT /__admin/worlds/x" 403' in line for line in lines)


def test_without_a_reader_it_goes_on_serving(tmp_path: Path) -> None:
    ready, errors = tmp_path / "ready", tmp_path / "errors"
    line = f"{sys.executable} -m mock_server --port 0 --ready-file {ready} 2> {errors} | true"
    shell = subprocess.Popen(["bash", "-c", line], start_new_session=True)
    end = time.monotonic() + 20
    while not ready.exists():
        assert time.monotonic() < end, errors.read_text(encoding="utf-8")
        time.sleep(0.05)
    origin = ready.read_text(encoding="utf-8").strip()
    assert requests.get(f"{origin}/__admin/ready", timeout=TIMEOUT).status_code == 200
    os.killpg(shell.pid, signal.SIGINT)
    shell.wait(TIMEOUT)
    (said,) = errors.read_text(encoding="utf-8").splitlines()
    assert "WARNING standard output cannot be written ([Errno 32] Broken pipe); serving without a banner" in said


def test_a_quiet_mock_prints_nothing_and_says_so_where_a_token_would_be_lost(
    start_mock: Start, mock_command: Command
) -> None:
    assert start_mock("--quiet").stop() == ("", "")
    refused = mock_command("--quiet", "--host", "0.0.0.0", "--port", "0")
    assert refused.returncode == 2
    assert "--quiet needs --admin-token here" in refused.stderr


def slow_reader(origin: str, requests_in_all: int) -> socket.socket:
    """A client that has asked for more than the buffers of a connection hold, and has read nothing of it yet."""
    address = urlsplit(origin)
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.settimeout(TIMEOUT)
    client.connect((address.hostname, address.port or 0))
    client.sendall(PAGE * requests_in_all)
    time.sleep(1)
    return client


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_answers_under_way_are_finished_before_it_stops(start_mock: Start, by: signal.Signals) -> None:
    mock = start_mock()
    whole = requests.get(f"{mock.origin}{API}/fetch-invoice-pdf/1001/", headers=KEY, timeout=TIMEOUT).content
    with slow_reader(mock.origin, 400) as client:
        mock.process.send_signal(by)
        time.sleep(0.5)
        assert mock.process.poll() is None
        received = b"".join(iter(lambda: client.recv(65536), b""))
    assert received.count(b"HTTP/1.1 200 OK") == 400
    assert received.endswith(whole)
    assert mock.process.wait(TIMEOUT) == 0


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_told_twice_it_ends_at_once(start_mock: Start, by: signal.Signals) -> None:
    mock = start_mock()
    with slow_reader(mock.origin, 400):
        mock.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        assert mock.process.poll() is None
        mock.process.send_signal(by)
        assert mock.process.wait(2) == -by


class Watched:
    """A mock that watches a seed file."""

    def __init__(self, start: Start, folder: Path) -> None:
        self.seed = folder / "seed.yaml"
        self.write("FIRST-KEY")
        self.mock = start("--seed-file", str(self.seed), "--watch")
        self.world = f"{self.mock.origin}/__admin/worlds/database"

    def write(self, *keys: str) -> None:
        lines = "".join(f"  - {{key: {key}, name: Name of {key}}}\n" for key in keys)
        self.seed.write_text(f"keys:\n{lines}", encoding="utf-8")

    def keys(self) -> int:
        return int(requests.get(self.world, timeout=TIMEOUT).json()["keys"])

    def wait_for(self, keys: int) -> None:
        end = time.monotonic() + TIMEOUT
        while self.keys() != keys:
            assert time.monotonic() < end, "the change was not noticed"
            time.sleep(0.02)


@pytest.fixture
def watched(start_mock: Start, tmp_path: Path) -> Watched:
    return Watched(start_mock, tmp_path)


def test_a_changed_seed_file_is_read_again_and_all_else_in_the_world_stays(watched: Watched) -> None:
    requests.patch(f"{watched.world}/settings", json={"pay_after_seconds": 77}, timeout=TIMEOUT)
    requests.get(f"{watched.mock.origin}{API}/payments/swish/nothing", headers=KEY, timeout=TIMEOUT)
    watched.write("FIRST-KEY", "SECOND-KEY")
    watched.wait_for(2)
    world = requests.get(watched.world, timeout=TIMEOUT).json()
    assert world["settings"]["pay_after_seconds"] == 77
    assert len(requests.get(f"{watched.world}/requests", timeout=TIMEOUT).json()["requests"]) == 1
    assert f"INFO {watched.seed} has changed and is in use now" in watched.mock.stop()[1]


def test_a_broken_seed_file_changes_nothing_and_is_explained(watched: Watched) -> None:
    watched.seed.write_text("keys:\n  - {name: No key}\n", encoding="utf-8")
    time.sleep(1.5)
    assert watched.keys() == 1
    watched.write("A-KEY", "B-KEY", "C-KEY")
    watched.wait_for(3)
    broken, mended = watched.mock.stop()[1].splitlines()
    assert f"WARNING {watched.seed}, line 2, /keys/0: 'key' is missing here; add it; the one before" in broken
    assert "INFO" in mended


def test_a_file_that_an_editor_puts_in_the_place_of_the_old_one_is_noticed(watched: Watched, tmp_path: Path) -> None:
    draft = tmp_path / "seed.yaml.swp"
    for count in (2, 3):
        draft.write_text("".join(["keys:\n", *(f"  - {{key: K-{n}, name: N}}\n" for n in range(count))]))
        draft.replace(watched.seed)
        watched.wait_for(count)


def test_a_link_that_is_turned_to_another_file_is_noticed(start_mock: Start, tmp_path: Path) -> None:
    for version, keys in (("one", 1), ("two", 2)):
        (tmp_path / version).mkdir()
        seed = "".join(["keys:\n", *(f"  - {{key: K-{n}, name: N}}\n" for n in range(keys))])
        (tmp_path / version / "seed.yaml").write_text(seed, encoding="utf-8")
    (tmp_path / "data").symlink_to("one")
    mock = start_mock("--seed-file", str(tmp_path / "data" / "seed.yaml"), "--watch")
    (tmp_path / "next").symlink_to("two")
    (tmp_path / "next").replace(tmp_path / "data")
    end = time.monotonic() + TIMEOUT
    while requests.get(f"{mock.origin}/__admin/worlds/database", timeout=TIMEOUT).json()["keys"] != 2:
        assert time.monotonic() < end, "the change was not noticed"
        time.sleep(0.02)


def test_a_changed_contract_is_served_and_a_broken_one_is_not(start_mock: Start, tmp_path: Path) -> None:
    file = tmp_path / "openapi.yaml"
    shipped = spec.OPENAPI_FILE.read_text(encoding="utf-8")
    file.write_text(shipped, encoding="utf-8")
    mock = start_mock("--spec-file", str(file), "--watch")

    def served_version() -> str:
        return str(requests.get(f"{mock.origin}/docs/openapi.json", timeout=TIMEOUT).json()["info"]["version"])

    file.write_text(shipped.replace("operationId: getSwishPayment", "operationId: getSomething"), encoding="utf-8")
    time.sleep(1.5)
    assert requests.get(f"{mock.origin}{API}/fetch-invoice-pdf/1001/", headers=KEY, timeout=TIMEOUT).status_code == 200
    file.write_text(re.sub(r"(?m)^  version: .*$", '  version: "99.0"', shipped), encoding="utf-8")
    end = time.monotonic() + TIMEOUT
    while served_version() != "99.0":
        assert time.monotonic() < end, "the change was not noticed"
        time.sleep(0.02)
    assert "the operation getSomething has no handler" in mock.stop()[1]


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ("openapi: [", ", line 2: this is not YAML"),
        ("[]", ": an OpenAPI document is an object"),
        ("openapi: 3.1.0", ": /openapi: the version must be there, and be 3.0.0 to 3.0.4"),
        ('{openapi: 3.0.4, info: {title: a, version: "1"}}', ": at its root: 'paths' is a required property"),
        (
            '{openapi: 3.0.4, info: {title: a, version: "1"}, paths: {/a: {$ref: "#/b"}}}',
            ": /paths/~1a/$ref: there is no",
        ),
        (
            '{openapi: 3.0.4, info: {title: a, version: "1"}, paths: {/a: {$ref: "b.yaml"}}}',
            "leads out of the document",
        ),
        ("a: &a [*a]", "an alias may lead back to itself"),
    ],
)
def test_a_contract_that_cannot_be_served_refuses_the_start(
    mock_command: Command, tmp_path: Path, document: str, sentence: str
) -> None:
    file = tmp_path / "openapi.yaml"
    file.write_text(document, encoding="utf-8")
    result = mock_command("--spec-file", str(file))
    assert (result.returncode, result.stdout, len(result.stderr.splitlines())) == (2, "", 1)
    assert str(file) in result.stderr
    assert sentence in result.stderr


def test_on_loopback_the_banner_speaks_of_no_token(start_mock: Start) -> None:
    assert "token" not in start_mock().stop()[0]


@needs_curl
def test_a_made_up_token_is_printed_once_and_the_banner_s_line_uses_it(start_mock: Start) -> None:
    mock = start_mock("--host", "0.0.0.0")
    control = f"{mock.origin}/__admin/worlds"
    assert requests.get(control, timeout=TIMEOUT).status_code == 401
    banner, errors = finish(mock)
    token = re.search(r"Authorization: Bearer ([^\"]+)", banner)
    assert token
    assert len(token[1]) >= 32
    assert token[1] not in errors
    assert banner.count(token[1]) == 1
    assert "0.0.0.0" not in banner
    assert f"http://{socket.gethostname()}:" in banner


def test_a_token_that_was_given_is_never_printed(start_mock: Start) -> None:
    mock = start_mock("--admin-token", "given-by-the-user")
    answer = requests.get(f"{mock.origin}/__admin/worlds", timeout=TIMEOUT)
    assert answer.status_code == 401
    authorised = {"authorization": "Bearer given-by-the-user"}
    assert requests.get(f"{mock.origin}/__admin/worlds", headers=authorised, timeout=TIMEOUT).status_code == 200
    assert "given-by-the-user" not in "".join(finish(mock))


def test_a_bad_token_is_refused_without_being_shown(mock_command: Command) -> None:
    result = mock_command("--admin-token", "s3cr t")
    assert result.returncode == 2
    assert "--admin-token: what was given is not 8 to 200" in result.stderr
    assert "s3cr" not in result.stderr


@needs_curl
def test_under_tls_the_banner_s_lines_work_as_they_are_pasted(start_mock: Start, tmp_path: Path) -> None:
    folder = tmp_path / "tls files"
    arguments = ("--tls-self-signed", str(folder), "--tls-client-ca", str(folder / "ca.pem"))
    first = start_mock(*arguments)
    banner, _ = finish(first)
    mock = start_mock(*arguments)
    lines = [line.strip() for line in banner.splitlines() if line.strip().startswith("curl")]
    fetch, *_, why = [shlex.split(line.replace(first.origin, mock.origin)) for line in lines]
    quiet = ["--silent", "--fail"]
    assert subprocess.run([*fetch, *quiet], cwd=tmp_path, check=False, timeout=20).returncode == 0
    assert (tmp_path / "faktura.pdf").read_bytes().startswith(b"%PDF-")
    assert b'"why"' in subprocess.run([*why, *quiet], capture_output=True, check=True, timeout=20).stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--watch"], "--watch needs --seed-file or --spec-file: there is no file to watch"),
        (
            ["--workers", "2"],
            (
                "--workers 2: worlds, payments and journals are kept in the memory of one process, and another would "
                "not know of them; serve with one worker, or start a mock on a port of its own for each group of tests"
            ),
        ),
        (["--tls-cert", "x.pem"], "--tls-cert needs --tls-key: a certificate and its private key go together"),
        (
            ["--tls-name", "mock.example"],
            "--tls-name needs --tls-self-signed: it names what the certificate is for that the mock makes",
        ),
        (
            ["--tls-name", "two words"],
            "--tls-name: 'two words' is not a host name such as mock.example, or an IP address",
        ),
        (["--log-format", "xml"], "--log-format: 'xml' is not one of text, json"),
        (["--expose=yes"], "--expose: takes no value, but was given 'yes'"),
    ],
)
def test_wrong_use_of_these_options_is_one_sentence(mock_command: Command, arguments: list[str], sentence: str) -> None:
    result = mock_command(*arguments)
    assert (result.returncode, result.stderr) == (2, f"billecta-mock: {sentence}\n")


def test_a_switch_can_be_set_by_the_environment_and_by_the_file(mock_command: Command, tmp_path: Path) -> None:
    assert "BILLECTA_MOCK_EXPOSE: 'maybe' is not true or false" in mock_command(BILLECTA_MOCK_EXPOSE="maybe").stderr
    assert "--watch needs" in mock_command(BILLECTA_MOCK_WATCH="true").stderr
    config = tmp_path / "mock.toml"
    config.write_text("watch = true\n", encoding="utf-8")
    assert "--watch needs" in mock_command("--config", str(config)).stderr
    assert "is not" in mock_command("--config", str(config), "--port", "x", BILLECTA_MOCK_WATCH="false").stderr


def finish(mock: Any) -> tuple[str, str]:
    """What a mock printed until it was told to stop."""
    output: tuple[str, str] = mock.stop(signal.SIGTERM)
    assert mock.process.returncode == os.EX_OK
    return output
