"""The mock, and the bare ASGI function that is the limit of what it stands on."""

import json
import sys
from base64 import b64encode
from importlib.metadata import version
from pathlib import Path

from benchmarks.cases import Case
from benchmarks.contestant import Contestant, Reference

_BARE = Path(__file__).with_name("bare.py")


def mock() -> Contestant:
    """The mock with all that it does by default, in one process."""
    return Contestant("billecta-mock", version("lime-billecta-contract"), _mock_command)


def bare() -> Contestant:
    """A function that looks its answer up by the path, and does nothing else."""
    return Contestant("bare ASGI", f"uvicorn {version('uvicorn')}", _bare_command, path=_own_path)


def _mock_command(_folder: Path, port: int, _reference: Reference) -> list[str]:
    program = Path(sys.executable).with_name("billecta-mock")
    return [str(program), "--port", str(port), "--pay-after-seconds", "3600"]


def _bare_command(folder: Path, port: int, reference: Reference) -> list[str]:
    answers = {
        _slug(name): [sample.status, sample.media_type, b64encode(sample.body).decode()]
        for name, sample in reference.samples.items()
    }
    path = folder / "answers.json"
    path.write_text(json.dumps(answers))
    return [sys.executable, str(_BARE), str(port), str(path)]


def _own_path(case: Case) -> str:
    return _slug(case.name)


def _slug(name: str) -> str:
    return "/" + name.lower().replace(" ", "-")
