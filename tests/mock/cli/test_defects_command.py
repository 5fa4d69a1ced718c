"""`billecta-mock defects`, and the option `--defect` in its three places."""

import json
import subprocess
import sys
from collections.abc import Callable
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
import requests

from billecta_mock.defects.catalogue import CATALOGUE
from billecta_mock.defects.defect import Group

from .conftest import Command, Start


def test_defects_are_listed_one_a_line_by_group(mock_command: Command) -> None:
    result = mock_command("defects")
    lines = result.stdout.splitlines()
    assert [line.split()[1] for line in lines] == list(CATALOGUE)
    groups = [group for group, _ in groupby(line.split()[0] for line in lines)]
    assert sorted(groups) == sorted(Group)
    assert (result.stderr, result.returncode) == ("", 0)


def test_defects_are_listed_as_json(mock_command: Command) -> None:
    listed = json.loads(mock_command("defects", "--json").stdout)
    assert [defect["name"] for defect in listed] == list(CATALOGUE)


def test_a_reader_that_has_seen_enough_gets_no_error(tmp_path: Path) -> None:
    line = f"{sys.executable} -m billecta_mock defects | {sys.executable} -c 'pass'"
    result = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False, timeout=20)
    assert result.stderr == ""


def test_another_option_of_the_list_is_refused_in_one_sentence(mock_command: Command) -> None:
    result = mock_command("defects", "--name")
    assert result.returncode == 2
    assert result.stderr == (
        "billecta-mock: defects: '--name' is no option; it takes words to look for, --group GROUP, --clause CLAUSE "
        "and --json\n"
    )


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (("--group", "documents"), lambda defect: defect.group == "documents"),
        (("--group=Documents", "--clause", "pdf-2"), lambda defect: defect.clause == "PDF-2"),
        (("pdf", "TAIL"), lambda defect: defect.name == "pdf-tail-missing"),
    ],
)
def test_the_list_can_be_narrowed_by_group_by_clause_and_by_words(
    mock_command: Command, arguments: tuple[str, ...], wanted: Callable[[Any], bool]
) -> None:
    listed = json.loads(mock_command("defects", "--json", *arguments).stdout)
    assert [defect["name"] for defect in listed] == [name for name, defect in CATALOGUE.items() if wanted(defect)]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("defects", "--group", "document"), "defects: --group: 'document' is none; did you mean 'documents'?"),
        (("defects", "--clause", "XYZ"), "defects: --clause: 'XYZ' is none; there are AUTH-1"),
        (("defects", "no-such-word"), "defects: no defect has all of that; without words, the whole list is printed"),
        (("defect",), "unknown option 'defect'; did you mean the command 'defects'?"),
    ],
)
def test_what_is_not_in_the_list_is_said_in_one_sentence(
    mock_command: Command, arguments: tuple[str, ...], sentence: str
) -> None:
    result = mock_command(*arguments)
    assert (result.returncode, result.stdout, len(result.stderr.splitlines())) == (2, "", 1)
    assert sentence in result.stderr


def test_the_help_shows_the_command(mock_command: Command) -> None:
    assert "billecta-mock defects [WORD ...] [--group GROUP]" in mock_command("--help").stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device here")
def test_a_disk_that_is_full_is_said_in_one_sentence() -> None:
    line = f"{sys.executable} -m billecta_mock defects > /dev/full"
    result = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False, timeout=20)
    sentence = "billecta-mock: standard output cannot be written: No space left on device\n"
    assert (result.returncode, result.stderr) == (1, sentence)


@pytest.mark.parametrize(
    ("arguments", "variables"),
    [(("--defect", "pdf-emty"), {}), ((), {"BILLECTA_MOCK_DEFECT": "pdf-truncated, pdf-emty"})],
)
def test_an_unknown_defect_is_refused_in_one_sentence(
    mock_command: Command, arguments: tuple[str, ...], variables: dict[str, str]
) -> None:
    result = mock_command(*arguments, **variables)
    assert result.returncode == 2
    assert result.stderr == "billecta-mock: --defect: there is no defect 'pdf-emty'; did you mean 'pdf-empty'?\n"


@pytest.mark.parametrize("where", ["flags", "file"])
def test_a_mock_starts_with_several_defects(start_mock: Start, tmp_path: Path, where: str) -> None:
    file = tmp_path / "mock.toml"
    file.write_text('defect = ["pdf-empty", "no-key-needed"]\n', encoding="utf-8")
    flags = ("--defect", "pdf-empty", "--defect", "no-key-needed")
    mock = start_mock(*(flags if where == "flags" else ("--config", str(file))))
    url = f"{mock.origin}/database/limepkg-billecta-integration/fetch-invoice-pdf/1001/"
    answer = requests.get(url, timeout=10)
    assert (answer.status_code, answer.content) == (200, b"")
