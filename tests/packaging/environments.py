"""Virtual environments that are made for real, with the wheel and what somebody's project needs beside it."""

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

Completed = subprocess.CompletedProcess[str]

_HIDDEN = ("PYTEST", "BILLECTA", "VIRTUAL_ENV", "PYTHON", "COV_")
"""What concerns the environment that these tests themselves run in."""


def run(command: Sequence[str | Path], *, cwd: Path | None = None, **environment: str) -> Completed:
    shown = {name: value for name, value in os.environ.items() if not name.startswith(_HIDDEN)}
    return subprocess.run(
        command, cwd=cwd, env={**shown, **environment}, capture_output=True, text=True, timeout=600, check=False
    )


def lowest(requirements: Sequence[str]) -> list[str]:
    """Each requirement at the lowest version that it allows."""
    return [re.sub(r">=([\d.]+),<[\d.]+", r"==\1", requirement) for requirement in requirements]


def uv_settings() -> dict[str, str]:
    """Where pip is told to look for packages, in the variables of uv, which does not read the settings of pip."""
    names = {
        "index-url": "UV_DEFAULT_INDEX",
        "extra-index-url": "UV_INDEX",
        "find-links": "UV_FIND_LINKS",
        "cert": "SSL_CERT_FILE",
    }
    listed = run([sys.executable, "-m", "pip", "config", "list"]).stdout
    found = re.findall(r"^[\w:]*\.?([\w-]+)='(.*)'$", listed, re.MULTILINE)
    settings = {names[name]: value for name, value in found if name in names}
    return {**settings, "UV_INDEX_STRATEGY": "unsafe-best-match"}


class Environment:
    """A virtual environment of one project: its programs run in the project's folder."""

    def __init__(self, folder: Path, project: Path) -> None:
        self._bin = folder / "bin"
        self._project = project
        done = run([sys.executable, "-m", "venv", folder])
        assert done.returncode == 0, done.stderr

    def install(self, *requirements: str) -> None:
        done = self.python("-m", "pip", "install", "--quiet", *requirements)
        assert done.returncode == 0, done.stderr

    def run(self, program: str, *arguments: str, **environment: str) -> Completed:
        return run([self._bin / program, *arguments], cwd=self._project, **environment)

    def python(self, *arguments: str, **environment: str) -> Completed:
        return self.run("python", *arguments, **environment)

    def pytest(self, *arguments: str, **environment: str) -> Completed:
        return self.python("-m", "pytest", "-p", "no:cacheprovider", *arguments, **environment)

    def megabytes(self) -> int:
        """What has been installed, without pip itself."""
        files = (file for file in self._bin.parent.glob("lib/*/site-packages/**/*") if file.is_file())
        return sum(file.stat().st_size for file in files if not _IS_PIP.search(str(file))) // 1_000_000


_IS_PIP = re.compile(r"site-packages/(pip|setuptools|pkg_resources)\b|__pycache__")
