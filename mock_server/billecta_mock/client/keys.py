"""The keys of a world, by their names and by what their users may do."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final

from billecta_mock.client.connection import UnknownKeyError, is_explained

__tracebackhide__ = is_explained

_SAMPLE: Final[Sequence[Mapping[str, Any]]] = (
    {"key": "ABC123", "name": "Full access"},
    {"key": "READ-ONLY-KEY", "name": "Reads, creates nothing", "operations": ["fetchInvoicePdf", "getSwishPayment"]},
    {"key": "NO-ACCESS-KEY", "name": "Denied by policy", "operations": []},
    {
        "key": "SALES-KEY",
        "name": "Sales, sees its own invoices",
        "invoices": ["1001", "1002", "1003", "1007", "1014", "1019"],
    },
)
"""Those of the sample that a world is made of where no seed is given."""

_CREATES: Final = "createSwishPayment"
_ALL_OR_NONE: Final[Sequence[object]] = ("all", [])


class Keys(Mapping[str, str]):
    """The keys of a world, each under the name that its seed gives it.

    The properties are the first key of a kind, and raise LookupError where the seed has none.
    """

    def __init__(self, seed: Mapping[str, Any] | None = None) -> None:
        """Those of a seed; of the sample where there is none. What is wrong with a seed, the server says."""
        given = seed.get("keys") if isinstance(seed, Mapping) else None
        entries = _SAMPLE if seed is None else given if isinstance(given, list | tuple) else ()
        named = [entry for entry in entries if isinstance(entry, Mapping) and {"key", "name"} <= set(entry)]
        self._entries = {str(entry["name"]): entry for entry in named}

    @property
    def full(self) -> str:
        """Its user may do everything, and sees all invoices."""
        return self._find("that may do everything", lambda policy, sight: policy == sight == "all")

    @property
    def read_only(self) -> str:
        """Its user may read, but not create payments: 403."""
        return self._find(
            "that may read only", lambda policy, _describe_parsed: policy not in _ALL_OR_NONE and _CREATES not in policy
        )

    @property
    def no_access(self) -> str:
        """Its user may do nothing: 403 everywhere."""
        return self._find("that may do nothing", lambda policy, _describe_parsed: not policy)

    @property
    def limited(self) -> str:
        """Its user sees some of the invoices only: 404 on the others."""
        return self._find("that sees some invoices only", lambda _policy, sight: sight != "all")

    def _find(self, kind: str, is_of_kind: Callable[[Any, Any], bool]) -> str:
        for entry in self._entries.values():
            if is_of_kind(entry.get("operations", "all"), entry.get("invoices", "all")):
                return str(entry["key"])
        raise LookupError(f"the seed of this world has no key {kind}; its keys: {', '.join(self) or 'none'}")

    def __getitem__(self, name: str) -> str:
        if name not in self._entries:
            close = get_close_matches(str(name), self._entries, n=1)
            meant = f"did you mean '{close[0]}'?" if close else f"its keys: {', '.join(self) or 'none'}"
            raise UnknownKeyError(f"the seed of this world has no key with the name '{name}'; {meant}")
        return str(self._entries[name]["key"])

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)
