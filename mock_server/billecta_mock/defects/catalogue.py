"""Every defect that there is, by name."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Final

from billecta_mock.defects import (
    addresses,
    authentication,
    codes,
    creating,
    disclosure,
    documents,
    formats,
    invoices,
    keys,
    masking,
    methods,
    permissions,
    status,
    timing,
    validation,
)
from billecta_mock.defects.defect import Defect
from billecta_mock.defects.errors import UnknownDefectError

_GROUPS: Final = (
    addresses, authentication, keys, masking, timing, permissions, documents, invoices,
    creating, validation, status, codes, methods, formats, disclosure,
)  # fmt: skip

UNBREAKABLE: Final[Mapping[str, str]] = {
    "SEC-1": "plain http is a matter of how the server is reached, not of what it answers: start it without TLS",
}
"""Clauses that no defect breaks, and why."""


def _by_name(defects: Iterable[Defect]) -> dict[str, Defect]:
    catalogue: dict[str, Defect] = {}
    for defect in defects:
        if defect.name in catalogue:
            raise ValueError(f"two defects are called '{defect.name}'")
        catalogue[defect.name] = defect
    return catalogue


CATALOGUE: Final[Mapping[str, Defect]] = _by_name(defect for group in _GROUPS for defect in group.DEFECTS)


def check_names(names: Iterable[str]) -> tuple[str, ...]:
    """The names of defects, each once, in the order given. Raises UnknownDefectError for the first that is none."""
    checked: dict[str, None] = {}
    for index, name in enumerate(names):
        if name not in CATALOGUE:
            near = get_close_matches(name, CATALOGUE, n=1)
            raise UnknownDefectError(name, index, near[0] if near else None)
        checked[name] = None
    return tuple(checked)
