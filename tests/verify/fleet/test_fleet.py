"""Several deployments of one target file, verified side by side on real servers."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import jsonschema_rs
import pytest
from tests.mutation.small_defects import CutDocument
from tests.verify.program import Program
from tests.verify.small_server import KEY, Answer, Asked, Contract, serving

from billecta_mock.server.runner import MockServer
from billecta_verify.config.errors import UsageError
from billecta_verify.config.loader import resolve
from billecta_verify.fleet.overview import SCHEMA_FILE, STATES, overview_of
from billecta_verify.fleet.runner import MemberRun
from billecta_verify.fleet.targets import Fleet, Member, fleet_of, share_rate_limit

NOWHERE = "http://127.0.0.1:1/database/limepkg-billecta-integration"
SCHEMA = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Program:
    return Program(tmp_path, monkeypatch, capsys)


def table(name: str, base_url: str, **more: str) -> str:
    entries = {"base_url": base_url, "api_key_from": "FLEET_KEY", "invoice_id": "1001", **more}
    return f"\n[deployments.{name}]\n" + "".join(f'{key} = "{value}"\n' for key, value in entries.items())


def described(tmp_path: Path, text: str) -> Fleet:
    file = tmp_path / "fleet.toml"
    file.write_text(text, encoding="utf-8")
    fleet = fleet_of({"target_file": str(file)}, {"FLEET_KEY": KEY, "NORTH_KEY": "North-Key"})
    assert fleet is not None
    return fleet


def test_a_bad_one_stops_no_other_and_each_has_its_report(program: Program, tmp_path: Path) -> None:
    with serving(Contract()) as good, serving(CutDocument()) as bad:
        (tmp_path / "fleet.toml").write_text(
            'max_requests = 480\nreport_dir = "out"\n'
            + table("good", good)
            + table("bad", bad)
            + table("away", NOWHERE)
            + table("keyless", good, api_key_from="NO_SUCH_KEY")
            + table("slip", good, invoice_idd="7"),
            encoding="utf-8",
        )
        done = program("--target-file", "fleet.toml", "--parallel", "2", FLEET_KEY=KEY)
    assert done.returncode == 1, done.stdout + done.stderr
    overview = json.loads((tmp_path / "out/overview.json").read_text(encoding="utf-8"))
    jsonschema_rs.validator_for(SCHEMA).validate(overview)
    states = {item["name"]: item["state"] for item in overview["deployments"]}
    assert states == {
        "good": "conforms",
        "bad": "does not conform",
        "away": "unreachable",
        "keyless": "misconfigured",
        "slip": "misconfigured",
    }
    said = {item["name"]: item["said"] for item in overview["deployments"]}
    assert "refused the connection" in said["away"]
    assert "deployments.keyless.api_key_from sends to the variable NO_SUCH_KEY, which is not set (" in said["keyless"]
    assert "did you mean invoice_id?" in said["slip"]
    assert overview["deployments"][1]["clauses"]["PDF-2"] == "failed"
    for name in ("good", "bad"):
        report = json.loads((tmp_path / f"out/{name}/report.json").read_text(encoding="utf-8"))
        assert report["target"]["max_requests"] == 480
        assert (tmp_path / f"out/{name}/output.txt").read_text(encoding="utf-8").strip()
    lines = done.stdout.splitlines()
    header = next(line for line in lines if line.startswith("clause"))
    assert header.split() == ["clause", "good", "bad"]
    assert next(line for line in lines if line.startswith("PDF-2")).split() == ["PDF-2", "passed", "FAILED"]
    assert lines[-1] == "5 deployments: 1 conforms, 1 does not conform, 1 unreachable, 2 misconfigured"
    written = [path.read_text(encoding="utf-8") for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert all(KEY not in text for text in [done.stdout, done.stderr, *written])
    assert '<td class="failed">FAILED</td>' in (tmp_path / "out/overview.html").read_text(encoding="utf-8")
    assert "| PDF-2 | ❌ | - | - | - | ✅ |" in (tmp_path / "out/overview.md").read_text(encoding="utf-8")


@pytest.mark.full
def test_one_that_is_away_decides_the_exit_status_where_all_others_conform(program: Program, tmp_path: Path) -> None:
    with serving(Contract()) as good:
        (tmp_path / "fleet.toml").write_text(table("good", good) + table("away", NOWHERE), encoding="utf-8")
        done = program("--target-file", "fleet.toml", FLEET_KEY=KEY)
        assert done.returncode == 2, done.stdout
        alone = program("--target-file", "fleet.toml", "--deployment", "good", FLEET_KEY=KEY)
    assert alone.returncode == 0, alone.stdout
    assert "away" not in alone.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fleet.toml"]


def put(url: str, body: object = None) -> None:
    request = urllib.request.Request(  # noqa: S310 — our own mock on this machine
        url,
        None if body is None else json.dumps(body).encode(),
        {"Content-Type": "application/json"},
        method="PUT",
    )
    urllib.request.urlopen(request, timeout=10).close()  # noqa: S310 — as above


@pytest.mark.full
def test_the_worlds_of_one_mock_are_a_fleet_with_a_budget_each(program: Program, tmp_path: Path) -> None:
    text = 'action_id = "action123"\nallow_payments = 4\nphone = ["46701740605", "46701740606"]\n'
    broken = {"north": None, "south": "create-is-200", "west": "pdf-in-base64"}
    with MockServer() as mock:
        for name, defect in broken.items():
            put(f"{mock.origin}/__admin/worlds/{name}")
            if defect:
                put(f"{mock.origin}/__admin/worlds/{name}/defects", [defect])
            text += table(name, mock.url(name), api_key_from="MOCK_KEY")
        (tmp_path / "fleet.toml").write_text(text, encoding="utf-8")
        done = program("--target-file", "fleet.toml", "--report-dir", "out", MOCK_KEY="ABC123")
    assert done.returncode == 1, done.stdout
    assert "note: north and south and west share a phone" in done.stdout
    overview = json.loads((tmp_path / "out/overview.json").read_text(encoding="utf-8"))
    north, south, west = (item["clauses"] for item in overview["deployments"])
    assert "failed" not in north.values()
    assert (south["SWISH-1"], west["SWISH-1"]) == ("failed", "passed")
    assert (south["PDF-2"], west["PDF-2"]) == ("passed", "failed")
    assert all(0 < item["counts"]["payments"] <= 4 for item in overview["deployments"])


@pytest.mark.full
def test_no_more_run_at_a_time_than_allowed(program: Program, tmp_path: Path) -> None:
    at_work: set[int] = set()
    together: list[int] = []

    class Counting(Contract):
        """Notes how many deployments are asked at the same time."""

        def finish(self, asked: Asked, answer: Answer) -> Answer:
            at_work.add(id(self))
            together.append(len(at_work))
            return answer

    with serving(Counting()) as one, serving(Counting()) as two:
        (tmp_path / "fleet.toml").write_text(
            "max_requests = 20\n" + table("one", one) + table("two", two), encoding="utf-8"
        )
        program("--target-file", "fleet.toml", "--parallel", "1", FLEET_KEY=KEY)
    # One after the other: the second is asked only after the first has got all of its answers.
    assert together == sorted(together)
    assert together.count(2) == together.count(1)


def test_ctrl_c_ends_them_all_and_keeps_what_is_known(tmp_path: Path) -> None:
    interrupted = threading.Event()

    class WaitsInTheMiddle(Contract):
        """Cannot be verified to the end before the interruption, however long the other takes to begin."""

        def finish(self, asked: Asked, answer: Answer) -> Answer:
            if len(self.seen) > 12:
                interrupted.wait(5)
            return answer

    servers = [WaitsInTheMiddle(), WaitsInTheMiddle()]
    with serving(servers[0]) as one, serving(servers[1]) as two:
        (tmp_path / "fleet.toml").write_text(
            table("one", one) + table("two", two) + table("three", one), encoding="utf-8"
        )
        inherited = {name: text for name, text in os.environ.items() if not name.startswith(("BILLECTA_", "PYTEST_"))}
        process = subprocess.Popen(
            [sys.executable, "-m", "billecta_verify", "--target-file", "fleet.toml", "--report-dir", "out"],
            cwd=tmp_path,
            env={**inherited, "FLEET_KEY": KEY},
            stdout=subprocess.PIPE,
            text=True,
        )
        deadline = time.monotonic() + 40
        while min(len(server.seen) for server in servers) < 12 and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        output = process.communicate(timeout=40)[0]
        interrupted.set()
        asked = [len(server.seen) for server in servers]
        time.sleep(0.5)
        assert [len(server.seen) for server in servers] == asked
    assert process.returncode == 130, output
    overview = json.loads((tmp_path / "out/overview.json").read_text(encoding="utf-8"))
    jsonschema_rs.validator_for(SCHEMA).validate(overview)
    assert [item["state"] for item in overview["deployments"]] == ["interrupted"] * 3
    assert overview["deployments"][2]["said"] == "not begun"
    for name in ("one", "two"):
        assert json.loads((tmp_path / f"out/{name}/report.json").read_text(encoding="utf-8"))["interrupted"] is True


def test_a_plan_shows_each_and_sends_nothing(program: Program, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/x"
        (tmp_path / "fleet.toml").write_text(table("one", url) + table("two", url), encoding="utf-8")
        done = program("--target-file", "fleet.toml", "--plan", FLEET_KEY=KEY)
        server.settimeout(0.2)
        with pytest.raises(TimeoutError):
            server.accept()
    assert done.returncode == 0
    assert f"one: {url}" in done.stdout
    assert f"two: {url}" in done.stdout


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[deployments]\n", "must hold tables such as [deployments.north]"),
        ("deployments = 3\n", "must hold tables"),
        ("[deployments]\nnorth = 3\n", "deployments.north must be a table"),
        ('[deployments."../up"]\n', "use letters, digits, - and _"),
        ("[deployments.north]\n[deployments.North]\n", "differs from another in case alone"),
        ('keys_in_file = "yes"\n[deployments.north]\n', "keys_in_file must be true or false"),
        ('base_url = "http://x"\n[deployments.north]\n', "base_url belongs to one deployment"),
        ("parallel = 0\n[deployments.north]\n", "parallel must be from 1 to 16, not 0"),
    ],
)
def test_what_is_wrong_in_the_file_as_a_whole_is_one_sentence(text: str, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as raised:
        described(tmp_path, text)
    assert sentence in str(raised.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('[deployments.north]\ninvoice_id = "1"\n', "deployments.north.base_url is missing"),
        (f'[deployments.north]\nbase_url = "{NOWHERE}"\n', "deployments.north.api_key_from is missing"),
        (table("north", NOWHERE, api_key="K"), "deployments.north.api_key stands in the file itself"),
        ('api_key = "K"\n' + table("north", NOWHERE), "api_key stands in the file itself"),
        (table("north", NOWHERE, report_dir="x"), "deployments.north.report_dir is for the whole run"),
        (table("north", NOWHERE, api_key_from="a b"), "must be the name of a variable"),
        (table("north", "customer.lime-crm.com"), "deployments.north.base_url must begin with http"),
        (table("north", NOWHERE, baseline="absent.yaml"), "the baseline absent.yaml does not exist"),
        (table("north", NOWHERE, limited_key_from="FLEET_KEY"), "are the same key"),
    ],
)
def test_what_is_wrong_with_one_is_said_of_that_one(text: str, sentence: str, tmp_path: Path) -> None:
    fleet = described(tmp_path, text + table("south", NOWHERE))
    assert sentence in (fleet.members[0].problem or "")
    assert fleet.members[0].problem is not None
    assert "\n" not in fleet.members[0].problem
    if "deployments.north." in sentence:
        assert fleet.members[1].problem is None


def test_a_process_is_given_its_own_key_and_no_other(tmp_path: Path) -> None:
    fleet = described(tmp_path, table("north", NOWHERE, api_key_from="NORTH_KEY") + table("south", NOWHERE))
    north, south = fleet.members
    assert north.variables["BILLECTA_API_KEY"] == "North-Key"
    assert south.variables["BILLECTA_API_KEY"] == KEY
    assert north.hidden == {"NORTH_KEY", "FLEET_KEY"}
    assert "North-Key" not in repr(north)


def test_a_key_in_place_of_its_variable_is_not_shown(tmp_path: Path) -> None:
    fleet = described(tmp_path, table("north", NOWHERE, api_key_from="Zx81Secret"))
    problem = fleet.members[0].problem or ""
    assert "sends to a variable, which is not set" in problem
    assert "Zx81Secret" not in problem


def test_an_address_that_holds_a_password_is_not_shown(tmp_path: Path) -> None:
    member = described(tmp_path, table("north", "https://me:p4ssw0rd@customer.example/x")).members[0]
    assert "user name or password" in (member.problem or "")
    assert "p4ssw0rd" not in repr(member)


def test_deployments_of_one_host_share_its_rate(tmp_path: Path) -> None:
    one, other = "https://cloud.example/one", "https://cloud.example/two"
    fleet = described(
        tmp_path,
        table("one", one)
        + table("two", other)
        + table("own", one, rate_limit="6")
        + table("far", "https://far.example/x"),
    )
    rates = {member.name: member.variables.get("BILLECTA_RATE_LIMIT") for member in share_rate_limit(fleet.members, 4)}
    assert rates == {"one": "4", "two": "4", "own": "6.0", "far": None}
    alone = {member.variables.get("BILLECTA_RATE_LIMIT") for member in share_rate_limit(fleet.members, 1)}
    assert alone == {None, "6.0"}


def test_a_pytest_run_does_not_judge_the_mock_in_place_of_a_fleet(tmp_path: Path) -> None:
    (tmp_path / "fleet.toml").write_text(table("north", NOWHERE), encoding="utf-8")
    with pytest.raises(UsageError, match="holds several deployments"):
        resolve({"target_file": str(tmp_path / "fleet.toml")}, {"FLEET_KEY": KEY})


def test_a_judgement_that_failed_by_itself_is_no_verdict() -> None:
    run = MemberRun(Member("north", NOWHERE), 2, {"verdict": "conforms"}, "the checks could not be run (pytest: 3)")
    overview = overview_of([run])
    assert (overview.rows[0].state, overview.status) == ("not verified", 2)
    assert overview.rows[0].clauses == {}


def test_keys_may_stand_in_the_file_of_who_insists(tmp_path: Path) -> None:
    fleet = described(
        tmp_path, f'keys_in_file = true\n[deployments.n]\nbase_url = "{NOWHERE}"\napi_key = "K1"\ninvoice_id = "1"\n'
    )
    assert fleet.members[0].problem is None


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--api-key", KEY], "--api-key belongs to one deployment"),
        (["--write-baseline", "b.yaml"], "--write-baseline belongs to one deployment"),
        (["--deployment", "nort"], "did you mean north?"),
        (["--parallel", "99"], "--parallel must be from 1 to 16"),
    ],
)
def test_flags_for_one_or_for_none_are_wrong_use(
    arguments: list[str], sentence: str, program: Program, tmp_path: Path
) -> None:
    (tmp_path / "fleet.toml").write_text(table("north", NOWHERE), encoding="utf-8")
    done = program("--target-file", "fleet.toml", *arguments, FLEET_KEY=KEY)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert KEY not in done.stderr


def test_the_flags_of_a_fleet_need_one(program: Program) -> None:
    done = program("--parallel", "2")
    assert done.returncode == 2
    assert "--parallel needs a target file with several deployments" in done.stderr


def test_the_schema_knows_every_state() -> None:
    assert SCHEMA["properties"]["deployments"]["items"]["properties"]["state"]["enum"] == list(STATES)
