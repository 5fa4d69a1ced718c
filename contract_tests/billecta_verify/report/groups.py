"""Findings that show the same symptom of the same clause, told as one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from billecta_verify.report.model import Finding

_SIZE: Final = re.compile(r"\d+ bytes")
_VARIANT: Final = re.compile(r"\[(.*)\]$")


@dataclass(frozen=True, slots=True)
class Group:
    """Findings of one clause that were observed alike; the first stands for all."""

    findings: tuple[Finding, ...]

    @property
    def first(self) -> Finding:
        """The finding that was made first."""
        return self.findings[0]


def grouped(findings: Iterable[Finding]) -> list[Group]:
    """The groups in the order of their first findings. The size of an answer makes no other symptom."""
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.clause, _SIZE.sub("bytes", finding.observed)), []).append(finding)
    return [Group(tuple(members)) for members in groups.values()]


def name_of(finding: Finding) -> str:
    """The check of a finding in words: `the invoice needs a valid key in its header: no key`."""
    name = finding.check.rpartition("::")[2].removeprefix("test_")
    variant = _VARIANT.search(name)
    words = _VARIANT.sub("", name).replace("_", " ")
    return f"{words}: {variant.group(1)}" if variant else words
