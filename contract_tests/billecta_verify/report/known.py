"""What the terminal says of a baseline: which findings it covers, and which of its entries are out of date."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.text import Text

from billecta_verify.report.layout import lines, plural

if TYPE_CHECKING:
    from billecta_verify.report.model import BaselineUse, Finding, Result


def known_blocks(result: Result, width: int) -> Iterator[Text]:
    """The findings that are known, then what of the baseline has to be mended."""
    use = result.baseline
    if use is None:
        return
    if use.force:
        yield Text("\n" + lines(_forced(use), width), style="bold yellow")
    known = [finding for finding in result.findings if finding.known]
    if known:
        yield Text("\n" + lines(_covered(use), width), style="bold")
        for finding in known:
            yield Text("  " + lines(_one(finding), width - 4, indent="    "), style="yellow")
    if use.notes:
        yield Text(
            f"\n{plural(len(use.notes), 'entry').replace('entrys', 'entries')} of {use.file} to look at:", "bold"
        )
    for note in use.notes:
        yield Text(
            "  " + lines(f"{note.kind}: {note.check} ({note.fingerprint}), {note.text}", width - 4, indent="    ")
        )


def _covered(use: BaselineUse) -> str:
    return f"{plural(use.covered, 'known deviation')}, accepted in {use.file}:"


def _forced(use: BaselineUse) -> str:
    covers = f"{plural(use.forced, 'finding')} of authentication or masking"
    return f"--force was used: the baseline covers {covers}, which it would not cover otherwise"


def _one(finding: Finding) -> str:
    if finding.known is None:
        return finding.check
    accepted = f"until {finding.known.expires}: {finding.known.reason}"
    return f"{finding.clause} {finding.check} {accepted} ({finding.observed})"
