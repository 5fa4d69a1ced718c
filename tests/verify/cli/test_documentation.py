"""The commands of docs/verifier.md, run as they stand, against a small deployment in place of the customer's."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.verify.small_server import KEY, LIMITED_KEY, Contract, serving

from billecta_verify.config.options import OPTIONS

pytestmark = pytest.mark.full

REPOSITORY = Path(__file__).parents[3]
TEXT = (REPOSITORY / "docs/verifier.md").read_text(encoding="utf-8")
PAGES = (
    TEXT,
    *((REPOSITORY / f"docs/{name}.md").read_text(encoding="utf-8") for name in ("pytest-suite", "schemathesis")),
)
COMMANDS = [commands for page in PAGES for commands in re.findall(r"```sh\n(.*?)```", page, re.DOTALL)]
TARGET_FILE = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)[0]
PUBLIC_ADDRESS = "https://customer.lime-crm.com/database/limepkg-billecta-integration"


@pytest.mark.parametrize("commands", COMMANDS, ids=range(len(COMMANDS)))
def test_the_commands_do_what_the_text_says(commands: str, tmp_path: Path) -> None:
    for name in ("billecta-verify", "pytest"):
        module = "billecta_verify" if name == "billecta-verify" else "pytest -p no:cacheprovider"
        shim = tmp_path / name
        shim.write_text(f'#!/bin/sh\nexec {sys.executable} -m {module} "$@"\n', encoding="utf-8")
        shim.chmod(0o755)
    for name, program in (("st", "-c 'from schemathesis.cli import schemathesis; schemathesis()'"), ("python", "")):
        shim = tmp_path / name
        shim.write_text(f'#!/bin/sh\nexec {sys.executable} {program} "$@"\n', encoding="utf-8")
        shim.chmod(0o755)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("BILLECTA_", "PYTEST_"))}
    with serving(Contract()) as base_url:
        here = commands.replace(PUBLIC_ADDRESS, base_url).replace("your-key", KEY).replace("limited-key", LIMITED_KEY)
        here = here.replace(f"--{LIMITED_KEY}", "--limited-key")
        (tmp_path / "target.toml").write_text(
            TARGET_FILE.replace(PUBLIC_ADDRESS, base_url).replace("= 5", "= 500"), encoding="utf-8"
        )
        for folder in ("examples", "spec"):
            (tmp_path / folder).symlink_to(REPOSITORY / folder)
        done = subprocess.run(
            ["sh", "-e", "-c", here],
            cwd=tmp_path,
            env={**inherited, "PYTHONPATH": str(REPOSITORY), "PATH": f"{tmp_path}{os.pathsep}{inherited['PATH']}"},
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_flag_is_documented() -> None:
    assert [option.flag for option in OPTIONS if option.flag not in TEXT] == []
