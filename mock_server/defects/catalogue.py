"""Every defect that there is, by name."""

from collections.abc import Iterable, Mapping
from typing import Final

from mock_server.defects import authentication, documents
from mock_server.defects.defect import Defect

_GROUPS: Final = (authentication, documents)


def _by_name(defects: Iterable[Defect]) -> dict[str, Defect]:
    catalogue: dict[str, Defect] = {}
    for defect in defects:
        if defect.name in catalogue:
            raise ValueError(f"two defects are called '{defect.name}'")
        catalogue[defect.name] = defect
    return catalogue


CATALOGUE: Final[Mapping[str, Defect]] = _by_name(defect for group in _GROUPS for defect in group.DEFECTS)
