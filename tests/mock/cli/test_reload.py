"""Watched files: a change is in use at once, and a broken one changes nothing."""

import re
import time
from pathlib import Path

import pytest
import requests

import billecta_spec

from .conftest import API, KEY, TIMEOUT, Start


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
    shipped = billecta_spec.OPENAPI_FILE.read_text(encoding="utf-8")
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
