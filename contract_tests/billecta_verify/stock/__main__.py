"""Write the files for stock schemathesis into a directory: `python -m billecta_verify.stock DIR`."""

import shutil
import sys
from pathlib import Path
from typing import Final

from billecta_verify.stock import CONFIGURATION, DOCUMENT

_WRONG_USE: Final = 2


def main(arguments: list[str]) -> int:
    """Copy configuration and OpenAPI document, never over a file that is there; return the exit status."""
    if len(arguments) != 1 or arguments[0].startswith("-"):
        sys.stderr.write("usage: python -m billecta_verify.stock DIR\n")
        return _WRONG_USE
    directory = Path(arguments[0])
    files = [(source, directory / source.name) for source in (CONFIGURATION, DOCUMENT)]
    there = [place for _, place in files if place.exists()]
    if there:
        sys.stderr.write(f"{there[0]} is there already: remove it, or name another directory\n")
        return _WRONG_USE
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for source, place in files:
            shutil.copyfile(source, place)
    except OSError as error:
        sys.stderr.write(f"{directory} cannot be written: {error.strerror}\n")
        return _WRONG_USE
    sys.stdout.write(f"st --config-file {files[0][1]} run {files[1][1]}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
