"""The options of `billecta-mock`: where each may be set, and that wrong use is one sentence."""

import os
import socket
from pathlib import Path

import pytest
import requests

from .conftest import Command, Start


def test_a_warning_is_given_where_other_machines_can_reach_it(start_mock: Start) -> None:
    _, errors = start_mock("--host", "0.0.0.0").stop()
    assert " WARNING 0.0.0.0 can be reached from other machines" in errors


def test_the_seed_file_replaces_the_sample_and_the_banner_uses_it(start_mock: Start, tmp_path: Path) -> None:
    seed = tmp_path / "seed.yaml"
    seed.write_text("keys:\n  - {key: MY-KEY, name: Mine}\n", encoding="utf-8")
    mock = start_mock("--seed-file", str(seed))
    (world,) = requests.get(f"{mock.origin}/__admin/worlds", timeout=10).json()["worlds"]
    assert (world["keys"], world["invoices"]) == (1, 0)
    banner, _ = mock.stop()
    assert "MY-KEY" in banner
    assert "ABC123" not in banner


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--port", "abc"], "--port: 'abc' is not a whole number from 0 to 65535"),
        (["--port", "65536"], "--port: '65536' is not a whole number from 0 to 65535"),
        (["--port", "²"], "--port: '²' is not a whole number"),
        (["--masking", "403"], "--masking: '403' is not one of 404, 401, mixed"),
        (["--pay-after-seconds", "nan"], "--pay-after-seconds: 'nan' is not a number of seconds"),
        (["--progression", "luck"], "--progression: 'luck' is not one of time, polls, manual"),
        (["--host", "no.such.host.invalid"], "'no.such.host.invalid' is no address of this machine"),
        (["--seed-file", "/nowhere/seed.yaml"], "/nowhere/seed.yaml: the seed file cannot be read"),
        (["--ready-file", "/nowhere/ready"], "--ready-file: /nowhere/ready cannot be written"),
        (["--config", "/nowhere/mock.toml"], "/nowhere/mock.toml: cannot be read"),
    ],
)
def test_wrong_use_is_one_clear_sentence_and_exit_status_2(
    mock_command: Command, arguments: list[str], sentence: str
) -> None:
    result = mock_command(*arguments)
    assert result.returncode == 2
    assert sentence in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--prot", "80"], "unknown option '--prot'; did you mean '--port'?"),
        (["--prot=80"], "unknown option '--prot'; did you mean '--port'?"),
        (["serve"], "unknown option 'serve'; --help lists all"),
        (["--port"], "--port: expected one argument"),
    ],
)
def test_a_bad_option_is_one_sentence(mock_command: Command, arguments: list[str], sentence: str) -> None:
    result = mock_command(*arguments)
    assert (result.returncode, result.stderr) == (2, f"billecta-mock: {sentence}\n")


def test_a_port_in_use_is_one_clear_sentence(mock_command: Command) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = mock_command("--port", str(taken.getsockname()[1]))
    assert result.returncode == 2
    assert "is in use" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_broken_seed_file_is_one_sentence_with_its_line(mock_command: Command, tmp_path: Path) -> None:
    seed = tmp_path / "seed.yaml"
    seed.write_text("keys:\n  - name: No key\n", encoding="utf-8")
    result = mock_command("--seed-file", str(seed))
    assert result.returncode == 2
    assert f"{seed}, line 2, /keys/0" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_pipe_is_no_seed_file(mock_command: Command, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert "is no regular file" in mock_command("--seed-file", str(pipe)).stderr


def test_a_directory_is_no_ready_file(mock_command: Command, tmp_path: Path) -> None:
    result = mock_command("--ready-file", str(tmp_path))
    assert (result.returncode, "is a directory" in result.stderr, result.stdout) == (2, True, "")


def test_the_environment_sets_what_no_flag_does(mock_command: Command) -> None:
    assert "BILLECTA_MOCK_PORT: 'abc' is not" in mock_command(BILLECTA_MOCK_PORT="abc").stderr
    assert "--port: 'x' is not" in mock_command("--port", "x", BILLECTA_MOCK_PORT="abc").stderr


def test_an_unknown_variable_is_named_with_what_was_probably_meant(mock_command: Command) -> None:
    result = mock_command(BILLECTA_MOCK_PROT="80")
    assert result.returncode == 2
    assert "did you mean 'BILLECTA_MOCK_PORT'?" in result.stderr


def test_a_file_sets_what_neither_flag_nor_environment_does(mock_command: Command, tmp_path: Path) -> None:
    config = tmp_path / "mock.toml"
    config.write_text('port = "abc"\n', encoding="utf-8")
    assert f"{config}: port: 'abc' is not" in mock_command("--config", str(config)).stderr
    config.write_text("prot = 80\n", encoding="utf-8")
    assert f"{config}: unknown option 'prot'; did you mean 'port'?" in mock_command("--config", str(config)).stderr
    config.write_text("port = \n", encoding="utf-8")
    assert f"{config}: is not TOML" in mock_command("--config", str(config)).stderr


def test_help_names_every_option(mock_command: Command) -> None:
    text = mock_command("--help").stdout
    for flag in ("--host", "--port", "--masking", "--seed-file", "--progression", "--random-seed", "--ready-file"):
        assert flag in text


def test_an_empty_variable_is_as_good_as_none_and_an_empty_flag_is_none(mock_command: Command) -> None:
    given = {"BILLECTA_MOCK_SEED_FILE": "", "BILLECTA_MOCK_TLS_SELF_SIGNED": "", "BILLECTA_MOCK_PORT": "x"}
    assert mock_command(**given).stderr.startswith("billecta-mock: BILLECTA_MOCK_PORT: 'x' is not")
    refused = mock_command("--seed-file", "")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == "billecta-mock: --seed-file: '' is not the name of a file or folder\n"


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


def test_a_bad_token_is_refused_without_being_shown(mock_command: Command) -> None:
    result = mock_command("--admin-token", "s3cr t")
    assert result.returncode == 2
    assert "--admin-token: what was given is not 8 to 200" in result.stderr
    assert "s3cr" not in result.stderr


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
