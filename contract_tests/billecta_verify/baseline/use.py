"""A run with a baseline: read before anything is sent, applied to what was found, written where that is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from billecta_verify.baseline.applying import with_baseline
from billecta_verify.baseline.reading import form_of, read_baseline
from billecta_verify.baseline.writing import coverable, written
from billecta_verify.config.loader import UsageError
from billecta_verify.reporting.text import plural

if TYPE_CHECKING:
    from pathlib import Path

    from billecta_verify.baseline.entries import Baseline
    from billecta_verify.config.loader import Configuration
    from billecta_verify.reporting.model import Result


@dataclass(frozen=True, slots=True)
class BaselineOfRun:
    """The baseline that a run is measured by (None: none), and the file to write one to (None: no file)."""

    baseline: Baseline | None
    to_write: Path | None
    force: bool
    today: date

    def applied(self, result: Result) -> Result:
        """The result with what is known marked as such."""
        return result if self.baseline is None else with_baseline(result, self.baseline, self.today, force=self.force)

    def write(self, result: Result) -> str | None:
        """Write the new baseline, if one is asked for; returns what to tell the user. Raises UsageError."""
        if self.to_write is None:
            return None
        suffix = form_of(self.to_write)
        text = written(result, self.baseline, self.today, suffix=suffix, force=self.force)
        try:
            self.to_write.write_text(text, encoding="utf-8")
        except OSError as error:
            raise UsageError(f"the baseline {self.to_write} cannot be written: {error.strerror}") from error
        return self._told(result)

    def _told(self, result: Result) -> str:
        taken = len(coverable(result.findings, force=self.force))
        told = f"{plural(taken, 'deviation')} written to {self.to_write}"
        if taken:
            told += "; fill in each reason, for a baseline with an empty one is refused"
        if left_out := len(result.findings) - taken:
            told += f"; {left_out} of authentication or masking left out, which only --force covers"
        elif self.force:
            told += "; --force: authentication and masking are not left out"
        return told


def baseline_of_run(configuration: Configuration) -> BaselineOfRun:
    """What the configuration says of baselines. Raises UsageError, before anything is sent."""
    baseline = None if configuration.baseline is None else read_baseline(configuration.baseline)
    to_write = configuration.write_baseline
    if to_write is not None:
        form_of(to_write)
        if to_write.exists() and to_write != configuration.baseline:
            raise UsageError(
                f"--write-baseline: {to_write} exists already; name another file, or give it as --baseline too, and "
                "what it says is kept"
            )
    if configuration.force and baseline is None and to_write is None:
        raise UsageError("--force says what a baseline may cover, and there is none: give --baseline FILE")
    return BaselineOfRun(baseline, to_write, configuration.force, datetime.now(UTC).date())
