"""`--ready-file`: there while the server serves, and never an old one."""

import socket
from pathlib import Path

import pytest

from .conftest import Command, Start


@pytest.fixture
def stale(tmp_path: Path) -> Path:
    """What a server that was killed has left."""
    file = tmp_path / "stale"
    file.write_text("http://127.0.0.1:1\n", encoding="utf-8")
    return file


@pytest.mark.parametrize("wrong", [["--port", "abc"], ["--no-such-option"], ["--seed-file", "/nowhere/seed.yaml"]])
def test_a_start_that_fails_leaves_no_old_address_behind(mock_command: Command, stale: Path, wrong: list[str]) -> None:
    assert mock_command("--ready-file", str(stale), *wrong).returncode == 2
    assert list(stale.parent.iterdir()) == []


def test_a_port_in_use_leaves_no_old_address_behind(mock_command: Command, stale: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert mock_command("--port", port, BILLECTA_MOCK_READY_FILE=str(stale)).returncode == 2
    assert not stale.exists()


def test_the_file_that_the_configuration_names_is_taken_away_as_well(mock_command: Command, stale: Path) -> None:
    config = stale.parent / "mock.toml"
    config.write_text(f'ready_file = "{stale}"\nport = "abc"\n', encoding="utf-8")
    assert mock_command("--config", str(config)).returncode == 2
    assert not stale.exists()


@pytest.mark.parametrize("question", ["--help", "--version", "defects"])
def test_a_question_takes_no_file_away(mock_command: Command, stale: Path, question: str) -> None:
    assert mock_command(question, BILLECTA_MOCK_READY_FILE=str(stale)).returncode == 0
    assert stale.exists()


def test_the_file_goes_with_its_server(start_mock: Start, tmp_path: Path) -> None:
    mock = start_mock()
    assert (tmp_path / "ready-0").read_text(encoding="utf-8") == f"{mock.origin}\n"
    mock.stop()
    assert list(tmp_path.iterdir()) == []


def test_the_file_of_a_server_that_was_started_later_stays(start_mock: Start, tmp_path: Path) -> None:
    mock = start_mock()
    (tmp_path / "ready-0").unlink()
    (tmp_path / "ready-0").write_text("http://127.0.0.1:1\n", encoding="utf-8")
    mock.stop()
    assert (tmp_path / "ready-0").read_text(encoding="utf-8") == "http://127.0.0.1:1\n"
