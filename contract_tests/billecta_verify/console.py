"""Where a run is shown."""

from __future__ import annotations

import os
import sys

from rich.console import Console

from billecta_verify.report.layout import UNBOUNDED


class SteadyConsole(Console):
    """Falls silent when its reader goes away (`| head`): a run is judged to its end, and its status stays true."""

    def on_broken_pipe(self) -> None:
        """Let what is still printed, by whomever, go nowhere."""
        self.quiet = True
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def open_console(*, no_color: bool) -> Console:
    """Standard output: a terminal with its width, anything else without one."""
    width = None if sys.stdout is not None and sys.stdout.isatty() else UNBOUNDED
    return SteadyConsole(width=width, no_color=no_color or None, highlight=False)
