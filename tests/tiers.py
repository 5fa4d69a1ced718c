"""Which tests are quick (`make test`), and which are left to `make test-full`."""

import os
from collections.abc import Iterable
from typing import Final

import pytest
from _pytest.mark import ParameterSet

WEEK: Final = "TEST_WEEK"
"""The variable with the number of the week, set once for all processes of a run: they must collect the same tests."""


def full(cases: Iterable[object]) -> list[ParameterSet]:
    """Cases that are left to the full tier."""
    return [pytest.param(case, marks=pytest.mark.full) for case in cases]


def sampled(cases: Iterable[object], *, every: int) -> list[object]:
    """The cases, all but every n-th of them left to the full tier; which they are changes from week to week."""
    week = int(os.environ[WEEK])
    marked = [(case, index % every == week % every) for index, case in enumerate(cases)]
    return [case if is_quick else pytest.param(case, marks=pytest.mark.full) for case, is_quick in marked]
